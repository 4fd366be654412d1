import { setup } from "xstate";
import type { Context } from "./context.ts";
import type { EnrolmentEvent } from "./events.ts";
import { guards } from "./guards.ts";
import type { Intents } from "./intents.ts";
import type { Update } from "./updates/update.ts";

/** What a transition may ask for beside intents: absolute timers, kept as rows. */
export type Timers = {
  wakeAt: { readonly name: WakeName; readonly at: number };
  /** All that are set. */
  cancelWakes: Record<string, never>;
};
export type WakeName = "rotate" | "ask" | "retry" | "expired";

/** An action that does nothing here: decide() hands it to the agent, which journals it before performing it. */
const named =
  <P>() =>
  (_: unknown, _params: P): void => {};

/** The vocabulary of the machine: its types, its intents, its questions. States are built from it, one file a state. */
export const enrolment = setup({
  types: {
    context: {} as Context,
    events: {} as EnrolmentEvent,
  },
  actions: {
    read: named<Intents["read"]>(),
    openSession: named<Intents["openSession"]>(),
    poll: named<Intents["poll"]>(),
    mint: named<Intents["mint"]>(),
    claim: named<Intents["claim"]>(),
    refresh: named<Intents["refresh"]>(),
    probe: named<Intents["probe"]>(),
    store: named<Intents["store"]>(),
    remove: named<Intents["remove"]>(),
    release: named<Intents["release"]>(),
    sync: named<Intents["sync"]>(),
    revoke: named<Intents["revoke"]>(),
    sweep: named<Intents["sweep"]>(),
    notify: named<Intents["notify"]>(),
    wakeAt: named<Timers["wakeAt"]>(),
    cancelWakes: named<Timers["cancelWakes"]>(),
  },
  guards,
});

/**
 * A pure change of the context (updates/) as an action. XState types an action by all events; which event it sees is
 * fixed by the `on` that names it, hence the one cast of this folder.
 */
export function update<E>(change: Update<E>) {
  return enrolment.assign(({ context, event }) => change({ context, event: event as unknown as E }));
}
