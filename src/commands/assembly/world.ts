import { randomInt, randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { hostname } from "node:os";
import { type FsPort, nodeFs } from "../../adapters/files/index.ts";
import { createHttp } from "../../adapters/http/create.ts";
import type { Http } from "../../adapters/http/port.ts";
import type { SecretStore } from "../../adapters/store-port.ts";
import type { Plan } from "../../agent/agent.ts";
import { withCircles } from "../../agent/circle/circles.ts";
import { Outcomes } from "../../agent/outcomes.ts";
import type { Clock, Enrolment, FileSync, Log, Sealer, SyncReport, World } from "../../agent/ports.ts";
import { programRunner } from "../../agent/post.ts";
import { createRuleSync, type RuleSync } from "../../agent/rules.ts";
import { Turns } from "../../agent/turns.ts";
import { hostOf } from "../../agent/vault-session/names.ts";
import type { Config } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { openJournal } from "../../journal/journal.ts";
import type { Journal, JsonObject } from "../../journal/port.ts";
import { RULE } from "../../machines/stream/names.ts";
import { digest } from "../../seal/digest.ts";
import type { Key } from "../../seal/key.ts";
import { open, seal } from "../../seal/seal.ts";
import type { Io } from "../cli/io.ts";
import { CONFIGURATION, type Noted, notedOf } from "../plan/noted.ts";
import { storeMark } from "../plan/store.ts";
import { readVersion } from "../version.ts";
import type { LoadedConfig } from "./config.ts";
import { engines } from "./engines.ts";
import { environmentOf, fileRules, marksOf } from "./file-rules.ts";
import { openKey } from "./keys.ts";
import { notifiers } from "./notify.ts";
import { LateSession, openStore, sessionsLeft } from "./open-store.ts";
import { withoutTokens } from "./token-source.ts";

/** What the agent touches of the world. A test puts its own around them: to kill the process at a point, to move the clock. */
export interface Ports {
  readonly journal: Journal;
  readonly store: SecretStore;
  readonly http: Http;
  readonly fs: FsPort;
  readonly clock: Clock;
}
export type WrapPorts = (ports: Ports) => Ports;

/** The real world, put together from the configuration; the caller holds the lock. */
export interface RealWorld {
  readonly world: World;
  readonly plan: Plan;
  readonly key: Key;
  /** What the store was opened with. */
  readonly vault: Config["vault"];
  /** Follows a changed configuration; the store stays the one that the agent began with. */
  replan(loaded: LoadedConfig): Promise<Plan>;
  close(): Promise<void>;
}

export async function openWorld(
  where: Paths,
  loaded: LoadedConfig,
  io: Io,
  { log, wrap = (ports) => ports }: { readonly log: Log; readonly wrap?: WrapPorts | undefined },
): Promise<RealWorld> {
  const key = await openKey(where, io, loaded.config.journal.key);
  const opened = openJournal({ directory: where.stateDir, key, clock: io.now, appVersion: readVersion() });
  const late = new LateSession();
  const real = await openStore(where, loaded.config, { io, key, log, sessionOf: () => late });
  const { journal, store, http, fs, clock } = wrap({
    journal: opened,
    store: real.store,
    http: createHttp({ env: io.env }),
    fs: nodeFs,
    clock: systemClock(io.now),
  });
  const files = new SwitchableFiles();
  const [outcomes, turns] = [new Outcomes(journal, log), new Turns(clock)];
  const basis = { journal, sealer: sealerOf(key), clock, random: () => randomInt(2 ** 32) / 2 ** 32, log };
  const session = real.port && (await late.keep(basis, real.port));
  const world: World = {
    ...basis,
    store,
    session,
    left: await sessionsLeft(basis, session?.stream, io),
    files,
    newSession: randomUUID,
    machine: { id: machineId(journal), name: `${io.user}@${hostname()}` },
    ...notifiers(io, log),
  };
  const place = storeMark(loaded.config);
  const { address } = loaded.config.vault;
  const server = address === undefined ? null : hostOf(address);
  const marks = marksOf(key);
  const { vault } = notedOf(loaded.config, marks);
  const replan = async ({ config: changed, file }: LoadedConfig): Promise<Plan> => {
    journal.setFact("rules", ruleNames(changed));
    journal.setFact("configFile", fileMark(file));
    if (journal.fact("store") !== place) journal.setFact("store", place);
    if (journal.fact("vault") !== server) journal.setFact("vault", server);
    const noted = notedOf(changed, marks);
    const waits = JSON.stringify(noted.vault) !== JSON.stringify(vault);
    noteConfiguration(journal, { ...noted, vault, waits });
    const known = () => journal.heads(RULE);
    const run = programRunner(withoutTokens(io.env, changed), log);
    const own = { run, known, marks, environment: environmentOf(io) };
    const rules = createRuleSync(fileRules(changed, io), { journal: outcomes, turns, clock, fs, log, ...own });
    const enrolments = await engines(changed, http, io, store);
    await files.now?.close();
    files.now = withCircles(rules, enrolments, { journal, clock, random: world.random, log, news: files.news });
    return planOf(changed, enrolments, files.now);
  };
  return {
    world,
    plan: await replan(loaded),
    key,
    vault: loaded.config.vault,
    replan,
    close: async () => {
      await Promise.all([http.close(), real.close(), files.now?.close()]);
      journal.close();
    },
  };
}

/** By this `status` knows that the names in the journal are still those of the configuration, without reading it. */
function fileMark(path: string): { path: string; mtimeMs: number; size: number } {
  const { mtimeMs, size } = statSync(path);
  return { path, mtimeMs, size };
}

/** By this `plan` knows what another one changes. */
function noteConfiguration(journal: Journal, noted: Noted): void {
  if (JSON.stringify(journal.fact(CONFIGURATION)) !== JSON.stringify(noted)) journal.setFact(CONFIGURATION, noted);
}

/** What `status` says of rules that have not run yet. */
function ruleNames({ rules }: Config): JsonObject[] {
  return rules.map(({ name, vaultKey = null, target }) => {
    const { path, format, mergeKey = null } = target;
    return { name, secret: vaultKey, path, format, mergeKey };
  });
}

/** The rules of the configuration that holds now. */
class SwitchableFiles implements Required<FileSync> {
  now: RuleSync | undefined;
  #listener: () => void = () => {};

  readonly news = (): void => this.#listener();

  onNews(listener: () => void): void {
    this.#listener = listener;
  }

  wants(secret: string): boolean {
    return this.now?.wants?.(secret) ?? false;
  }

  hurry(): void {
    this.now?.hurry?.();
  }

  async settled(): Promise<void> {
    await this.now?.settled?.();
  }

  async sync(...args: Parameters<FileSync["sync"]>): Promise<SyncReport> {
    return this.now?.sync(...args) ?? { written: [], failed: [], passing: false };
  }

  async missing(...args: Parameters<FileSync["missing"]>): Promise<SyncReport> {
    return this.now?.missing(...args) ?? { written: [], failed: [], passing: false };
  }

  answer(...args: Parameters<RuleSync["answer"]>): Promise<void> | undefined {
    return this.now?.answer(...args);
  }

  async untouched(secret: string): Promise<boolean> {
    return this.now?.untouched(secret) ?? false;
  }

  together<T>(pass: () => Promise<T>): Promise<T> {
    return this.now?.together(pass) ?? pass();
  }
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

export function systemClock(now: () => number): Clock {
  return {
    now,
    at(time, wake) {
      const timer = setTimeout(wake, Math.max(0, time - now()));
      return () => clearTimeout(timer);
    },
  };
}

export function sealerOf(key: Key): Sealer {
  return {
    seal: ({ id, kind, stream, at }, bytes) => seal(key, { id, kind, subject: stream, at }, bytes),
    open: ({ id, kind, stream }, jwe) => open(key, jwe, { id, kind, subject: stream }),
    digest,
  };
}

/** Made once, with the journal: by it leases and tokens of this machine are told from others'. */
function machineId(journal: Journal): string {
  const known = journal.fact("machineId");
  if (typeof known === "string") return known;
  const id = randomUUID();
  journal.setFact("machineId", id);
  return id;
}
