import { parentPort, workerData } from "node:worker_threads";
import { DotvaultError } from "../../errors.ts";
import { parseSpelled } from "../store-port.ts";
import { AsksFor, type Job, type Reply } from "./aside.ts";
import { formatFor } from "./formats/index.ts";
import { compile } from "./template/template.ts";

/** A thread that does one job, see aside.ts, and ends. */
function answer(job: Job): Reply {
  try {
    return { ok: true, result: job.what === "format" ? edited(job) : rendered(job) };
  } catch (error) {
    if (error instanceof AsksFor) return { ok: "asks", variable: error.variable };
    if (!(error instanceof DotvaultError)) throw error;
    const { code, message, hint } = error;
    return { ok: false, code, message, hint };
  }
}

function edited({ format, call, args }: Job & { readonly what: "format" }): unknown {
  const work: (...given: never[]) => unknown = formatFor(format)[call];
  return work(...(args as never[]));
}

function rendered({ name, source, json, env, username, singleLine }: Job & { readonly what: "render" }): string {
  const variable = (asked: string) => {
    if (!Object.hasOwn(env, asked)) throw new AsksFor(asked);
    return env[asked];
  };
  return compile(source, { name }).render(parseSpelled(json), { env: variable, username }, { singleLine });
}

parentPort?.postMessage(answer(workerData as Job));
