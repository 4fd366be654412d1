import { createHash } from "node:crypto";
import type { Engine, Fields } from "../../src/adapters/engines/port.ts";
import { type SecretStore, StoreFailure } from "../../src/adapters/store-port.ts";
import { Agent } from "../../src/agent/agent.ts";
import type { Clock, Log, World } from "../../src/agent/ports.ts";
import { DotvaultError } from "../../src/errors.ts";
import type { Snapshot } from "../../src/machines/enrolment/decide.ts";
import { stateName } from "../../src/machines/enrolment/decide.ts";
import { generator } from "./fleet-agenda.ts";
import { Checks } from "./model/checks.ts";
import type { VirtualClock } from "./model/clock.ts";
import type { ModelJfrog } from "./model/jfrog.ts";
import { MemoryJournal } from "./model/journal.ts";
import type { ModelStore } from "./model/store.ts";
import { type Fate, quiet, Wire } from "./model/wire.ts";

export const NAME = "jfrog";
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const WATCH_EVERY = 2 * MINUTE;
export const STREAM = `enrolment/${NAME}`;

/** What a machine's way to one of the two servers is like: there, cut, or cut after the request has passed. */
export type Way = "open" | "cut" | "half-closed";

const FATES: Readonly<Record<Way, Fate>> = { open: "answered", cut: "unsent", "half-closed": "lost" };

/** A token that JFrog issued, as the machine that asked for it may know of it. */
export interface Issue {
  readonly token: string;
  readonly machine: FleetMachine;
  readonly kind: "refresh" | "mint" | "poll";
  /** Id of the intent that asked for it; null = it was asked for before that was durable. */
  readonly intent: string | null;
  /** The answer came back to a process that lives on. */
  heard: boolean;
}

/** What all machines of the person share. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly findings: string[];
  readonly store: ModelStore;
  readonly jfrog: ModelJfrog;
  readonly issued: Issue[];
  readonly rotation: "refresh" | "remint";
  caller: FleetMachine | null;
}

/** One machine of the person: the agent as it is, its own journal, its own ways to the store and to JFrog. */
export class FleetMachine {
  readonly ways: { store: Way; jfrog: Way } = { store: "open", jfrog: "open" };
  readonly name: string;
  readonly journal: MemoryJournal;
  readonly warnings: string[] = [];
  /** What the store answers instead of doing it. */
  storeSays: StoreFailure | null = null;
  /** The journal takes nothing. */
  diskFull = false;
  /** The access token in its file, and when it came there. */
  shows: { readonly token: string; readonly at: number } | null = null;
  readonly #fleet: Surroundings;
  readonly #wire = new Wire();
  readonly #random: () => number;
  readonly #skew: number;
  readonly #timers = new Set<() => void>();
  readonly #checks = new Checks(STREAM);
  #agent: Agent | null = null;
  /** The call under way, and whether its answer will be heard. */
  #call: { readonly kind: string; readonly heard: boolean } | null = null;

  constructor(fleet: Surroundings, n: number, skew: number, seed: number) {
    this.#fleet = fleet;
    this.#skew = skew;
    this.name = `machine-${n}`;
    this.#random = generator(seed * 1_000 + n);
    const checks = this.#checks;
    const find = (what: string) => void fleet.findings.push(`${this.name}: ${what}`);
    checks.find = find;
    this.journal = new MemoryJournal((input, recorded) => checks.appended(this.journal, input, recorded), find);
    this.#limitDisk();
  }

  #limitDisk(): void {
    const { journal } = this;
    for (const name of ["append", "setFact", "reschedule", "markOpen"] as const) {
      const write = journal[name].bind(journal) as (...args: unknown[]) => never;
      journal[name] = (...args: unknown[]) => {
        if (this.diskFull) throw new DotvaultError("journal.full", "no space left for the journal");
        return write(...args);
      };
    }
  }

  noteIssue(token: string): void {
    const kind = this.#call?.kind as Issue["kind"];
    const asked = this.journal.recorded.flatMap(({ intents }) => intents);
    const intent = asked.findLast((one) => one.kind === kind)?.id ?? null;
    const heard = this.#call?.heard === true;
    this.#fleet.issued.push({ token, machine: this, kind, intent, heard });
  }

  get runs(): boolean {
    return this.#agent !== null;
  }
  get isWaiting(): boolean {
    return this.#wire.pending.length > 0;
  }
  get pending(): readonly string[] {
    return this.#wire.pending;
  }
  get snapshot(): Snapshot | undefined {
    return this.journal.head(STREAM)?.snapshot as unknown as Snapshot | undefined;
  }
  get state(): string {
    return this.snapshot ? stateName(this.snapshot.value) : "none";
  }

  async boot(): Promise<void> {
    const agent = new Agent(this.#world(), {
      enrolments: [{ name: NAME, engine: this.#engine() }],
      secrets: [],
      syncEvery: HOUR,
      watchEvery: WATCH_EVERY,
      keyless: async () => {},
      retention: 365 * 24 * HOUR,
    });
    this.#agent = agent;
    agent.start();
    await quiet();
  }

  /** SIGKILL. `arrived`: what was on its way reached the other side. */
  async crash(arrived: boolean): Promise<void> {
    this.#agent = null;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    for (const issue of this.#fleet.issued) if (issue.machine === this) issue.heard = false;
    this.#call = { kind: "", heard: false };
    this.#wire.crash(() => arrived);
    await quiet();
  }

  ask(verb: string, args: { readonly again?: boolean } = {}): void {
    this.journal.ask(verb, { name: NAME, ...args }, this.#clock().now());
    this.#agent?.ring();
  }

  /** The first call that waits gets what its way makes of it. */
  async settle(fate: Fate = "answered"): Promise<void> {
    const [call] = this.#wire.pending;
    if (call === undefined) return;
    const becomes = fate === "answered" ? FATES[this.#wayOf(call)] : fate;
    this.#call = { kind: "", heard: becomes === "answered" };
    await this.#wire.settle(0, becomes);
  }

  #wayOf(call: string): Way {
    if (call.startsWith("store")) return this.ways.store;
    return call.startsWith("jfrog") ? this.ways.jfrog : "open";
  }

  #clock(): Clock {
    const { clock } = this.#fleet;
    return {
      now: () => clock.now() + this.#skew,
      at: (time, wake) => {
        const cancel = clock.at(time - this.#skew, () => {
          this.#timers.delete(cancel);
          wake();
        });
        this.#timers.add(cancel);
        return () => {
          this.#timers.delete(cancel);
          cancel();
        };
      },
    };
  }

  #store(): SecretStore {
    const { store } = this.#fleet;
    const fail = (sent: "no" | "maybe"): never => {
      throw new StoreFailure("store.unreachable", "the way to the store is cut", { sent });
    };
    const call = <T>(name: string, effect: () => Promise<T>): Promise<T> => {
      const answer = () => (this.storeSays ? Promise.reject(this.storeSays) : effect());
      return this.#wire.call<Promise<T>>(`store.${name}`, answer, fail).then((value) => value);
    };
    return {
      kind: "vault",
      place: "model",
      shared: true,
      read: (name) => call(`read ${name}`, () => store.read(name)),
      write: (name, fields, cas) => call(`write ${name}`, () => store.write(name, fields, cas)),
      softDelete: (name, version) =>
        call(`delete ${name}`, () => {
          const found = store.readNow(name);
          const { jfrog } = this.#fleet;
          const isAlive = found.state === "present" && jfrog.isAlive(found.fields as Fields);
          if (name === NAME && found.version === version) this.#checks.removing(this.journal, isAlive);
          return store.softDelete(name, version);
        }),
      look: (names) => call("look", () => store.look(names)),
      lookGroups: (names) => [names],
      close: async () => {},
    };
  }

  #engine(): Engine {
    const engine = this.#fleet.jfrog.engine(false, this.#fleet.rotation);
    const through =
      <A extends unknown[], T>(name: string, act: ((...args: A) => Promise<T>) | undefined) =>
      (...args: A): Promise<T> => {
        if (!act) throw new Error(`no ${name}`);
        const trouble = (sent: "no" | "maybe") =>
          Promise.resolve({ kind: "trouble", sent, class: `net.${sent}`, message: "the way to JFrog is cut" } as T);
        const done = () => this.#asCaller(name, () => act(...args));
        return this.#wire.call<Promise<T>>(`jfrog.${name}`, done, trouble).then((value) => value);
      };
    return {
      ...engine,
      begin: through("begin", engine.begin),
      poll: through("poll", engine.poll),
      exchange: through("mint", engine.exchange),
      refresh: through("refresh", engine.refresh),
      probe: through("probe", engine.probe),
      revoke: through("revoke", engine.revoke),
      sweep: through("sweep", engine.sweep),
    };
  }

  #asCaller<T>(kind: string, act: () => T): T {
    const fleet = this.#fleet;
    fleet.caller = this;
    this.#call = { kind, heard: this.#call?.heard === true };
    try {
      return act();
    } finally {
      fleet.caller = null;
    }
  }

  #world(): World {
    const { clock } = this.#fleet;
    return {
      journal: this.journal,
      store: this.#store(),
      clock: this.#clock(),
      sealer: {
        seal: (_, bytes) => Buffer.from(bytes).toString("base64"),
        open: (_, jwe) => Buffer.from(jwe, "base64"),
        digest: (bytes) => createHash("sha256").update(bytes).digest("hex"),
      },
      files: {
        sync: async (_, fields) => {
          const token = String(fields.access_token);
          if (this.shows?.token !== token) this.shows = { token, at: clock.now() };
          return { written: ["rule"], failed: [], passing: false };
        },
        missing: async () => ({ written: [], failed: [], passing: false }),
      },
      random: this.#random,
      newSession: () => `00000000-0000-4000-8000-${String(this.journal.lastSeq()).padStart(12, "0")}`,
      machine: { id: this.name, name: this.name },
      notify: async () => {},
      notifyStore: async () => {},
      log: this.#log(),
    };
  }

  #log(): Log {
    const nothing = () => {};
    const note = (fields: object, message: string) => {
      this.warnings.push(message);
      const text = JSON.stringify(fields);
      if (text.includes("agent.unexpected")) this.#fleet.findings.push(`${this.name}: ${message} ${text}`);
    };
    const error = (fields: object, message: string) => {
      const text = JSON.stringify(fields);
      if (!text.includes("journal.full")) this.#fleet.findings.push(`${this.name}: ${message} ${text}`);
    };
    return { debug: nothing, info: nothing, warn: note, error };
  }
}
