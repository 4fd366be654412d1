import type { Http } from "../../adapters/http/port.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { PlanReport, SettingPlan } from "../../terminal/plan/report.ts";
import { type LoadedConfig, pathsOf } from "../assembly/config.ts";
import { engines } from "../assembly/engines.ts";
import { environmentOf, fileRules, marksOf } from "../assembly/file-rules.ts";
import { storedKey } from "../assembly/keys.ts";
import type { Io } from "../cli/io.ts";
import { enrolmentPlans } from "./enrolments.ts";
import { filePlans } from "./files.ts";
import { vaultPlan } from "./session.ts";
import { settingChanges } from "./settings.ts";
import { storeChange } from "./store.ts";

/** What a configuration would do beside what the agent does now. */
export async function planReport(
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
