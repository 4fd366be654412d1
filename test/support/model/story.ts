import assert from "node:assert/strict";
import type { Context, Facts, SecretRef, Settings } from "../../../src/machines/enrolment/context.ts";
import { initialSnapshot, stateName } from "../../../src/machines/enrolment/decide.ts";
import type { EnrolmentEvent, EventOf, EventType } from "../../../src/machines/enrolment/events.ts";
import type { IntentKind, Intents } from "../../../src/machines/enrolment/intents.ts";
import { after, type Standing, step } from "../../../src/machines/enrolment/step.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const START = Date.UTC(2026, 10, 21);
export const LIFE = 60 * DAY;

export const settings: Settings = {
  engine: "jfrog",
  traits: { person: true, refresh: true, probe: true, revoke: true, sweep: true },
  origin: "https://acme",
  label: "dotvault laptop jfrog",
  rotation: "refresh",
  unattended: false,
  terms: null,
};

/** A pair of that name, issued at the beginning of the story. */
export function pair(name: string, over: Partial<Facts> = {}): Facts {
  const times = { issuedAt: START, expiresAt: START + LIFE };
  return {
    complete: true,
    digest: name,
    refreshable: true,
    tokenId: `id-${name}`,
    origin: "https://acme",
    ...times,
    ...over,
  };
}

export function ref(name: string, kind: SecretRef["kind"] = "pair"): SecretRef {
  return { id: `ref-${name}`, kind, digest: name };
}

/** What an event says beside its type and time. */
type Told<K extends EventType> = Omit<EventOf<K>, "type" | "at">;

/** One enrolment's story, told event by event: given, when, then. Time stands still unless it is told to pass. */
export class Story {
  now = START;
  readonly wakes = new Map<string, number>();
  #standing: Standing = { stream: "s", version: 0, snapshot: initialSnapshot(), open: [], wakes: [] };
  /** Kinds that the last event asked for. */
  asked: readonly string[] = [];

  get state(): string {
    return stateName(this.#standing.snapshot.value);
  }

  get context(): Context {
    return this.#standing.snapshot.context;
  }

  /** What is asked for and not answered; undefined when it is not. */
  open<K extends IntentKind>(kind: K): Intents[K] | undefined {
    return this.#standing.open.find((intent) => intent.kind === kind)?.params as Intents[K] | undefined;
  }

  /** An event that answers no intent: a person, the clock, the configuration. */
  happens<K extends EventType>(type: K, told: Told<K>): this {
    return this.#take({ type, ...told });
  }

  /** The outcome of the open intent of this kind. */
  answers<K extends EventType>(kind: IntentKind, type: K, told: Told<K>): this {
    const intent = this.#standing.open.find((open) => open.kind === kind);
    assert.ok(intent, `no ${kind} is open in ${this.state}`);
    return this.#take({ type, ...told }, intent.id);
  }

  passes(milliseconds: number): this {
    this.now += milliseconds;
    return this;
  }

  /** On to the time of a wake, and it rings. */
  rings(name: string): this {
    const at = this.wakes.get(name);
    assert.ok(at !== undefined, `no wake "${name}" in ${this.state}: ${[...this.wakes.keys()].join(" ")}`);
    this.now = Math.max(this.now, at);
    return this.happens("WOKE", { name });
  }

  #take(event: object, closes?: string): this {
    const taken = step(this.#standing, { ...event, at: this.now } as EnrolmentEvent, closes);
    this.#standing = after(this.#standing, taken, closes);
    for (const name of taken.cancels) this.wakes.delete(name);
    for (const { name, at } of taken.sets) this.wakes.set(name, at);
    this.asked = taken.begins.map(({ kind }) => kind);
    return this;
  }

  /** What a look into the store shows. */
  shows(found: Facts | null, version = 1) {
    return { found, version, createdAt: START, serverTime: this.now, spread: 0 };
  }

  reads(
    found: Facts | null,
    over: { version?: number; heldBy?: EventOf<"SECRET_READ">["heldBy"]; name?: string } = {},
  ): this {
    const { version = 1, heldBy = null, name = "read" } = over;
    const sealed = found?.complete ? { ...ref(name), digest: found.digest } : null;
    return this.answers("read", "SECRET_READ", { ...this.shows(found, version), pair: sealed, heldBy });
  }

  /** The configuration names it, and the store holds nothing. */
  static named(over: Partial<Settings> = {}): Story {
    return new Story().happens("CONFIGURED", { settings: { ...settings, ...over } }).reads(null);
  }

  /** The configuration names it, and the store holds this pair. */
  static active(found: Facts = pair("a"), over: Partial<Settings> = {}): Story {
    return new Story().happens("CONFIGURED", { settings: { ...settings, ...over } }).reads(found);
  }

  /** At the half-life; the lease is ours and the store holds the pair still. */
  static presenting(found: Facts = pair("a"), over: Partial<Settings> = {}): Story {
    return Story.active(found, over)
      .rings("rotate")
      .answers("claim", "CLAIMED", { lease: 7, doubt: null })
      .reads(found, { name: found.digest });
  }

  issues(found: Facts = pair("b"), kind: "refresh" | "mint" = "refresh"): this {
    return this.answers(kind, "PAIR_ISSUED", { pair: ref(found.digest), facts: found, spread: 0, notices: [] });
  }

  refuses(status: number): this {
    return this.answers("refresh", "REFUSED", { status, class: `jfrog.refused.${status}`, message: "no" });
  }

  loses(): this {
    return this.answers("refresh", "ANSWER_LOST", { intent: "refresh", class: "net.reset", random: 0.5 });
  }

  probes(verdict: "alive" | "dead" | "unlisted", listed = verdict === "alive"): this {
    return this.answers("probe", "PROBED", { verdict, listed });
  }

  forbidsMint(status = 403): this {
    return this.answers("mint", "MINT_REFUSED", {
      status,
      class: `jfrog.refused.${status}`,
      message: "no",
      hint: null,
    });
  }

  stores(version = 2): this {
    return this.answers("store", "STORED", { version, createdAt: this.now, replaced: null });
  }

  asksToEnrol(again = false): this {
    return this.happens("ENROL_ASKED", { session: ref("session", "session"), again });
  }

  /** The person signs in, and the service issues a pair of that name. */
  signsIn(found: Facts = pair("b")): this {
    return this.answers("openSession", "SESSION_OPENED", {})
      .answers("poll", "GRANTED", { bootstrap: ref("boot", "bootstrap"), tokenId: "id-boot", user: "alice" })
      .issues(found, "mint")
      .stores();
  }
}
