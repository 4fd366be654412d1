import { statSync } from "node:fs";
import type { FsPort } from "../../adapters/files/index.ts";
import type { Http } from "../../adapters/http/port.ts";
import type { SecretStore } from "../../adapters/store-port.ts";
import type { Plan } from "../../agent/agent.ts";
import { withCircles } from "../../agent/circle/circles.ts";
import { Outcomes } from "../../agent/outcomes.ts";
import type { Clock, Enrolment, Log } from "../../agent/ports.ts";
import { programRunner } from "../../agent/post.ts";
import type { Marks } from "../../agent/rule-file/deps.ts";
import { createRuleSync, type RuleSync } from "../../agent/rules.ts";
import { Turns } from "../../agent/turns.ts";
import { hostOf } from "../../agent/vault-session/names.ts";
import type { Config } from "../../config/config.ts";
import type { Journal, Json, JsonObject } from "../../journal/port.ts";
import { RULE } from "../../machines/stream/names.ts";
import type { Key } from "../../seal/key.ts";
import type { Io } from "../cli/io.ts";
import { CONFIGURATION, type Noted, notedOf } from "../plan/noted.ts";
import { storeMark } from "../plan/store.ts";
import type { LoadedConfig } from "./config.ts";
import { engines } from "./engines.ts";
import { environmentOf, fileRules, marksOf } from "./file-rules.ts";
import type { SwitchableFiles } from "./switchable-files.ts";
import { withoutTokens } from "./token-source.ts";

/** What a plan's parts are made from. */
export interface Means {
  readonly journal: Journal;
  readonly store: SecretStore;
  readonly http: Http;
  readonly fs: FsPort;
  readonly clock: Clock;
  readonly log: Log;
  readonly io: Io;
  readonly files: SwitchableFiles;
  readonly key: Key;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * Makes plans of configurations, one after the other: what each says is put on record, and the files follow it.
 *
 * @param first with whose store the agent stays until it is started again
 */
export function planner(means: Means, first: Config): (loaded: LoadedConfig) => Promise<Plan> {
  const { journal, store, http, clock, log, io, files, random } = means;
  const marks = marksOf(means.key);
  const { vault } = notedOf(first, marks);
  const outcomes = new Outcomes(journal, log);
  const turns = new Turns(clock);
  const followed = async (config: Config, enrolments: readonly Enrolment[]): Promise<RuleSync> => {
    const rules = rulesOf(config, { ...means, outcomes, turns, marks });
    await files.now?.close();
    files.now = withCircles(rules, enrolments, { journal, clock, random, log, news: files.news });
    return files.now;
  };
  return async ({ config, file }) => {
    note(journal, { config, file, first, vault, marks });
    const enrolments = await engines(config, http, io, store);
    return planOf(config, enrolments, await followed(config, enrolments));
  };
}

type RuleMeans = Means & { readonly outcomes: Outcomes; readonly turns: Turns; readonly marks: Marks };

function rulesOf(config: Config, { journal, outcomes, turns, clock, fs, log, io, marks }: RuleMeans): RuleSync {
  return createRuleSync(fileRules(config, io), {
    ...{ journal: outcomes, turns, clock, fs, log, marks },
    known: () => journal.heads(RULE),
    run: programRunner(withoutTokens(io.env, config), log),
    environment: environmentOf(io),
  });
}

interface ToNote {
  readonly config: Config;
  readonly file: string;
  readonly first: Config;
  /** Of the first one, as it is noted. */
  readonly vault: Noted["vault"];
  readonly marks: Marks;
}

/** What `status` and `plan` go by while no configuration can be read, or another one is. */
function note(journal: Journal, { config, file, first, vault, marks }: ToNote): void {
  setIfNews(journal, "rules", ruleNames(config));
  setIfNews(journal, "configFile", fileMark(file));
  const { address } = first.vault;
  setIfNews(journal, "store", storeMark(first));
  setIfNews(journal, "vault", address === undefined ? null : hostOf(address));
  const noted = notedOf(config, marks);
  const waits = JSON.stringify(noted.vault) !== JSON.stringify(vault);
  setIfNews(journal, CONFIGURATION, { ...noted, vault, waits });
}

function setIfNews(journal: Journal, name: string, value: Json): void {
  if (JSON.stringify(journal.fact(name)) !== JSON.stringify(value)) journal.setFact(name, value);
}

/** By this `status` knows that the names in the journal are still those of the configuration, without reading it. */
function fileMark(path: string): { path: string; mtimeMs: number; size: number } {
  const { mtimeMs, size } = statSync(path);
  return { path, mtimeMs, size };
}

/** What `status` says of rules that have not run yet. */
function ruleNames({ rules }: Config): JsonObject[] {
  return rules.map(({ name, vaultKey = null, target }) => {
    const { path, format, mergeKey = null } = target;
    return { name, secret: vaultKey, path, format, mergeKey };
  });
}

function planOf(config: Config, enrolments: readonly Enrolment[], rules: RuleSync): Plan {
  return {
    enrolments,
    secrets: rules.secrets,
    syncEvery: config.sync.intervalMs,
    watchEvery: Math.min(config.sync.watchMs, config.sync.intervalMs),
    retention: config.journal.retentionMs,
    keyless: async () => void (await rules.keyless()),
  };
}
