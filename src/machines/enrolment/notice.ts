import type { AskCode, Context, NoticeCode } from "./context.ts";
import type { EventOf } from "./events.ts";

const DAY = 24 * 60 * 60_000;
/** Timers ring a moment before a day has passed since the person was told. */
const ALMOST_A_DAY = DAY - 60 * 60_000;

/** Said again every day while it lasts: what can't wait. */
const DAILY: readonly AskCode[] = ["revoked", "no-refresh-token", "mint-forbidden", "held-elsewhere"];
/** No timer of their state's own repeats them. */
const REMINDED: readonly AskCode[] = ["revoked", "held-elsewhere"];
/** How a login ended: whoever began it was there. */
const ENDED_LOGIN: readonly AskCode[] = [
  ...(["not-enrolled", "login-expired", "login-maybe-collected", "login-refused", "login-damaged"] as const),
  "mint-refused",
];

/**
 * Whether what is asked of the person is to be said now: once an episode (until the enrolment is well again), and what
 * can't wait once a day. Pure; what was said stands in the enrolment's own history.
 */
export function isNews({ ask, told }: Context, at: number): boolean {
  if (ask === null) return false;
  if (told === null) return true;
  if (told.code !== ask.code) return !ENDED_LOGIN.includes(ask.code);
  return DAILY.includes(ask.code) && at - told.at >= ALMOST_A_DAY;
}

/** What is to be said although no event asks for it: a day has passed, or an unanswered rotation has come out well. */
export function dueNotice({ ask, told, unanswered }: Context, at: number): NoticeCode | null {
  if (unanswered?.outcome && !unanswered.told && unanswered.outcome.how !== "refused") return "answer-lost";
  if (ask === null || told?.code !== ask.code || !REMINDED.includes(ask.code)) return null;
  return at - told.at >= DAY ? ask.code : null;
}

/** The person was told; what was known already had been told before. */
export function notified({ context, event }: { context: Context; event: EventOf<"NOTIFIED"> }): Partial<Context> {
  const { code, known, at } = event;
  if (known === true) return {};
  if (code !== "answer-lost") return { told: { code, at } };
  return { unanswered: context.unanswered && { ...context.unanswered, told: true } };
}
