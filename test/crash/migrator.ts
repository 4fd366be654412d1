import { Worker } from "node:worker_threads";
import { Connection } from "../../src/journal/connection.ts";
import { migrate } from "../../src/journal/migrate.ts";
import { FUTURE } from "../support/torture/formats.ts";

// node migrator.ts <journal.db> <ms>   brings a journal of the first format to today's and to some that are yet to come, as
// a start does, and kills itself after so many milliseconds of that: from a thread, since a migration lets nothing else run.
const [path = "", ms = ""] = process.argv.slice(2);
const KILLER = `
const { workerData, parentPort } = require("node:worker_threads");
parentPort.once("message", () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData.ms);
  process.kill(workerData.pid, "SIGKILL");
});
parentPort.postMessage("ready");
`;
const connection = new Connection(path);
const killer = new Worker(KILLER, { eval: true, workerData: { ms: Number(ms), pid: process.pid } });
killer.once("message", () => {
  killer.postMessage("go");
  migrate(connection, FUTURE);
  connection.close();
  process.exit();
});
