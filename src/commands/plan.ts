import type { Http } from "../adapters/http/port.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { type PlanReport, planText } from "../terminal/plan.ts";
import { styleFor } from "../terminal/style.ts";
import { type LoadedConfig, pathsOf, requireConfig } from "./config.ts";
import { engines } from "./engines.ts";
import { environmentOf, fileRules, marksOf } from "./file-rules.ts";
import { type Command, EXIT, type Io } from "./io.ts";
import { printJson, withJsonErrors } from "./json.ts";
import { storedKey } from "./keys.ts";
import { enrolmentPlans } from "./plan/enrolments.ts";
import { filePlans } from "./plan/files.ts";
import { storeChange } from "./plan/store.ts";

/** What a configuration would do beside what the agent does now. Fetches no secret, asks nobody, changes nothing. */
export const plan: Command = withJsonErrors(async (parsed, io) => {
  const loaded = requireConfig(parsed, io);
  const reader = openReader({ directory: pathsOf(io).stateDir });
  try {
    const report = await planReport(loaded, reader, io);
    if (parsed.flags.json === true) printJson(io, report);
    else io.out.write(planText(report, styleFor(io.out, io.env)));
    return EXIT.healthy;
  } finally {
    reader?.close();
  }
});

async function planReport(
  { config, file }: LoadedConfig,
  reader: JournalReader | undefined,
  io: Io,
): Promise<PlanReport> {
  const now = io.now();
  const key = storedKey(pathsOf(io));
  const enrolments = enrolmentPlans(await engines(config, nowhere, io), { reader, now });
  const environment = environmentOf(io);
  const files = await filePlans(fileRules(config, io), { reader, config, environment, marks: key && marksOf(key) });
  const store = storeChange(reader, config);
  const changes = store !== null || [...enrolments, ...files].some(({ change }) => change !== "same");
  return { schemaVersion: 1, at: new Date(now), file, changes, store, enrolments, files };
}

/** Engines tell of themselves without it. */
const nowhere: Http = {
  send: () => Promise.reject(new Error("a plan asks nobody")),
  close: async () => {},
};
