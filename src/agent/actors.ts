import type { Append, Json, JsonObject, SealedSecret } from "../journal/port.ts";
import { initialSnapshot, type Snapshot } from "../machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../machines/enrolment/events.ts";
import { MACHINE_VERSION } from "../machines/enrolment/machine.ts";
import { step } from "../machines/enrolment/step.ts";
import { upcast } from "../machines/enrolment/upcast.ts";
import type { AnySnapshot } from "../machines/stream/decide.ts";
import { ENROLMENT } from "../machines/stream/names.ts";
import { type AnyEvent, after, type Begun, type Standing, type Step } from "../machines/stream/step.ts";
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

/** What a stream stands on, as the journal's rows say it: read once, then moved on with every step that they took. */
interface Actor<S extends AnySnapshot> {
  readonly standing: Standing<S>;
  /** Ids of the secrets that are sealed there. */
  readonly sealed: readonly string[];
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
    return this.#actor(stream).standing.snapshot;
  }

  /** Events so far; changes with every step. */
  version(stream: string): number {
    return this.#actor(stream).standing.version;
  }

  /** Whether the intent's outcome is still waited for. */
  isOpen({ stream, id }: { readonly stream: string; readonly id: string }): boolean {
    return this.#actor(stream).standing.open.some((intent) => intent.id === id);
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
    const actor = this.#actor(stream);
    const { taken, input } = this.#decide(actor, happened, options);
    // A wake that nobody heeds has to leave its row all the same.
    const answers = options.closes !== undefined || options.takes !== undefined;
    if (!taken.changed && !answers && taken.cancels.length === 0 && options.always !== true) return false;
    this.#append(input);
    const standing = after(actor.standing, taken, options.closes);
    this.#actors.set(stream, { standing, sealed: sealedAfter(actor.sealed, input) });
    return true;
  }

  /**
   * All of a step's work, with nothing left of it: what is cold becomes warm, and a journal that could not take the step
   * says so. Throws what {@link step} would.
   */
  rehearse(stream: string, happened: WithoutTime<E>, options: StepOptions): void {
    this.#world.journal.rehearse(this.#decide(this.#actor(stream), happened, options).input);
  }

  /** What a step would decide on, were it taken now. Nothing is written. */
  foresee(stream: string, happened: WithoutTime<E>, closes: string): Pick<Step<S>, "snapshot" | "begins"> {
    return this.#decide(this.#actor(stream), happened, { closes }).taken;
  }

  #decide(
    { standing, sealed }: Actor<S>,
    happened: WithoutTime<E>,
    options: StepOptions,
  ): { readonly taken: Step<S>; readonly input: Append } {
    const { closes, takes } = options;
    const event = { ...happened, at: this.#world.clock.now() } as unknown as E;
    const taken = this.#machine.step(standing, event, closes);
    const input: Append = {
      stream: standing.stream,
      expectedVersion: standing.version,
      machineVersion: this.#machine.version,
      event: event as unknown as { type: string; at: number; [key: string]: Json },
      state: taken.snapshot.value as Json,
      snapshot: taken.snapshot as unknown as JsonObject,
      intents: taken.begins as readonly (Begun & { params: JsonObject })[],
      withdraws: taken.withdraws,
      wakes: taken.sets,
      cancelWakes: taken.cancels,
      seal: (options.sealed ?? []).filter(({ ref }) => taken.live.has(ref.id)),
      forget: sealed.filter((id) => !taken.live.has(id)),
      ...(closes === undefined ? {} : { closes }),
      ...(takes === undefined ? {} : { takes }),
    };
    return { taken, input };
  }

  /** After a failed write only the journal knows how far it came. */
  #append(input: Append): void {
    try {
      this.#world.journal.append(input);
    } catch (error) {
      this.#actors.delete(input.stream);
      throw error;
    }
  }

  #actor(stream: string): Actor<S> {
    const known = this.#actors.get(stream);
    if (known) return known;
    const actor = this.#read(stream);
    this.#actors.set(stream, actor);
    return actor;
  }

  #read(stream: string): Actor<S> {
    const { journal } = this.#world;
    const head = journal.head(stream);
    const snapshot = head
      ? this.#machine.upcast(head.snapshot as unknown as S, head.machineVersion)
      : this.#machine.initial();
    const open = journal.openIntents(stream);
    const wakes = journal.wakes(stream).map(({ name }) => name);
    return {
      standing: { stream, version: head?.version ?? 0, snapshot, open, wakes },
      sealed: journal.sealedRefs(stream).map(({ id }) => id),
    };
  }
}

function sealedAfter(before: readonly string[], { forget = [], seal = [] }: Append): readonly string[] {
  return [...before.filter((id) => !forget.includes(id)), ...seal.map(({ ref }) => ref.id)];
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
