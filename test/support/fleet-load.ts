import { spreadOf } from "../../src/agent/secret.ts";
import { backoff } from "../../src/machines/backoff.ts";
import type { Facts, SecretRef, Settings } from "../../src/machines/enrolment/context.ts";
import { initialSnapshot } from "../../src/machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../../src/machines/enrolment/events.ts";
import { after, type Begun, type Standing, step } from "../../src/machines/enrolment/step.ts";
import { Agenda, generator } from "./fleet-agenda.ts";

/** Many people, each with a machine and a secret of their own. Times are milliseconds; the first enrolment is near 0. */
export interface FleetSetting {
  readonly agents: number;
  /** Of every token. */
  readonly life: number;
  /** When an agent's token was issued; `share` in [0, 1) is drawn for it. */
  readonly enrolledAt: (share: number) => number;
  /** `false`: what it would be without the twentieth of the life that moves the half-life. */
  readonly spread: boolean;
  /** JFrog answers 503 from here to there. */
  readonly outage?: { readonly from: number; readonly to: number };
  /** When a machine that is due is awake next; default: at once. */
  readonly awake?: (due: number, share: number) => number;
  readonly seed?: number;
}

/** Times of requests, of one half-life of the whole fleet. */
export interface FleetLoad {
  readonly jfrog: readonly number[];
  readonly vault: readonly number[];
  /** When each rotation was due. */
  readonly due: readonly number[];
  /** When each pair was presented and answered. */
  readonly rotated: readonly number[];
  /** When each agent's pair ends. */
  readonly expires: readonly number[];
}

const DAY = 24 * 60 * 60_000;
const EPOCH = Date.UTC(2026, 10, 23, 8);
const ANSWERS_AFTER = 20;
const ORIGIN = "https://mycompany.jfrog.io";
const REVOKED_AFTER = 60_000;

/** Requests of one try, as the performers make them (src/agent/performers). */
const REQUESTS: Readonly<Record<string, { readonly vault: number; readonly jfrog: number }>> = {
  read: { vault: 2, jfrog: 0 },
  claim: { vault: 2, jfrog: 0 },
  refresh: { vault: 2, jfrog: 1 },
  store: { vault: 2, jfrog: 0 },
  sync: { vault: 1, jfrog: 0 },
  release: { vault: 2, jfrog: 0 },
  revoke: { vault: 0, jfrog: 1 },
};

const settings = {
  engine: "jfrog",
  traits: { person: true, refresh: true, probe: true, revoke: true, sweep: true },
  origin: ORIGIN,
  label: "dotvault",
  rotation: "refresh",
} as Settings;

/** One agent: today's machine, and the little of the world that answers it. */
class Agent {
  standing: Standing;
  readonly id: string;
  readonly wakes = new Map<string, number>();
  #pairs = 0;
  #facts: Facts;
  readonly #spread: boolean;

  constructor(id: string, issuedAt: number, { life, spread }: FleetSetting) {
    this.id = id;
    this.#spread = spread;
    this.#facts = this.issue(issuedAt, life);
    this.standing = { stream: id, version: 0, snapshot: initialSnapshot(), open: [], wakes: [] };
  }

  get expiresAt(): number {
    return this.#facts.expiresAt ?? 0;
  }

  issue(issuedAt: number, life: number): Facts {
    this.#pairs += 1;
    const digest = `${this.id}-${this.#pairs}`;
    const times = { issuedAt, expiresAt: issuedAt + life };
    this.#facts = { complete: true, digest, tokenId: digest, refreshable: true, origin: ORIGIN, ...times };
    return this.#facts;
  }

  take(event: EnrolmentEvent, closes?: string): readonly Begun[] {
    const taken = step(this.standing, event, closes);
    this.standing = after(this.standing, taken, closes);
    for (const name of taken.cancels) this.wakes.delete(name);
    for (const { name, at } of taken.sets) this.wakes.set(name, at);
    return taken.begins;
  }

  /** What comes of an intent when everybody is well. */
  outcome(kind: string, at: number, life: number): EnrolmentEvent {
    const ref = (digest: string): SecretRef => ({ id: digest, kind: "pair", digest });
    const spread = (facts: Facts) => (this.#spread ? spreadOf(this.id, facts.digest) : 0);
    const place = { version: this.#pairs, createdAt: at };
    switch (kind) {
      case "read": {
        const found = this.#facts;
        const pair = ref(found.digest);
        return { type: "SECRET_READ", at, found, ...place, serverTime: at, spread: spread(found), pair, heldBy: null };
      }
      case "claim":
        return { type: "CLAIMED", at, lease: 1, doubt: null, serverTime: at };
      case "refresh": {
        const facts = this.issue(at, life);
        return { type: "PAIR_ISSUED", at, pair: ref(facts.digest), facts, spread: spread(facts), notices: [] };
      }
      case "store":
        return { type: "STORED", at, ...place, replaced: null };
      case "sync":
        return { type: "SYNCED", at, written: [], failed: [] };
      case "release":
        return { type: "RELEASED", at };
      case "revoke":
        return { type: "REVOKED", at, subject: "", how: "dead" };
      default:
        throw new Error(`a healthy fleet asks for no ${kind}`);
    }
  }
}

/** One half-life of a fleet, with every request that it makes because of it. No sockets, no clock: as fast as decisions are. */
export function simulateFleet(setting: FleetSetting): FleetLoad {
  const fleet = new Fleet(setting);
  for (let n = 0; n < setting.agents; n++) fleet.enrol(n);
  fleet.run();
  return fleet.load;
}

class Fleet {
  readonly load = {
    jfrog: [] as number[],
    vault: [] as number[],
    due: [] as number[],
    rotated: [] as number[],
    expires: [] as number[],
  };
  readonly #agenda = new Agenda();
  readonly #random: () => number;
  readonly #setting: FleetSetting;

  constructor(setting: FleetSetting) {
    this.#setting = setting;
    this.#random = generator(setting.seed ?? 1);
  }

  enrol(n: number): void {
    const at = Math.round(EPOCH + this.#setting.enrolledAt(this.#random()));
    const agent = new Agent(`machine-${this.#setting.seed ?? 1}-${n}`, at, this.#setting);
    const share = this.#random();
    this.load.expires.push(agent.expiresAt - EPOCH);
    for (const begun of agent.take({ type: "CONFIGURED", at, settings })) {
      for (const next of agent.take(agent.outcome(begun.kind, at, this.#setting.life), begun.id)) {
        agent.take(agent.outcome(next.kind, at, this.#setting.life), next.id);
      }
    }
    const due = agent.wakes.get("rotate");
    if (due === undefined) throw new Error("no rotation is planned");
    this.load.due.push(due - EPOCH);
    const awake = EPOCH + (this.#setting.awake?.(due - EPOCH, share) ?? due - EPOCH);
    this.#agenda.add(awake, () => this.#perform(agent, awake, agent.take({ type: "WOKE", at: awake, name: "rotate" })));
  }

  run(): void {
    for (let next = this.#agenda.next(); next; next = this.#agenda.next()) next();
  }

  #perform(agent: Agent, at: number, begun: readonly Begun[]): void {
    for (const intent of begun) {
      const rest = "after" in intent.params ? REVOKED_AFTER : 0;
      this.#agenda.add(at + rest, () => this.#try(agent, intent, at + rest, 0));
    }
  }

  #try(agent: Agent, intent: Begun, at: number, attempt: number): void {
    const { kind, id } = intent;
    const { vault, jfrog } = REQUESTS[kind] ?? { vault: 0, jfrog: 0 };
    for (let n = 0; n < vault; n++) this.load.vault.push(at - EPOCH);
    for (let n = 0; n < jfrog; n++) this.load.jfrog.push(at - EPOCH);
    const { outage, life } = this.#setting;
    if (jfrog > 0 && outage && at - EPOCH >= outage.from && at - EPOCH < outage.to) {
      const wait = backoff({ attempt, random: this.#random(), lifeLeft: agent.expiresAt - at });
      this.#agenda.add(at + wait, () => this.#try(agent, intent, at + wait, attempt + 1));
      return;
    }
    if (kind === "refresh") this.load.rotated.push(at - EPOCH);
    const answered = at + ANSWERS_AFTER;
    this.#agenda.add(answered, () => {
      this.#perform(agent, answered, agent.take(agent.outcome(kind, answered, life), id));
    });
  }
}

/** The busiest piece of time beside the mean one of the window from the first to the last. */
export function busiest(times: readonly number[], piece: number): { readonly most: number; readonly mean: number } {
  const from = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const to = times.reduce((a, b) => Math.max(a, b), 0);
  const counts = new Map<number, number>();
  for (const time of times) {
    const slot = Math.floor((time - from) / piece);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return { most: Math.max(...counts.values()), mean: times.length / Math.max(1, (to - from) / piece) };
}

/** When people sign in, and when machines are awake. */
export const HABITS = {
  workingDay: (share: number) => share * (DAY / 3),
  oneHour: (share: number) => share * (DAY / 24),
  /** Laptops: open from about nine to five, the lid goes up within the first hour. The fleet's day begins at eight. */
  laptop(due: number, share: number): number {
    const [opens, closes] = [share * (DAY / 24) + DAY / 24, DAY / 24 + DAY / 3];
    const day = Math.floor(due / DAY) * DAY;
    if (due - day < opens) return day + opens;
    return due - day < closes ? due : day + DAY + opens;
  },
} as const;
