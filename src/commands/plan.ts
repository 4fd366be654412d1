import type { Http } from "../adapters/http/port.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import type { PlanReport, SettingPlan } from "../terminal/plan/report.ts";
import { planText } from "../terminal/plan/text.ts";
import { styleFor } from "../terminal/style.ts";
import { type LoadedConfig, pathsOf, requireConfig } from "./config.ts";
import { engines } from "./engines.ts";
import { environmentOf, fileRules, marksOf } from "./file-rules.ts";
import { type Command, EXIT, type Io } from "./io.ts";
import { printJson, withJsonErrors } from "./json.ts";
import { storedKey } from "./keys.ts";
import { enrolmentPlans } from "./plan/enrolments.ts";
import { filePlans } from "./plan/files.ts";
import { vaultPlan } from "./plan/session.ts";
import { settingChanges } from "./plan/settings.ts";
import { storeChange } from "./plan/store.ts";

/** What a configuration would do beside what the agent does now. Fetches no secret, asks nobody, changes nothing. */
export const plan: Command = withJsonErrors(async (parsed, io) => {
  const loaded = requireConfig(parsed, io);
  const reader = openReader({ directory: pathsOf(io).stateDir });
  try {
    const report = await planReport(loaded, reader, io);
    if (parsed.flags.json === true) printJson(io, report);
    else {
      const columns = io.out.isTerminal ? io.out.columns : undefined;
      io.out.write(planText(report, styleFor(io.out, io.env), columns));
    }
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
  const marks = key && marksOf(key);
  const settings = settingChanges(reader, config, marks);
  const store = storeChange(reader, config);
  const planned = { reader, settings, isMoved: store !== null };
  const enrolments = enrolmentPlans(await engines(config, nowhere, io), { ...planned, now });
  const environment = environmentOf(io);
  const files = await filePlans(fileRules(config, io), { ...planned, config, environment, marks, enrolments });
  const vault = await vaultPlan(reader, config, io);
  const told = [...settings.vault.map(inVault), ...settings.general];
  const isOther = [...enrolments, ...files].some(({ change }) => change !== "same");
  const changes = store !== null || told.length > 0 || isOther;
  const dropped = settings.general.some(({ key: changed }) => changed === "journal.retention")
    ? (reader?.dropped(now - config.journal.retentionMs) ?? 0)
    : 0;
  const { untold } = settings;
  return {
    ...{ schemaVersion: 1, at: new Date(now), file, changes, store, vault },
    ...{ settings: told, dropped, enrolments, files, untold },
  };
}

function inVault(setting: SettingPlan): SettingPlan {
  return { ...setting, key: `vault.${setting.key}` };
}

/** Engines tell of themselves without it. */
const nowhere: Http = {
  send: () => Promise.reject(new Error("a plan asks nobody")),
  close: async () => {},
};
