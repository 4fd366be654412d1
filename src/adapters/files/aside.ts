import type { Worker } from "node:worker_threads";
import { DotvaultError } from "../../errors.ts";
import type { Format, FormatName } from "./formats/format.ts";
import { formatFor } from "./formats/index.ts";

type Call = "merge" | "values" | "remove";

/** What a thread of its own is for. */
export type Job =
  | {
      readonly what: "format";
      readonly format: FormatName;
      readonly call: Call;
      readonly args: readonly unknown[];
    }
  | {
      readonly what: "render";
      readonly name: string;
      readonly source: string;
      /** The data as JSON, numbers as they are spelled. */
      readonly json: string;
      readonly singleLine: boolean;
      readonly username: string;
      /** Environment variables, as far as they were asked for. */
      readonly env: Readonly<Record<string, string | undefined>>;
    };

export type Reply =
  | { readonly ok: true; readonly result: unknown }
  /** An environment variable that the template asks for. */
  | { readonly ok: "asks"; readonly variable: string }
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
      return (await inThread({ what: "format", format: name, call: which, args })) as ReturnType<Format[C]>;
    };
  return { merge: call("merge"), values: call("values"), remove: call("remove") };
}

/** The job can't be done without this environment variable. */
export class AsksFor extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(`the template asks for ${variable}`);
    this.variable = variable;
  }
}

let last: Promise<unknown> = Promise.resolve();

/** One at a time: a file of 4 MB takes some hundred megabytes while it is worked on. */
export function inThread(job: Job): Promise<unknown> {
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
  if (reply.ok === "asks") throw new AsksFor(reply.variable);
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
