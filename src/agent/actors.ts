import type { Json, JsonObject, NewIntent, OpenIntent, SealedSecret } from "../journal/port.ts";
import { decide, initialSnapshot, isBound, type Snapshot, secretIds } from "../machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../machines/enrolment/events.ts";
import { MACHINE_VERSION } from "../machines/enrolment/machine.ts";
import { upcast } from "../machines/enrolment/upcast.ts";
import type { World } from "./ports.ts";
import type { NewEvent } from "./task.ts";

export interface StepOptions {
  /** The open intent that the event is the outcome of. */
  readonly closes?: string;
  /** The request of a person that the event answers. */
  readonly takes?: number;
  /** Sealed just now; those that nothing mentions after the step are dropped. */
  readonly sealed?: readonly SealedSecret[];
}

interface Actor {
  version: number;
  snapshot: Snapshot;
}

export const ENROLMENT = "enrolment/";

/** The stream of an enrolment. */
export function streamOf(enrolment: string): string {
  return ENROLMENT + enrolment;
}

/**
 * The actors: each takes one event at a time. An event is decided on and appended, with everything that follows from it,
 * before anything is performed.
 */
export class Actors {
  readonly #world: World;
  readonly #actors = new Map<string, Actor>();

  constructor(world: World) {
    this.#world = world;
  }

  snapshot(stream: string): Snapshot {
    return this.#actor(stream).snapshot;
  }

  /** Events so far; changes with every step. */
  version(stream: string): number {
    return this.#actor(stream).version;
  }

  /** Names of all streams that the journal knows. */
  known(): string[] {
    return this.#world.journal.heads(ENROLMENT).map(({ stream }) => stream);
  }

  /** One step of one actor. Returns false when the machine had nothing to say and nobody waits for an answer. */
  step(stream: string, happened: NewEvent, options: StepOptions = {}): boolean {
    const { journal, clock } = this.#world;
    const actor = this.#actor(stream);
    const event = { ...happened, at: clock.now() } as EnrolmentEvent;
    const decision = decide(actor.snapshot, event);
    if (!decision.changed && options.closes === undefined && options.takes === undefined) return false;
    const open = journal.openIntents(stream).filter(({ id }) => id !== options.closes);
    const withdrawn = decision.left ? open.filter(({ kind }) => isBound(kind)) : [];
    const kept = open.filter((intent) => !withdrawn.includes(intent));
    const intents = newIntents(decision.asked, kept, { stream, version: actor.version + 1, at: event.at });
    const live = secretIds([decision.snapshot.context, kept.map(paramsOf), intents.map(paramsOf)]);
    journal.append({
      stream,
      expectedVersion: actor.version,
      machineVersion: MACHINE_VERSION,
      event: event as unknown as { type: string; at: number; [key: string]: Json },
      state: decision.snapshot.value as Json,
      snapshot: decision.snapshot as unknown as JsonObject,
      intents,
      withdraws: withdrawn.map(({ id }) => id),
      wakes: decision.wakes,
      cancelWakes: this.#endedWakes(stream, event, decision.rewound),
      seal: (options.sealed ?? []).filter(({ ref }) => live.has(ref.id)),
      forget: journal.sealedRefs(stream).flatMap(({ id }) => (live.has(id) ? [] : [id])),
      ...(options.closes === undefined ? {} : { closes: options.closes }),
      ...(options.takes === undefined ? {} : { takes: options.takes }),
    });
    this.#actors.set(stream, { version: actor.version + 1, snapshot: decision.snapshot });
    return true;
  }

  #endedWakes(stream: string, event: EnrolmentEvent, rewound: boolean): string[] {
    if (rewound) return this.#world.journal.wakes(stream).map(({ name }) => name);
    return event.type === "WOKE" ? [event.name] : [];
  }

  #actor(stream: string): Actor {
    const known = this.#actors.get(stream);
    if (known) return known;
    const head = this.#world.journal.head(stream);
    const actor = head
      ? { version: head.version, snapshot: upcast(head.snapshot as unknown as Snapshot, head.machineVersion) }
      : { version: 0, snapshot: initialSnapshot() };
    this.#actors.set(stream, actor);
    return actor;
  }
}

/** What is asked for and not open already, with a stable id and the time from which it may be performed. */
function newIntents(
  asked: ReturnType<typeof decide>["asked"],
  open: readonly OpenIntent[],
  place: { readonly stream: string; readonly version: number; readonly at: number },
): NewIntent[] {
  const isNew = (kind: string, subject: string) =>
    !open.some((intent) => intent.kind === kind && intent.subject === subject);
  return asked
    .filter(({ type, subject }) => isNew(type, subject))
    .map(({ type, subject, params, once }, index) => ({
      id: `${place.stream}#${place.version}.${index}`,
      kind: type,
      subject,
      params: params as unknown as JsonObject,
      once,
      dueAt: place.at + ("after" in params ? params.after : 0),
    }));
}

function paramsOf({ params }: { readonly params: JsonObject }): JsonObject {
  return params;
}
