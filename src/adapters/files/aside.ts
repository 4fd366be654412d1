import type { Worker } from "node:worker_threads";
import { DotvaultError } from "../../errors.ts";
import type { Format, FormatName } from "./formats/format.ts";
import { formatFor } from "./formats/index.ts";

type Call = "merge" | "values" | "remove";

export interface Job {
  readonly format: FormatName;
  readonly call: Call;
  readonly args: readonly unknown[];
}

export type Reply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly hint: string | undefined };

type Aside = {
  readonly [C in Call]: (...args: Parameters<Format[C]>) => Promise<ReturnType<Format[C]>>;
};

/**
 * Texts from here on (characters, the file and the rendering together) are worked on in a thread of their own: the slowest
 * format takes 2 ms for each of the first thousand characters, and nothing else happens in the agent meanwhile.
 */
export const LARGE = 32 * 1024;

/** The handler of a format, which does not hold up the process however large the file is. Rejects with what it throws. */
export function formatAside(name: FormatName): Aside {
  const call =
    <C extends Call>(which: C) =>
    async (...args: Parameters<Format[C]>): Promise<ReturnType<Format[C]>> => {
      const handler = formatFor(name)[which] as (...given: Parameters<Format[C]>) => ReturnType<Format[C]>;
      const size = args.reduce<number>((sum, arg) => sum + (typeof arg === "string" ? arg.length : 0), 0);
      if (name === "text" || size < LARGE) return handler(...args);
      return (await inThread({ format: name, call: which, args })) as ReturnType<Format[C]>;
    };
  return { merge: call("merge"), values: call("values"), remove: call("remove") };
}

let last: Promise<unknown> = Promise.resolve();

/** One at a time: a file of 4 MB takes some hundred megabytes while it is worked on. */
function inThread(job: Job): Promise<unknown> {
  const turn = last.then(() => run(job));
  last = turn.catch(() => undefined);
  return turn;
}

async function run(job: Job): Promise<unknown> {
  const { Worker } = await import("node:worker_threads");
  // In dist/ it is an entry of the bundle (scripts/bundle.mjs).
  const file = import.meta.url.endsWith(".ts") ? "./format-worker.ts" : "./format-worker.cjs";
  const worker = new Worker(new URL(file, import.meta.url), { workerData: job, env: {}, stdout: true, stderr: true });
  const reply = await replyOf(worker);
  await worker.terminate();
  if (reply.ok) return reply.result;
  throw new DotvaultError(reply.code, reply.message, reply.hint === undefined ? {} : { hint: reply.hint });
}

function replyOf(worker: Worker): Promise<Reply> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", (error) => reject(tooMuch(error) ?? error));
    worker.once("exit", () => reject(new Error("the thread ended without an answer")));
  });
}

function tooMuch(error: unknown): DotvaultError | undefined {
  if (!(error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY")) return undefined;
  const hint = "keep credentials in a smaller file of their own";
  return new DotvaultError("files.too-large", "the file takes more memory than there is", { hint });
}
