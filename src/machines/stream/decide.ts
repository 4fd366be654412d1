import { type AnyStateMachine, type EventObject, getMicrosteps } from "xstate";
import type { StateValue } from "./state-name.ts";

/** All that the next decision of a stream stands on; plain JSON. */
export interface AnySnapshot {
  readonly value: StateValue;
  readonly context: object;
}

/** An intent as it is asked for: what, about what, and how it is recovered. */
export interface AnyAsked {
  readonly type: string;
  readonly params: object;
  readonly subject: string;
  readonly once: boolean;
}

/** An absolute timer, kept as a row. */
export interface Timer {
  readonly name: string;
  readonly at: number;
}

/** How an intent of one kind is recovered, and how long it lives. */
export interface IntentRule {
  /** `once`: an answer that did not arrive is ANSWER_LOST; never simply performed again. */
  readonly once: boolean;
  /** Belongs to the state that asked for it, and is withdrawn when the machine leaves that state. */
  readonly bound: boolean;
  /** Tells apart intents of one kind that may be open side by side. */
  readonly subject: (params: never) => string;
}
export type IntentRules = Readonly<Record<string, IntentRule>>;

export interface Decision<S extends AnySnapshot = AnySnapshot, A extends AnyAsked = AnyAsked> {
  readonly snapshot: S;
  readonly asked: readonly A[];
  readonly wakes: readonly Timer[];
  /** The state was left: what is bound to it is withdrawn. */
  readonly left: boolean;
  /** All earlier wakes are void: the state was left, or has set its wakes anew. */
  readonly rewound: boolean;
  /** False when the machine has nothing to say to the event. */
  readonly changed: boolean;
}

/** The one step of the system: a snapshot and an event give the next snapshot and what is wanted. Pure. */
export function decideBy<S extends AnySnapshot, A extends AnyAsked>(
  machine: AnyStateMachine,
  rules: IntentRules,
  snapshot: S,
  event: EventObject,
): Decision<S, A> {
  const before = machine.resolveState({ value: snapshot.value, context: snapshot.context });
  let at = JSON.stringify(before.value);
  let after: Pick<typeof before, "value" | "context"> = before;
  let wants: Wants = { asked: [], wakes: [], cancelled: false };
  for (const [next, actions] of getMicrosteps(machine, before, event)) {
    const there = JSON.stringify(next.value);
    // A state that was only passed through leaves behind what outlives states, and nothing else.
    if (there !== at) wants = { ...wants, asked: wants.asked.filter(({ type }) => !rules[type]?.bound), wakes: [] };
    wants = actions.reduce((sum, action) => collect(rules, sum, action), wants);
    after = next;
    at = there;
  }
  const { asked, wakes, cancelled } = wants;
  const left = at !== JSON.stringify(before.value);
  return {
    snapshot: { value: after.value, context: after.context } as S,
    asked: asked as readonly A[],
    wakes,
    left,
    rewound: left || cancelled || wakes.length > 0,
    changed: left || asked.length > 0 || wakes.length > 0 || after.context !== before.context,
  };
}

interface Wants {
  readonly asked: readonly AnyAsked[];
  readonly wakes: readonly Timer[];
  readonly cancelled: boolean;
}

function collect(
  rules: IntentRules,
  wants: Wants,
  { type, params }: { readonly type: string; readonly params: unknown },
): Wants {
  if (type === "wakeAt") return { ...wants, wakes: [...wants.wakes, params as Timer] };
  if (type === "cancelWakes") return { ...wants, cancelled: true };
  const rule = rules[type];
  if (!rule) throw new Error(`the machine asked for "${type}", which nobody knows`);
  const asked = { type, params: params as object, subject: rule.subject(params as never), once: rule.once };
  return { ...wants, asked: [...wants.asked, asked] };
}
