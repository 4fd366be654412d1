import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type Home, program } from "./home.ts";

/** A child process that is looked at from outside, as the system sees it. */
export interface Watched {
  /** Resident memory, bytes. */
  resident(): number;
  /** Processor time used so far, milliseconds; of 10 ms each. */
  processorTime(): number;
  /** Rejects when it ends by itself. */
  readonly ended: Promise<never>;
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export function startAgent(home: Home): Watched {
  return watch(spawn(process.execPath, [program, "run"], { env: home.env, stdio: "ignore" }));
}

/** A Node that does nothing. */
export function startIdleNode(): Watched {
  const args = ["-e", "setInterval(() => {}, 2 ** 30)"];
  return watch(spawn(process.execPath, args, { env: { PATH: process.env.PATH }, stdio: "ignore" }));
}

function watch(child: ChildProcess): Watched {
  const pid = Number(child.pid);
  const exited = once(child, "exit");
  const alive = () => {
    if (child.exitCode !== null) throw new Error(`the measured process ended by itself with ${child.exitCode}`);
  };
  const ended = exited.then((): never => {
    throw new Error(`the measured process ended with ${child.exitCode ?? child.signalCode}`);
  });
  ended.catch(() => {});
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const leave = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
    process.off("exit", end);
  };
  return {
    ended,
    resident() {
      alive();
      return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    },
    processorTime() {
      alive();
      // proc(5): utime and stime are fields 14 and 15, in hundredths of a second; the name in field 2 may hold anything.
      const [, rest = ""] = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      const fields = rest.split(" ");
      return 10 * (Number(fields[11]) + Number(fields[12]));
    },
    stop: () => leave("SIGTERM"),
    kill: () => leave("SIGKILL"),
  };
}
