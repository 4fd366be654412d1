import type { Fields } from "../../src/adapters/engines/port.ts";
import { FleetMachine, HOUR, type Issue, NAME, WATCH_EVERY } from "./fleet-machine.ts";
import { VirtualClock } from "./model/clock.ts";
import { USUAL } from "./model/enrolled.ts";
import { ModelJfrog, type Switches } from "./model/jfrog.ts";
import { ModelStore } from "./model/store.ts";
import { quiet, Wire } from "./model/wire.ts";

/** JFrog as it is by default; lives are short. */
export const SWITCHES: Switches = { ...USUAL, life: 20 * HOUR };
const START = Date.UTC(2026, 10, 23);

/** The far side of every machine's wire: done at once. */
class AtOnce extends Wire {
  override call<T>(_: string, effect: () => T): Promise<T> {
    return new Promise((resolve) => resolve(effect()));
  }
}

export interface Troubles {
  readonly switches: Switches;
  readonly machines: number;
  /** Each machine's clock, minus the right time. */
  readonly skew?: readonly number[];
  readonly seed?: number;
  /** Default `refresh`. */
  readonly rotation?: "refresh" | "remint";
}

/** All machines of one person, each with the agent as it is and a journal of its own; one store, one JFrog, one time. */
export class Fleet {
  readonly clock = new VirtualClock(START);
  readonly findings: string[] = [];
  readonly store: ModelStore;
  readonly jfrog: ModelJfrog;
  readonly machines: readonly FleetMachine[];
  /** When each version of the secret was written. */
  readonly written = new Map<string, number>();
  /** Everything that JFrog issued to a machine, and by which open intent of it. */
  readonly issued: Issue[] = [];
  /** Whose call is being answered. */
  caller: FleetMachine | null = null;

  readonly rotation: "refresh" | "remint";

  constructor({ switches, machines, skew = [], seed = 1, rotation = "refresh" }: Troubles) {
    this.rotation = rotation;
    const wire = new AtOnce();
    const now = () => this.clock.now();
    this.store = new ModelStore(wire, now, (name) => {
      const found = this.store.readNow(name);
      if (name === NAME && found.state === "present" && this.jfrog.isAlive(found.fields as Fields))
        this.findings.push("a live pair was deleted");
    });
    this.jfrog = new ModelJfrog(wire, now, switches, () => {});
    this.machines = Array.from({ length: machines }, (_, n) => new FleetMachine(this, n, skew[n] ?? 0, seed));
    this.#guardWrites();
    const issue = this.jfrog.issue.bind(this.jfrog);
    this.jfrog.issue = (...how) => {
      const fields = issue(...how);
      this.caller?.noteIssue(String(fields.access_token));
      return fields;
    };
  }

  /** A stored pair that can still be rotated may not be written over. */
  #guardWrites(): void {
    const write = this.store.writeNow.bind(this.store);
    this.store.writeNow = (name, fields, cas) => {
      const before = this.store.readNow(name);
      const done = write(name, fields, cas);
      if (name !== NAME) return done;
      const isOther = before.state === "present" && before.fields.access_token !== fields.access_token;
      if (isOther && this.jfrog.isRefreshable(before.fields as Fields))
        this.findings.push("a live pair was overwritten");
      this.written.set(String(fields.access_token), this.clock.now());
      return done;
    };
  }

  get stored(): Fields | null {
    const found = this.store.readNow(NAME);
    return found.state === "present" ? (found.fields as Fields) : null;
  }

  /** One machine's person signs in; all others then find the secret. */
  async enrol(): Promise<void> {
    for (const machine of this.machines) await machine.boot();
    await this.runFor(WATCH_EVERY);
    this.machines[0]?.ask("enrol");
    for (let n = 0; n < 20 && this.stored === null; n++) {
      this.jfrog.approved = true;
      await this.runFor(3_000);
    }
    await this.runFor(2 * WATCH_EVERY);
  }

  /** Every call of every machine gets its answer, or what its way makes of it. */
  async drain(): Promise<void> {
    for (let calls = 0; this.machines.some(({ isWaiting }) => isWaiting); calls++) {
      if (calls > 40_000) return void this.findings.push("never comes to rest");
      for (const machine of this.machines) await machine.settle();
    }
  }

  async runFor(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds;
    for (;;) {
      await this.drain();
      const next = this.clock.next();
      if (next > end) break;
      // A server's answer takes its time: whoever waits for nothing else can't go on within the same instant for ever.
      this.clock.moveTo(Math.max(next, this.clock.now() + 1));
      await quiet();
    }
    this.clock.moveTo(end);
    await quiet();
    await this.drain();
  }

  /** All ways are open, and all machines run. */
  async calm(): Promise<void> {
    for (const machine of this.machines) {
      machine.ways.store = "open";
      machine.ways.jfrog = "open";
      if (!machine.runs) await machine.boot();
    }
  }
}
