import type { AnyAsked, AnySnapshot, Decision, Timer } from "./decide.ts";
import { secretIds } from "./secret-ref.ts";

/** An intent that is under way: journaled, its outcome not known. */
export interface Open {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly params: object;
}

/** What a stream stands on beside its snapshot. */
export interface Standing<S extends AnySnapshot = AnySnapshot> {
  readonly stream: string;
  /** Events so far. */
  readonly version: number;
  readonly snapshot: S;
  readonly open: readonly Open[];
  /** Names of the wakes that are set. */
  readonly wakes: readonly string[];
}

export interface Begun extends Open {
  readonly once: boolean;
  /** Not to be performed before; milliseconds since the epoch. */
  readonly dueAt: number;
}

/** Everything that follows from one event, to be appended in one transaction. */
export interface Step<S extends AnySnapshot = AnySnapshot> {
  readonly snapshot: S;
  readonly begins: readonly Begun[];
  /** Ids of open intents that end with their state. */
  readonly withdraws: readonly string[];
  readonly sets: readonly Timer[];
  /** Names of wakes that end. */
  readonly cancels: readonly string[];
  /** Ids of the sealed secrets that something still mentions; every other one's life is over. */
  readonly live: ReadonlySet<string>;
  /** False when the machine had nothing to say. */
  readonly changed: boolean;
}

export type AnyEvent = { readonly type: string; readonly at: number };

/** What a step needs of a machine. */
export interface Stepper<S extends AnySnapshot, E extends AnyEvent> {
  decide(snapshot: S, event: E): Decision<S, AnyAsked>;
  /** Whether an open intent of this kind ends when its state is left. */
  isBound(kind: string): boolean;
  /**
   * Outcomes of intents that end with their state. One that comes without its open intent answers a question that nobody
   * asks any more: the machine must not take it for the answer to today's.
   */
  isAnswer(type: string): boolean;
}

/**
 * One step of a stream: the machine's decision and its bookkeeping. Pure; the agent, `replay` and the tests all take it.
 *
 * @param closes id of the open intent that the event is the outcome of
 */
export function stepBy<S extends AnySnapshot, E extends AnyEvent>(
  stepper: Stepper<S, E>,
  before: Standing<S>,
  event: E,
  closes?: string,
): Step<S> {
  const late = closes === undefined && stepper.isAnswer(event.type);
  const decision = late ? unmoved(before.snapshot) : stepper.decide(before.snapshot, event);
  const open = before.open.filter(({ id }) => id !== closes);
  const withdrawn = decision.left ? open.filter(({ kind }) => stepper.isBound(kind)) : [];
  const kept = open.filter((intent) => !withdrawn.includes(intent));
  const begins = begun(before, decision.asked, kept, event.at);
  return {
    snapshot: decision.snapshot,
    begins,
    withdraws: withdrawn.map(({ id }) => id),
    sets: decision.wakes,
    cancels: endedWakes(before.wakes, event, decision.rewound),
    live: secretIds([decision.snapshot.context, [...kept, ...begins].map(({ params }) => params)]),
    changed: decision.changed,
  };
}

/** The stream after the step; what the journal's rows say, as a value. */
export function after<S extends AnySnapshot>(before: Standing<S>, taken: Step<S>, closes?: string): Standing<S> {
  const ended = new Set([...taken.withdraws, closes]);
  const wakes = before.wakes.filter((name) => !taken.cancels.includes(name));
  return {
    stream: before.stream,
    version: before.version + 1,
    snapshot: taken.snapshot,
    open: [...before.open.filter(({ id }) => !ended.has(id)), ...taken.begins],
    wakes: [...new Set([...wakes, ...taken.sets.map(({ name }) => name)])],
  };
}

function unmoved<S extends AnySnapshot>(snapshot: S): Decision<S, AnyAsked> {
  return { snapshot, asked: [], wakes: [], left: false, rewound: false, changed: false };
}

/** What is asked for and not open already, with a stable id and the time from which it may be performed. */
function begun(
  { stream, version }: Pick<Standing, "stream" | "version">,
  asked: readonly AnyAsked[],
  open: readonly Open[],
  at: number,
): Begun[] {
  // One event may pass several states that ask for the same.
  const wanted = new Map(asked.map((intent) => [`${intent.type} ${intent.subject}`, intent]));
  for (const { kind, subject } of open) wanted.delete(`${kind} ${subject}`);
  return [...wanted.values()].map(({ type, subject, params, once }, index) => ({
    id: `${stream}#${version + 1}.${index}`,
    kind: type,
    subject,
    params,
    once,
    dueAt: at + ("after" in params && typeof params.after === "number" ? params.after : 0),
  }));
}

function endedWakes(wakes: readonly string[], event: AnyEvent, rewound: boolean): readonly string[] {
  if (rewound) return wakes;
  return event.type === "WOKE" && "name" in event ? [String(event.name)] : [];
}
