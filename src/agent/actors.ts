import type { Append, Json, JsonObject, SealedSecret } from "../journal/port.ts";
import { initialSnapshot, type Snapshot } from "../machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../machines/enrolment/events.ts";
import { MACHINE_VERSION } from "../machines/enrolment/machine.ts";
import { step } from "../machines/enrolment/step.ts";
import { upcast } from "../machines/enrolment/upcast.ts";
import type { AnySnapshot } from "../machines/stream/decide.ts";
import type { AnyEvent, Begun, Standing, Step } from "../machines/stream/step.ts";
import type { World } from "./ports.ts";
import type { WithoutTime } from "./task.ts";

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

interface Actor<S> {
  version: number;
  snapshot: S;
}

/** The machine that streams of one kind run through. */
export interface Machine<S extends AnySnapshot, E extends AnyEvent> {
  /** What the names of its streams begin with. */
  readonly prefix: string;
  readonly version: number;
  initial(): S;
  /** Throws `machine.newer`, `machine.unknown`. */
  upcast(snapshot: S, from: number): S;
  step(before: Standing<S>, event: E, closes?: string): Step<S>;
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
export class StreamActors<S extends AnySnapshot, E extends AnyEvent> {
  readonly #world: Pick<World, "journal" | "clock">;
  readonly #machine: Machine<S, E>;
  readonly #actors = new Map<string, Actor<S>>();

  constructor(world: Pick<World, "journal" | "clock">, machine: Machine<S, E>) {
    this.#world = world;
    this.#machine = machine;
  }

  snapshot(stream: string): S {
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
    return this.#world.journal.heads(this.#machine.prefix).map(({ stream }) => stream);
  }

  /** One step of one actor. Returns false when the machine had nothing to say and nobody waits for an answer. */
  step(stream: string, happened: WithoutTime<E>, options: StepOptions = {}): boolean {
    const { journal, clock } = this.#world;
    const actor = this.#actor(stream);
    const event = { ...happened, at: clock.now() } as unknown as E;
    const taken = this.#machine.step(this.#standing(stream, actor), event, options.closes);
    // A wake that nobody heeds has to leave its row all the same.
    const answers = options.closes !== undefined || options.takes !== undefined;
    if (!taken.changed && !answers && taken.cancels.length === 0 && options.always !== true) return false;
    this.#append(stream, {
      stream,
      expectedVersion: actor.version,
      machineVersion: this.#machine.version,
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
  foresee(stream: string, happened: WithoutTime<E>, closes: string): Pick<Step<S>, "snapshot" | "begins"> {
    const event = { ...happened, at: this.#world.clock.now() } as unknown as E;
    return this.#machine.step(this.#standing(stream, this.#actor(stream)), event, closes);
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

  #standing(stream: string, { version, snapshot }: Actor<S>): Standing<S> {
    const { journal } = this.#world;
    const wakes = journal.wakes(stream).map(({ name }) => name);
    return { stream, version, snapshot, open: journal.openIntents(stream), wakes };
  }

  #actor(stream: string): Actor<S> {
    const known = this.#actors.get(stream);
    if (known) return known;
    const head = this.#world.journal.head(stream);
    const actor = head
      ? {
          version: head.version,
          snapshot: this.#machine.upcast(head.snapshot as unknown as S, head.machineVersion),
        }
      : { version: 0, snapshot: this.#machine.initial() };
    this.#actors.set(stream, actor);
    return actor;
  }
}

const enrolments: Machine<Snapshot, EnrolmentEvent> = {
  prefix: ENROLMENT,
  version: MACHINE_VERSION,
  initial: initialSnapshot,
  upcast,
  step,
};

/** The enrolments. */
export class Actors extends StreamActors<Snapshot, EnrolmentEvent> {
  constructor(world: Pick<World, "journal" | "clock">) {
    super(world, enrolments);
  }
}
