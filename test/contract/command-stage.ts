import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Actors } from "../../src/agent/actors.ts";
import { CircleStream, type NewCircleEvent } from "../../src/agent/circle/stream.ts";
import type { World } from "../../src/agent/ports.ts";
import type { NewEvent } from "../../src/agent/task.ts";
import { SessionActors } from "../../src/agent/vault-session/actors.ts";
import type { SessionHappening } from "../../src/agent/vault-session/session.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import type { Io, Screen } from "../../src/commands/cli/io.ts";
import { parseCommandLine } from "../../src/commands/cli/parse.ts";
import { paths } from "../../src/config/paths.ts";
import { DotvaultError } from "../../src/errors.ts";
import { openJournal } from "../../src/journal/journal.ts";
import { acquireLock, type Lock } from "../../src/journal/lock.ts";
import type { Journal, Json, JsonObject, NewIntent, OpenIntent } from "../../src/journal/port.ts";
import {
  type Context,
  emptyContext,
  type Pair,
  type SecretRef,
  type Settings,
} from "../../src/machines/enrolment/context.ts";
import { streamOf } from "../../src/machines/stream/names.ts";
import type { StateValue } from "../../src/machines/stream/state-name.ts";
import { createKey } from "../../src/seal/key-file.ts";

// A home with a journal in it, a clock that stands still, and a prompt to type commands at.

process.env.TZ = "UTC";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What is shown instead of the temporary home. */
const SHOWN_HOME = "/home/alice";

export interface Typed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Both, as they appear on a terminal. */
  readonly both: string;
}

export class Stage implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), "dotvault-stage-"));
  readonly where = paths({}, "linux", this.home);
  now: number;
  readonly key = createKey(this.where.key);
  #journal: Journal | undefined;
  #lock: Lock | undefined;

  constructor(now: number = Date.UTC(2026, 10, 21, 14, 14)) {
    this.now = now;
  }

  /** Opened on first use, like the agent does. */
  get journal(): Journal {
    this.#journal ??= openJournal({
      directory: this.where.stateDir,
      key: this.key,
      clock: () => this.now,
      appVersion: "0.1.0",
    });
    return this.#journal;
  }

  /** From here on an agent runs, that is, holds the lock. */
  agentRuns(): void {
    const lock = acquireLock({ directory: this.where.stateDir, command: "dotvault run", clock: () => this.now });
    if ("heldBy" in lock) throw new Error("the stage's own lock is held");
    this.#lock = lock;
  }

  configure(yaml: string): void {
    mkdirSync(dirname(this.where.userConfig), { recursive: true });
    writeFileSync(this.where.userConfig, yaml, { mode: 0o600 });
  }

  /** What the agent notes of the configuration. */
  noteConfiguration(enrolments: readonly JsonObject[], rules: readonly JsonObject[] = []): void {
    this.journal.setFact("configured", enrolments);
    this.journal.setFact("rules", rules);
    const stat = statSync(this.where.userConfig, { throwIfNoEntry: false });
    if (stat) {
      const { mtimeMs, size } = stat;
      this.journal.setFact("configFile", { path: this.where.userConfig, mtimeMs, size });
    }
  }

  /** An enrolment as the journal has it, by one event that left it so. */
  enrolment(name: string, value: StateValue, context: Partial<Context>, rest: Partial<Standing> = {}): void {
    const { since = this.now, wakes = [], intents = [], failures = [] } = rest;
    const snapshot = { value, context: { ...emptyContext, settings: settings(name), ...context } };
    this.journal.append({
      stream: streamOf(name),
      expectedVersion: this.journal.head(streamOf(name))?.version ?? 0,
      machineVersion: 1,
      event: { type: "CONFIGURED", at: since },
      state: value as Json,
      snapshot: snapshot as unknown as JsonObject,
      wakes,
      intents: [...intents, ...failures.map(({ intent }) => intent)],
    });
    for (const { intent, failure, attempt, dueAt } of failures) {
      this.journal.reschedule(intent.id, { dueAt, attempt, phase: "open", failure });
    }
  }

  rule(name: string, snapshot: JsonObject & { readonly value: string }): void {
    this.journal.append({
      stream: `rule/${name}`,
      expectedVersion: this.journal.head(`rule/${name}`)?.version ?? 0,
      machineVersion: 1,
      event: { type: "FILE_CURRENT", at: this.now, path: String(snapshot.path) },
      state: snapshot.value,
      snapshot,
    });
  }

  /** An enrolment's circle of trust, by the events that made it so. */
  circle(name: string, ...events: readonly NewCircleEvent[]): void {
    const stream = new CircleStream(name, this.journal, { now: () => this.now }, silentLog);
    for (const event of events) stream.record(event);
  }

  /** The session with Vault, by a step of its real machine. `closes`: as in {@link step}. */
  vault(event: SessionHappening, { after = 0, closes }: { after?: number; closes?: string } = {}): void {
    this.now += after;
    const stream = "vault/vault.acme.org:8200";
    const open = this.journal.openIntents(stream).find(({ kind }) => kind === closes);
    new SessionActors({ journal: this.journal, clock: { now: () => this.now, at: () => () => {} } }).step(
      stream,
      event,
      open ? { closes: open.id } : {},
    );
  }

  /** One step of the real machine. `closes`: the kind of the open intent that the event is the outcome of. */
  step(name: string, event: NewEvent, { after = 0, closes }: { after?: number; closes?: string } = {}): void {
    this.now += after;
    const world = { journal: this.journal, clock: { now: () => this.now } } as unknown as World;
    const open = this.journal.openIntents(streamOf(name)).find(({ kind }) => kind === closes);
    if (closes !== undefined && !open) throw new Error(`no open ${closes}`);
    new Actors(world).step(streamOf(name), event, open ? { closes: open.id } : {});
  }

  /** Types a command; what it throws is told as the program tells it. */
  async type(
    line: string,
    options: { terminal?: boolean; columns?: number; answers?: string[]; env?: Io["env"] } = {},
  ): Promise<Typed> {
    const { terminal = false, columns = 80, answers = [], env = {} } = options;
    const told = { out: "", err: "", both: "" };
    const screen = (name: "out" | "err"): Screen => ({
      isTerminal: terminal,
      columns,
      write: (text) => {
        const shown = text.replaceAll(this.home, SHOWN_HOME);
        told[name] += shown;
        told.both += shown;
      },
    });
    const io: Io = {
      env,
      platform: "linux",
      home: this.home,
      cwd: this.home,
      user: "alice",
      now: () => this.now,
      out: screen("out"),
      err: screen("err"),
      input: { isTerminal: terminal, readLine: async () => answers.shift() },
    };
    return { code: await this.#execute(line, io), ...told };
  }

  async #execute(line: string, io: Io): Promise<number> {
    try {
      const { verb, parsed } = parseCommandLine(line.split(" ").slice(1));
      return await (await verb.load())(parsed, io);
    } catch (error) {
      if (!(error instanceof DotvaultError)) throw error;
      io.err.write(`dotvault: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
      return error.code.startsWith("usage.") ? 2 : 1;
    }
  }

  /** The agent is gone; its journal stays. */
  agentEnds(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** Lets the journal's file go. */
  end(): void {
    this.#journal?.close();
    this.#journal = undefined;
  }

  [Symbol.dispose](): void {
    this.end();
    this.#lock?.release();
    rmSync(this.home, { recursive: true, force: true });
  }
}

interface Standing {
  readonly since: number;
  readonly wakes: readonly { readonly name: string; readonly at: number }[];
  readonly intents: readonly NewIntent[];
  readonly failures: readonly Failing[];
}

interface Failing extends Pick<OpenIntent, "failure" | "attempt" | "dueAt"> {
  readonly intent: NewIntent;
}

/** A step that failed so many times and comes again. */
export function failing(
  kind: string,
  failure: NonNullable<OpenIntent["failure"]>,
  { attempt, dueAt }: { attempt: number; dueAt: number },
): Failing {
  const id = `${kind}#${failure.since}`;
  const intent: NewIntent = { id, kind, subject: "", params: {}, once: false, dueAt: failure.since };
  return { intent, failure, attempt, dueAt };
}

const traits = { person: true, refresh: true, probe: true, revoke: true, sweep: true };

export function settings(name: string): Settings {
  return {
    engine: "jfrog",
    traits,
    origin: "https://acme.jfrog.io",
    label: `dotvault alice@laptop ${name}`,
    rotation: "refresh",
    unattended: false,
    terms: null,
  };
}

export function ref(id: string, kind: SecretRef["kind"] = "pair"): SecretRef {
  return { id, kind, digest: id.padEnd(8, "0") };
}

export function pair(rest: Partial<Pair> = {}): Pair {
  return {
    complete: true,
    digest: "d1",
    refreshable: true,
    tokenId: "t1",
    user: "alice",
    origin: "https://acme.jfrog.io",
    spread: 0,
    stored: { version: 7, createdAt: 0 },
    ref: null,
    ...rest,
  };
}
