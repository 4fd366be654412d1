import { backoff } from "../backoff.ts";
import { currentToken } from "./context.ts";
import { canRenew, logsInAgain } from "./guards.ts";
import { session } from "./setup.ts";

/** What the states ask for. */

export const lookUp = session.enqueueActions(({ context, enqueue }) => {
  const token = currentToken(context);
  if (token) enqueue({ type: "lookup", params: { id: token.id, ref: token.ref } });
});

export const renew = session.enqueueActions(({ context, enqueue }) => {
  const token = currentToken(context);
  if (token) enqueue({ type: "renew", params: { id: token.id, ref: token.ref } });
});

export const logIn = session.enqueueActions(({ context, enqueue }) => {
  enqueue({ type: "login", params: { kept: context.kept } });
});

/** A token that nobody will use any more is not left alive. Given up after this time, milliseconds, or at its own end. */
const GIVE_BACK_WITHIN = 24 * 60 * 60_000;

/** Before the token is forgotten. A person's own is theirs. */
export const giveBack = session.enqueueActions(({ context, event, enqueue }) => {
  const { login, settings } = context;
  const way = settings?.way ?? null;
  if (!login?.ref || way === null) return;
  const until = Math.min(login.life?.expiresAt ?? Number.POSITIVE_INFINITY, event.at + GIVE_BACK_WITHIN);
  enqueue({ type: "giveBack", params: { id: login.id, ref: login.ref, way, until } });
});

/** More time, or the next token, in time; else, at its end by our clock, the server is asked. */
export const planAhead = session.enqueueActions(({ context, enqueue }) => {
  enqueue({ type: "cancelWakes", params: {} });
  const { dueAt = null, expiresAt = null } = currentToken(context)?.life ?? {};
  const seesToIt = canRenew(context) || logsInAgain(context);
  if (dueAt !== null && seesToIt) enqueue({ type: "wakeAt", params: { name: "renew", at: dueAt } });
  else if (expiresAt !== null) enqueue({ type: "wakeAt", params: { name: "end", at: expiresAt } });
});

export const waitForPerson = session.enqueueActions(({ context, enqueue }) => {
  const { personUntil } = context;
  if (personUntil !== null) enqueue({ type: "wakeAt", params: { name: "giveUp", at: personUntil } });
});

/** A login whose answer was lost is made again, after a pause that grows. */
export const pause = session.enqueueActions(({ context, event, enqueue }) => {
  if (event.type !== "ANSWER_LOST") return;
  const wait = backoff({ attempt: context.lost?.count ?? 0, random: event.random });
  enqueue({ type: "wakeAt", params: { name: "again", at: event.at + wait } });
});
