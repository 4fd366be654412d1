import { createHash } from "node:crypto";
import type { Fields } from "../../../src/adapters/engines/port.ts";
import { Agent, type Plan } from "../../../src/agent/agent.ts";
import type { Log, World } from "../../../src/agent/ports.ts";
import type { JsonObject } from "../../../src/journal/port.ts";
import type { Snapshot } from "../../../src/machines/enrolment/decide.ts";
import { stateName } from "../../../src/machines/enrolment/decide.ts";
import { seeded } from "../random.ts";
import { Checks } from "./checks.ts";
import { VirtualClock } from "./clock.ts";
import { ModelJfrog, type Switches } from "./jfrog.ts";
import { MemoryJournal } from "./journal.ts";
import { Rival } from "./rival.ts";
import { ModelStore } from "./store.ts";
import { type Fate, quiet, Wire } from "./wire.ts";

export const NAME = "jfrog";
export const STREAM = `enrolment/${NAME}`;
export const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 21);
/** More calls than any healthy minute needs. */
const CALLS_PER_MINUTE = 400;

export interface Setting {
  readonly switches: Switches;
  /** Clocks of the service and of the store, minus ours. */
  readonly skew: { readonly service: number; readonly store: number };
  readonly seed: number;
  /** Default `refresh`. */
  readonly rotation?: "refresh" | "remint";
}

/** The agent as it is, in a world that exists in memory only and whose time stands still until it is moved. */
export class ModelWorld {
  readonly clock = new VirtualClock(START);
  readonly wire = new Wire();
  readonly checks = new Checks(STREAM);
  readonly journal: MemoryJournal;
  readonly store: ModelStore;
  readonly jfrog: ModelJfrog;
  readonly rival: Rival;
  storeDown = false;
  serviceDown = false;
  /** The person signs in whenever a login waits. */
  attended = false;
  #agent: Agent | null = null;
  #there = true;
  #moved = false;
  #random: () => number;
  readonly #rotation: "refresh" | "remint";

  constructor({ switches, skew, seed, rotation = "refresh" }: Setting) {
    this.#rotation = rotation;
    this.#random = seeded(seed);
    this.journal = new MemoryJournal(
      (input, recorded) => this.checks.appended(this.journal, input, recorded),
      (what) => this.checks.find(what),
    );
    this.store = new ModelStore(
      this.wire,
      () => this.clock.now() + skew.store,
      (name) => {
        const found = this.store.readNow(name);
        const isAlive = found.state === "present" && this.jfrog.isAlive(found.fields as Fields);
        if (name === NAME) this.checks.removing(this.journal, isAlive);
      },
    );
    const serviceTime = () => this.clock.now() + skew.service;
    this.jfrog = new ModelJfrog(this.wire, serviceTime, switches, (digest) => {
      if (this.snapshot?.context.spent.includes(digest)) this.checks.find("presents a pair that it knows as spent");
    });
    this.rival = new Rival(this.store, this.jfrog, NAME);
  }

  get snapshot(): Snapshot | undefined {
    return this.journal.head(STREAM)?.snapshot as unknown as Snapshot | undefined;
  }

  /** `refreshing.doubted.probing` */
  get state(): string {
    return this.snapshot ? stateName(this.snapshot.value) : "none";
  }

  get stored(): Fields | null {
    const found = this.store.readNow(NAME);
    return found.state === "present" ? (found.fields as Fields) : null;
  }

  /** Names of the calls that wait for their fate. */
  get pending(): string[] {
    return this.wire.pending;
  }

  /** SIGHUP with another configuration. */
  async configure(there: boolean, moved: boolean): Promise<void> {
    this.#there = there;
    this.#moved = moved;
    this.#agent?.reconfigure(this.#plan());
    await quiet();
  }

  async boot(): Promise<void> {
    const agent = new Agent(this.#world(), this.#plan());
    this.#agent = agent;
    agent.start();
    await quiet();
  }

  /** SIGKILL: timers are gone, answers are lost; what was on its way may have arrived. */
  async crash(happened: (index: number) => boolean): Promise<void> {
    this.#agent = null;
    this.clock.forgetTimers();
    this.wire.crash(happened);
    await quiet();
  }

  async ask(verb: string, args: JsonObject = {}): Promise<void> {
    this.journal.ask(verb, { name: NAME, ...args }, this.clock.now());
    this.#agent?.ring();
    await quiet();
  }

  /** One call gets its answer, or what the weather makes of it. */
  async settle(index = 0, fate: Fate = "answered"): Promise<void> {
    if (this.attended && this.state === "polling") this.jfrog.approved = true;
    const down = this.storeDown || this.serviceDown;
    await this.wire.settle(index, down && fate === "answered" ? this.#weather(index) : fate);
  }

  #weather(index: number): Fate {
    const name = this.pending[index % this.pending.length] ?? "";
    return (name.startsWith("store") ? this.storeDown : this.serviceDown) ? "unsent" : "answered";
  }

  /** Answers every call; nothing waits any more at this instant. */
  async drain(): Promise<void> {
    for (let calls = 0; this.wire.pending.length > 0; calls++) {
      if (calls > CALLS_PER_MINUTE) return this.checks.find(`never comes to rest in ${this.state}`);
      await this.settle();
    }
  }

  async runFor(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds;
    let budget = CALLS_PER_MINUTE * (1 + milliseconds / MINUTE);
    for (;;) {
      await this.drain();
      const next = this.clock.next();
      if (next > end || this.#agent === null) break;
      if (budget-- < 0) return this.checks.find(`spins in ${this.state}`);
      this.clock.moveTo(next);
      await quiet();
    }
    this.clock.moveTo(end);
    await quiet();
    await this.drain();
  }

  /** On to that time, and no call is answered. */
  async moveTo(time: number): Promise<void> {
    this.clock.moveTo(time);
    await quiet();
  }

  /** The person, the store and the service are all there from now on. */
  async calm(): Promise<void> {
    this.storeDown = false;
    this.serviceDown = false;
    this.jfrog.suspended = false;
    if (this.#agent === null) await this.boot();
    if (!this.#there || this.#moved) await this.configure(true, false);
  }

  #plan(): Plan {
    return {
      enrolments: this.#there ? [{ name: NAME, engine: this.jfrog.engine(this.#moved, this.#rotation) }] : [],
      secrets: [],
      syncEvery: 60 * MINUTE,
      watchEvery: 7 * MINUTE,
      keyless: async () => {},
      retention: 180 * 24 * 60 * MINUTE,
    };
  }

  #world(): World {
    const { journal, store, clock, wire, checks } = this;
    const report = (well: boolean) => ({ written: well ? ["rule"] : [], failed: well ? [] : ["rule"], passing: false });
    return {
      journal,
      store,
      clock,
      sealer: {
        seal: (_, bytes) => Buffer.from(bytes).toString("base64"),
        open: (_, jwe) => Buffer.from(jwe, "base64"),
        digest: (bytes) => createHash("sha256").update(bytes).digest("hex"),
      },
      files: {
        sync: () =>
          wire.call(
            "files",
            () => report(true),
            () => report(false),
          ),
        missing: async () => ({ written: [], failed: [], passing: false }),
      },
      random: () => this.#random(),
      newSession: () => `00000000-0000-4000-8000-${String(journal.lastSeq()).padStart(12, "0")}`,
      machine: { id: "us", name: "laptop" },
      notify: async () => {},
      notifyStore: async () => {},
      log: logInto(checks),
    };
  }
}

/** The agent goes on after a bug; here it must not. */
function logInto(checks: Checks): Log {
  const nothing = () => {};
  const noting = (fields: object, message: string) => checks.find(`${message} ${JSON.stringify(fields)}`);
  const warn = (fields: object, message: string) => {
    if (JSON.stringify(fields).includes("agent.unexpected")) noting(fields, message);
  };
  return { debug: nothing, info: nothing, warn, error: noting };
}
