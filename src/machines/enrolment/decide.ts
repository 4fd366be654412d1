import { getMicrosteps, initialTransition } from "xstate";
import type { Context } from "./context.ts";
import type { EnrolmentEvent } from "./events.ts";
import { INTENT_RULES, type Intent, type IntentKind } from "./intents.ts";
import { enrolmentMachine } from "./machine.ts";
import type { Timers } from "./setup.ts";
import type { StateValue } from "./state-name.ts";

export { type StateValue, stateName } from "./state-name.ts";

/** All that the next decision stands on; plain JSON. */
export interface Snapshot {
  readonly value: StateValue;
  readonly context: Context;
}

/** An intent as it is asked for: what, about what, and how it is recovered. */
export type Asked = Intent & { readonly subject: string; readonly once: boolean };

export interface Decision {
  readonly snapshot: Snapshot;
  readonly asked: readonly Asked[];
  readonly wakes: readonly Timers["wakeAt"][];
  /** The state was left: what is bound to it (see INTENT_RULES) is withdrawn. */
  readonly left: boolean;
  /** All earlier wakes are void: the state was left, or has set its wakes anew. */
  readonly rewound: boolean;
  /** False when the machine has nothing to say to the event. */
  readonly changed: boolean;
}

export function initialSnapshot(): Snapshot {
  const [{ value, context }] = initialTransition(enrolmentMachine);
  return { value: value as StateValue, context };
}

/** The one step of the system: a snapshot and an event give the next snapshot and what is wanted. Pure. */
export function decide(snapshot: Snapshot, event: EnrolmentEvent): Decision {
  const before = enrolmentMachine.resolveState({ value: snapshot.value, context: snapshot.context });
  let at = JSON.stringify(before.value);
  let after: Pick<typeof before, "value" | "context"> = before;
  let wants: Wants = { asked: [], wakes: [], cancelled: false };
  for (const [next, actions] of getMicrosteps(enrolmentMachine, before, event)) {
    const there = JSON.stringify(next.value);
    // A state that was only passed through leaves behind what outlives states, and nothing else.
    if (there !== at) wants = { ...wants, asked: wants.asked.filter(({ type }) => !isBound(type)), wakes: [] };
    wants = actions.reduce(collect, wants);
    after = next;
    at = there;
  }
  const { asked, wakes, cancelled } = wants;
  const left = at !== JSON.stringify(before.value);
  return {
    snapshot: { value: after.value as StateValue, context: after.context },
    asked,
    wakes,
    left,
    rewound: left || cancelled || wakes.length > 0,
    changed: left || asked.length > 0 || wakes.length > 0 || after.context !== before.context,
  };
}

interface Wants {
  readonly asked: readonly Asked[];
  readonly wakes: readonly Timers["wakeAt"][];
  readonly cancelled: boolean;
}

function collect(wants: Wants, { type, params }: { readonly type: string; readonly params: unknown }): Wants {
  if (type === "wakeAt") return { ...wants, wakes: [...wants.wakes, params as Timers["wakeAt"]] };
  if (type === "cancelWakes") return { ...wants, cancelled: true };
  if (type in INTENT_RULES) return { ...wants, asked: [...wants.asked, ask({ type, params } as Intent)] };
  throw new Error(`the machine asked for "${type}", which nobody knows`);
}

function ask<K extends IntentKind>(intent: Extract<Intent, { type: K }>): Asked {
  const rule = INTENT_RULES[intent.type as K];
  const subject = rule.subject(intent.params as never);
  return { ...(intent as Intent), subject, once: rule.once };
}

/** Whether an open intent of this kind ends when its state is left. */
export function isBound(kind: string): boolean {
  return INTENT_RULES[kind as IntentKind]?.bound === true;
}

/**
 * Ids of all sealed secrets that a JSON value mentions. A secret lives exactly as long as its stream's snapshot or an
 * open intent of it mentions it (docs/adr/0003).
 */
export function secretIds(json: unknown, into: Set<string> = new Set()): Set<string> {
  if (Array.isArray(json)) for (const item of json) secretIds(item, into);
  else if (typeof json === "object" && json !== null) {
    if (isRef(json)) into.add(json.id);
    for (const item of Object.values(json)) secretIds(item, into);
  }
  return into;
}

function isRef(value: object): value is { id: string } {
  return "id" in value && typeof value.id === "string" && "kind" in value && "digest" in value;
}
