import { setup } from "xstate";
import type { Timer } from "../stream/decide.ts";
import type { Context } from "./context.ts";
import type { SessionEvent } from "./events.ts";
import { guards } from "./guards.ts";
import type { Intents } from "./intents.ts";
import type { Update } from "./updates.ts";

/** `renew`: see to more time. `end`: its life is over by our clock. `again`: the next login. `giveUp`: a person's. */
export type WakeName = "renew" | "end" | "again" | "giveUp";

/** An action that does nothing here: decide() hands it to the agent, which journals it before performing it. */
const named =
  <P>() =>
  (_: unknown, _params: P): void => {};

/** The vocabulary of the machine: its types, its intents, its questions. */
export const session = setup({
  types: { context: {} as Context, events: {} as SessionEvent },
  actions: {
    login: named<Intents["login"]>(),
    renew: named<Intents["renew"]>(),
    lookup: named<Intents["lookup"]>(),
    giveBack: named<Intents["giveBack"]>(),
    wakeAt: named<Timer & { readonly name: WakeName }>(),
    cancelWakes: named<Record<string, never>>(),
  },
  guards,
});

/** A pure change of the context as an action; which event it sees is fixed by the `on` that names it. */
export function update<E>(change: Update<E>) {
  return session.assign(({ context, event }) => change({ context, event: event as unknown as E }));
}
