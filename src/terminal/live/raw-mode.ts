import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import type { Writable } from "node:stream";

/**
 * Single keys, without an echo. The modes come back on every way out: by the caller, by the end of the process, and by a
 * guard for the ends that no handler sees (SIGKILL): a child that waits for the end of a pipe of ours.
 */
export class RawMode {
  readonly #input: NodeJS.ReadStream;
  readonly #atExit = () => this.leave();
  #guard: ChildProcess | undefined;
  #isRaw = false;

  constructor(input: NodeJS.ReadStream) {
    this.#input = input;
  }

  enter(): void {
    if (this.#isRaw) return;
    const before = modes();
    this.#input.setRawMode(true);
    this.#isRaw = true;
    process.once("exit", this.#atExit);
    const raw = modes();
    if (before !== undefined && raw !== undefined) this.#guard = guard(before, raw);
  }

  leave(): void {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    process.off("exit", this.#atExit);
    this.#input.setRawMode(false);
    (this.#guard?.stdio[3] as Writable | undefined)?.end("done\n");
    this.#guard = undefined;
  }
}

/** As stty(1) writes them for itself to read (POSIX). */
function modes(): string | undefined {
  const { status, stdout } = spawnSync("stty", ["-g"], { stdio: [0, "pipe", "ignore"], encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** The modes come back only while they are as we left them: a shell may have set its own already. */
const GUARD = 'read -r done <&3 && exit 0; [ "$(stty -g)" = "$2" ] && exec stty "$1"';

/** In a session of its own: no signal of the terminal reaches it, and no job control keeps it from the terminal. */
function guard(before: string, raw: string): ChildProcess {
  const child = spawn("sh", ["-c", GUARD, "sh", before, raw], {
    stdio: [0, "ignore", "ignore", "pipe"],
    detached: true,
  });
  child.on("error", () => {});
  child.stdio[3]?.on("error", () => {});
  child.unref();
  (child.stdio[3] as unknown as { unref(): void }).unref();
  return child;
}
