import { initialTransition } from "xstate";
import { type Decision, decideBy } from "../stream/decide.ts";
import type { StateValue } from "../stream/state-name.ts";
import { type Standing as AnyStanding, type Step as AnyStep, type Stepper, stepBy } from "../stream/step.ts";
import { type Upcasters, upcastBy } from "../stream/upcast.ts";
import type { Context } from "./context.ts";
import type { EventType, SessionEvent } from "./events.ts";
import { INTENT_RULES, type Intent, type IntentKind } from "./intents.ts";
import { SESSION_VERSION, sessionMachine } from "./machine.ts";

/** All that the next decision stands on; plain JSON. */
export interface SessionSnapshot {
  readonly value: StateValue;
  readonly context: Context;
}

type Asked = Intent & { readonly subject: string; readonly once: boolean };

export function initialSession(): SessionSnapshot {
  const [{ value, context }] = initialTransition(sessionMachine);
  return { value: value as StateValue, context };
}

/** What the machine says to an event. Pure. */
export function decide(snapshot: SessionSnapshot, event: SessionEvent): Decision<SessionSnapshot, Asked> {
  return decideBy(sessionMachine, INTENT_RULES, snapshot, event);
}

/** They are about a token that may not be the one at hand. (LOGGED_IN and LOGIN_KEPT bring something: always heard.) */
const ANSWERS: ReadonlySet<string> = new Set<EventType>(["RENEWED", "NOT_RENEWED", "LOOKED_UP", "ANSWER_LOST"]);

const stepper: Stepper<SessionSnapshot, SessionEvent> = {
  decide,
  isBound: (kind) => INTENT_RULES[kind as IntentKind]?.bound === true,
  isAnswer: (type) => ANSWERS.has(type),
};

export type Standing = AnyStanding<SessionSnapshot>;
export type Step = AnyStep<SessionSnapshot>;

/** One step of a session; see {@link stepBy}. */
export function step(before: Standing, event: SessionEvent, closes?: string): Step {
  return stepBy(stepper, before, event, closes);
}

const UPCASTERS: Upcasters<SessionSnapshot> = {
  /** The way to the server is on record since. */
  1: ({ value, context }) => {
    const { settings } = context;
    return { value, context: { ...context, settings: settings && { ...settings, way: null } } };
  },
};

/** See {@link upcastBy}. */
export function upcast(snapshot: SessionSnapshot, from: number): SessionSnapshot {
  return upcastBy(UPCASTERS, SESSION_VERSION, snapshot, from);
}
