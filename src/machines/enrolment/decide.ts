import { initialTransition } from "xstate";
import { type Decision as AnyDecision, decideBy } from "../stream/decide.ts";
import type { StateValue } from "../stream/state-name.ts";
import type { Context } from "./context.ts";
import type { EnrolmentEvent } from "./events.ts";
import { INTENT_RULES, type Intent, type IntentKind } from "./intents.ts";
import { enrolmentMachine } from "./machine.ts";

export { secretIds } from "../stream/secret-ref.ts";
export { type StateValue, stateName } from "../stream/state-name.ts";

/** All that the next decision stands on; plain JSON. */
export interface Snapshot {
  readonly value: StateValue;
  readonly context: Context;
}

/** An intent as it is asked for: what, about what, and how it is recovered. */
export type Asked = Intent & { readonly subject: string; readonly once: boolean };

export type Decision = AnyDecision<Snapshot, Asked>;

export function initialSnapshot(): Snapshot {
  const [{ value, context }] = initialTransition(enrolmentMachine);
  return { value: value as StateValue, context };
}

/** What the machine says to an event. Pure. */
export function decide(snapshot: Snapshot, event: EnrolmentEvent): Decision {
  return decideBy(enrolmentMachine, INTENT_RULES, snapshot, event);
}

/** Whether an open intent of this kind ends when its state is left. */
export function isBound(kind: string): boolean {
  return INTENT_RULES[kind as IntentKind]?.bound === true;
}
