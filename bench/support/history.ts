import type { Facts, Pair, SecretRef } from "../../src/machines/enrolment/context.ts";
import { initialSnapshot } from "../../src/machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../../src/machines/enrolment/events.ts";
import { after, type Open, type Standing, step } from "../../src/machines/enrolment/step.ts";

/** An event with what the agent adds to it: the intent that it answers, and the secrets that came with it. */
export interface Entry {
  readonly event: EnrolmentEvent;
  readonly closes?: string;
  readonly kept: readonly SecretRef[];
}

/** How the enrolment of a history is configured. */
export interface Subject {
  readonly stream: string;
  readonly origin: string;
  readonly label: string;
}

const lifetime = 60 * 86_400_000;
/** From one rotation to the next. */
export const halfLife = 0.525 * lifetime;
const traits = { person: true, refresh: true, probe: true, revoke: true, sweep: true };

/** A JFrog enrolment found in the store and rotated so many times; it ends active, at rest. Decided by the real machine. */
export function history(subject: Subject, rotations: number, start: number): Entry[] {
  const life = new Life(subject, start);
  const { origin, label } = subject;
  life.happen({
    type: "CONFIGURED",
    at: start,
    settings: { engine: "jfrog", traits, origin, label, rotation: "refresh", unattended: false, terms: null },
  });
  life.settle();
  for (let done = 0; done < rotations; done++) life.rotate();
  return life.entries;
}

class Life {
  readonly entries: Entry[] = [];
  readonly #subject: Subject;
  #standing: Standing;
  #now: number;
  #wakeAt = 0;
  #stored = 1;

  constructor(subject: Subject, start: number) {
    this.#subject = subject;
    this.#now = start;
    this.#standing = { stream: subject.stream, version: 0, snapshot: initialSnapshot(), open: [], wakes: [] };
  }

  rotate(): void {
    this.#now = this.#wakeAt;
    this.happen({ type: "WOKE", at: this.#now, name: "rotate" });
    this.settle();
  }

  /** Answers every open intent, as a service and a store without troubles would. */
  settle(): void {
    for (let open = this.#standing.open[0]; open; open = this.#standing.open[0]) {
      this.#now += 40;
      const { event, kept = [] } = this.#answer(open);
      this.happen(event, open.id, kept);
    }
  }

  happen(event: EnrolmentEvent, closes?: string, kept: readonly SecretRef[] = []): void {
    const taken = step(this.#standing, event, closes);
    this.#wakeAt = taken.sets[0]?.at ?? this.#wakeAt;
    this.#standing = after(this.#standing, taken, closes);
    this.entries.push({ event, kept, ...(closes === undefined ? {} : { closes }) });
  }

  #answer({ id, kind, params }: Open): { event: EnrolmentEvent; kept?: SecretRef[] } {
    const at = this.#now;
    switch (kind) {
      case "read": {
        const found = this.#standing.snapshot.context.current ?? this.#facts(0);
        const ref = this.#ref(id, found.digest);
        const seen = { found: factsOf(found), version: this.#stored, createdAt: 1, serverTime: at, spread: 0.5 };
        return { event: { type: "SECRET_READ", at, ...seen, pair: ref, heldBy: null }, kept: [ref] };
      }
      case "claim":
        return { event: { type: "CLAIMED", at, lease: this.#stored, doubt: null, serverTime: at } };
      case "refresh": {
        const facts = this.#facts(this.#stored);
        const pair = this.#ref(id, facts.digest);
        const event = { type: "PAIR_ISSUED", at, pair, facts, spread: 0.5, notices: [], serverTime: at } as const;
        return { event, kept: [pair] };
      }
      case "store": {
        this.#stored += 1;
        const before = this.#standing.snapshot.context.current;
        const replaced = this.#ref(id, before?.digest ?? "");
        return { event: { type: "STORED", at, version: this.#stored, createdAt: 1, replaced }, kept: [replaced] };
      }
      case "sync":
        return { event: { type: "SYNCED", at, written: ["file"], failed: [] } };
      case "release":
        return { event: { type: "RELEASED", at } };
      case "revoke": {
        const { pair } = params as { pair: SecretRef };
        return { event: { type: "REVOKED", at, subject: pair.id, how: "revoked" } };
      }
      default:
        throw new Error(`the history does not know how to answer ${kind}`);
    }
  }

  #ref(intent: string, digest: string): SecretRef {
    return { id: `${intent}.0`, kind: "pair", digest };
  }

  #facts(count: number): Facts {
    const { stream, origin } = this.#subject;
    return {
      complete: true,
      refreshable: true,
      digest: `${stream} ${count} `.padEnd(64, "0"),
      tokenId: tokenIdOf(stream, count),
      user: "ada",
      origin,
      issuedAt: this.#now,
      expiresAt: this.#now + lifetime,
    };
  }
}

/** Of the pair that so many rotations have led to. */
export function tokenIdOf(stream: string, rotations: number): string {
  return `${stream.replace("/", "-")}-${rotations}-`.padEnd(36, "0");
}

/** What the store shows of a pair: not where it lies. */
function factsOf({ stored: _stored, ref: _ref, spread: _spread, ...facts }: Facts & Partial<Pair>): Facts {
  return facts;
}
