import { parentPort, workerData } from "node:worker_threads";
import { DotvaultError } from "../../errors.ts";
import type { Job, Reply } from "./aside.ts";
import { formatFor } from "./formats/index.ts";

/** A thread that does one job for {@link formatAside} and ends. */
function answer({ format, call, args }: Job): Reply {
  try {
    const handler = formatFor(format);
    const work: (...given: never[]) => unknown = handler[call];
    return { ok: true, result: work(...(args as never[])) };
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    const { code, message, hint } = error;
    return { ok: false, code, message, hint };
  }
}

parentPort?.postMessage(answer(workerData as Job));
