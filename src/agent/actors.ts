import type { Append, Json, JsonObject, SealedSecret } from "../journal/port.ts";
import { initialSnapshot, type Snapshot } from "../machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../machines/enrolment/events.ts";
import { MACHINE_VERSION } from "../machines/enrolment/machine.ts";
import { type Begun, type Standing, type Step, step } from "../machines/enrolment/step.ts";
import { upcast } from "../machines/enrolment/upcast.ts";
import type { World } from "./ports.ts";
import type { NewEvent } from "./task.ts";

export interface StepOptions {
  /** The open intent that the event is the outcome of. */
  readonly closes?: string;
  /** The request of a person that the event answers. */
  readonly takes?: number;
  /** Journaled although the machine has nothing to say to it. */
  readonly always?: boolean;
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

  /** The version of the machine that wrote the stream's last event; undefined for a new stream. */
  writtenBy(stream: string): number | undefined {
    return this.#world.journal.head(stream)?.machineVersion;
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
    const taken = step(this.#standing(stream, actor), event, options.closes);
    // A wake that nobody heeds has to leave its row all the same.
    const answers = options.closes !== undefined || options.takes !== undefined;
    if (!taken.changed && !answers && taken.cancels.length === 0 && options.always !== true) return false;
    this.#append(stream, {
      stream,
      expectedVersion: actor.version,
      machineVersion: MACHINE_VERSION,
      event: event as unknown as { type: string; at: number; [key: string]: Json },
      state: taken.snapshot.value as Json,
      snapshot: taken.snapshot as unknown as JsonObject,
      intents: taken.begins as readonly (Begun & { params: JsonObject })[],
      withdraws: taken.withdraws,
      wakes: taken.sets,
      cancelWakes: taken.cancels,
      seal: (options.sealed ?? []).filter(({ ref }) => taken.live.has(ref.id)),
      forget: journal.sealedRefs(stream).flatMap(({ id }) => (taken.live.has(id) ? [] : [id])),
      ...(options.closes === undefined ? {} : { closes: options.closes }),
      ...(options.takes === undefined ? {} : { takes: options.takes }),
    });
    this.#actors.set(stream, { version: actor.version + 1, snapshot: taken.snapshot });
    return true;
  }

  /** What a step would decide on, were it taken now. Nothing is written. */
  foresee(stream: string, happened: NewEvent, closes: string): Pick<Step, "snapshot" | "begins"> {
    const event = { ...happened, at: this.#world.clock.now() } as EnrolmentEvent;
    return step(this.#standing(stream, this.#actor(stream)), event, closes);
  }

  /** After a failed write only the journal knows how far it came. */
  #append(stream: string, input: Append): void {
    try {
      this.#world.journal.append(input);
    } catch (error) {
      this.#actors.delete(stream);
      throw error;
    }
  }

  #standing(stream: string, { version, snapshot }: Actor): Standing {
    const { journal } = this.#world;
    const wakes = journal.wakes(stream).map(({ name }) => name);
    return { stream, version, snapshot, open: journal.openIntents(stream), wakes };
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
