import type { AskCode } from "../context.ts";
import type { EnrolmentEvent, EventOf } from "../events.ts";
import { ask, cleanup, hintOf, settled, type Update } from "./update.ts";

export const configured: Update<EventOf<"CONFIGURED">> = ({ event }) => ({ settings: event.settings });

/** Back on the host that the pair came from, or still not: the state's own guard looks again. */
export const resettled: Update<EventOf<"CONFIGURED">> = ({ event }) => ({ settings: event.settings, ask: null });

export const unenrolled: Update<{ readonly at: number }> = ({ context, event }) => ({
  ...settled,
  current: null,
  fresh: null,
  bootstrap: null,
  session: null,
  afterwards: null,
  unenrolledAt: event.at,
  ask: null,
  told: null,
  unanswered: null,
  cleanups: [...context.cleanups, ...cleanup(context.held, "unenrolled", event.at)],
});

/** A person asked to un-enrol while a step is under way that must not be cut. */
export const unenrolLater: Update<EventOf<"REVOKE_ASKED">> = () => ({ afterwards: "unenrol" });

export const unenrolling: Update<{ readonly at: number }> = ({ context, event }) => ({
  ...settled,
  afterwards: null,
  session: null,
  ask: null,
  unenrolledAt: event.at,
  cleanups: [...context.cleanups, ...cleanup(context.bootstrap, "bootstrap", event.at)],
  bootstrap: null,
});

export function asking(code: AskCode): Update<EnrolmentEvent> {
  return ({ context, event }) => ({
    ask:
      context.ask?.code === code
        ? context.ask
        : ask(code, event.at, "message" in event ? event.message : (context.doubt?.message ?? null), hintOf(event)),
  });
}
