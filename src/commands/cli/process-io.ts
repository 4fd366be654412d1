import { fstatSync, statSync, writeSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import type { Io, Screen } from "./io.ts";

/**
 * This process as its command sees it. Node's own streams are made only where somebody may be looking: making them takes
 * longer than a whole `dotvault version`.
 */
export function processIo(): Io {
  return {
    env: process.env,
    platform: process.platform,
    home: homedir(),
    cwd: process.cwd(),
    user: userInfo().username,
    now: Date.now,
    out: stdout,
    err: stderr,
    input: {
      get isTerminal() {
        return mayBeTerminal(0) && process.stdin.isTTY === true;
      },
      readLine,
      readAll,
      readHidden: async (ask) => (await import("../../terminal/live/hidden-line.ts")).readHiddenLine(ask),
      keys: async (pressed) => (await import("../../terminal/live/keyboard.ts")).listenToKeys(pressed),
    },
  };
}

export const stdout: Screen = screen(1, () => process.stdout);
export const stderr: Screen = screen(2, () => process.stderr);

function screen(file: 1 | 2, made: () => NodeJS.WriteStream): Screen {
  let known: NodeJS.WriteStream | undefined | null = null;
  const terminal = () => {
    if (known === null) known = terminalOn(file, made);
    return known;
  };
  return {
    get isTerminal() {
      return terminal() !== undefined;
    },
    get columns() {
      return terminal()?.columns ?? 80;
    },
    get rows() {
      return terminal()?.rows;
    },
    write(text) {
      const shown = terminal();
      if (shown) shown.write(text);
      else writeAll(file, text);
    },
  };
}

function terminalOn(file: 1 | 2, made: () => NodeJS.WriteStream): NodeJS.WriteStream | undefined {
  if (!mayBeTerminal(file)) return undefined;
  const stream = made();
  if (stream.isTTY !== true) return undefined;
  return stream.on("error", ({ code }: NodeJS.ErrnoException) => unwritable(file, code));
}

/** A pipe, a file and a socket are none, and `/dev/null`, a device like a terminal, is not either. */
function mayBeTerminal(file: number): boolean {
  try {
    const device = fstatSync(file);
    return device.isCharacterDevice() && device.rdev !== statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
  } catch {
    return false;
  }
}

/** As Node writes to pipes and files on POSIX systems: all of it before it returns. */
function writeAll(file: 1 | 2, text: string): void {
  let rest = Buffer.from(text, "utf8");
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(file, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EAGAIN") {
        unwritable(file, code);
        return;
      }
      pauseBriefly();
    }
  }
}

/** The other end of a pipe that must not block is not ready yet. */
function pauseBriefly(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
}

/** A reader that has gone away (`dotvault log | head`) is no error of ours; an agent whose log nobody takes goes on. */
function unwritable(file: 1 | 2, code: string | undefined): void {
  if (file === 1) process.exit(code === "EPIPE" ? 0 : 1);
}

async function readLine(): Promise<string | undefined> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line;
    return undefined;
  } finally {
    lines.close();
  }
}

async function readAll(): Promise<string> {
  const { text } = await import("node:stream/consumers");
  return text(process.stdin);
}
