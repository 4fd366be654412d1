import type { EventOf } from "../events.ts";
import type { Update } from "./update.ts";

/** A try that may have had its effect unseen; the row of the intent says the rest. */
export const failed: Update<EventOf<"FAILED">> = ({ context, event }) => ({
  session:
    context.session && event.intent === "poll" && event.sent === "maybe"
      ? { ...context.session, unanswered: true }
      : context.session,
  mint:
    context.mint && event.intent === "mint" && event.sent === "maybe"
      ? { ...context.mint, unanswered: true }
      : context.mint,
  doubt:
    context.doubt && event.intent === "probe" && event.class.endsWith(".403")
      ? { ...context.doubt, forbidden: true }
      : context.doubt,
});

/** After a crash an open poll or mint may have been answered unseen. */
export const resumed: Update<EventOf<"RESUMED">> = ({ context, event }) => ({
  session: context.session && event.open.includes("poll") ? { ...context.session, unanswered: true } : context.session,
  mint: context.mint && event.open.includes("mint") ? { ...context.mint, unanswered: true } : context.mint,
});
