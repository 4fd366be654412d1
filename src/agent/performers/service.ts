import { isNews } from "../../machines/enrolment/notice.ts";
import { happened, type Performer, pairIfReadable } from "../task.ts";
import { timeOf, troubled } from "./login.ts";

/** A running `jf` may still hold the old token; its file has to be new before the token goes. */
const AFTER_FILES = 60_000;
/** More than an hour of refusals; a suspended login may take longer. */
const TRIES = 20;
/** Once a day, to the token's own end: what was not revoked stays on record. */
const NEXT_DAY = 24 * 60 * 60_000;
/** Past the end, whatever the clocks' difference. */
const MOMENT = 60_000;

export const probe: Performer<"probe"> = async (task) => {
  const { enrolment, params, signal } = task;
  if (!enrolment.engine.probe) throw new Error(`${enrolment.engine.name} has no probe`);
  const pair = pairIfReadable(task, params.pair);
  if (!pair) return happened({ type: "PAIR_UNREADABLE" });
  const result = await enrolment.engine.probe(pair, signal);
  switch (result.kind) {
    case "alive":
      return happened({ type: "PROBED", verdict: "alive", listed: result.listed, ...timeOf(result) });
    case "dead":
    case "unlisted":
      return happened({ type: "PROBED", verdict: result.kind, listed: false, ...timeOf(result) });
    // A 403 may be a login suspension, which says nothing about the token: look again later.
    case "refused":
      return { kind: "trouble", class: result.class, message: result.message, hint: result.hint, sent: "no" };
    case "trouble":
      return troubled(result);
  }
};

export const revoke: Performer<"revoke"> = async (task) => {
  const { world, enrolment, stream, intent, params, signal } = task;
  const revoked = (how: string) => happened({ type: "REVOKED", subject: params.pair.id, how });
  if (!enrolment.engine.revoke) return revoked("not supported");
  if (params.after > 0 && isOpen(world.journal.openIntents(stream), "sync"))
    return { kind: "again", after: AFTER_FILES };
  // Should a service keep a token's id through a rotation, revoking the old one by its id would end the new one.
  if (params.tokenId !== null && params.tokenId === task.snapshot.context.current?.tokenId) return revoked("same id");
  const pair = pairIfReadable(task, params.pair);
  if (!pair) return revoked("unreadable");
  const expiresAt = enrolment.engine.describe(pair).expiresAt;
  if (expiresAt !== undefined && expiresAt < world.clock.now() + task.snapshot.context.skew) return revoked("expired");
  const result = await enrolment.engine.revoke(pair, signal);
  if (result.kind === "revoked") return revoked(result.how);
  if (result.kind === "trouble") return troubled(result);
  if (intent.attempt >= TRIES) return { kind: "again", after: untilNextDay(world.clock.now(), expiresAt) };
  return { kind: "trouble", class: result.class, message: result.message, hint: result.hint, sent: "no" };
};

/** Or until the token's end, if that is sooner. */
function untilNextDay(now: number, expiresAt: number | undefined): number {
  return Math.max(0, Math.min(NEXT_DAY, (expiresAt ?? Number.POSITIVE_INFINITY) - now)) + MOMENT;
}

export const sweep: Performer<"sweep"> = async (task) => {
  const { enrolment, intent, params, signal } = task;
  const { description, keep } = params;
  if (!enrolment.engine.sweep) return happened({ type: "SWEPT", revoked: [] });
  const pair = pairIfReadable(task, params.with);
  if (!pair) return happened({ type: "SWEPT", revoked: [] });
  const result = await enrolment.engine.sweep({ with: pair, description, keep }, signal);
  if (result.kind === "swept") return happened({ type: "SWEPT", revoked: result.revoked });
  if (result.kind === "trouble") return troubled(result);
  // The token that asks is not the newest for ever.
  if (intent.attempt >= TRIES) return happened({ type: "SWEPT", revoked: [] });
  return { kind: "trouble", class: result.class, message: result.message, hint: result.hint, sent: "no" };
};

export const notify: Performer<"notify"> = async ({ world, enrolment, params, latest }) => {
  const { code } = params;
  const { context } = latest();
  if (!isNews(context, world.clock.now())) return happened({ type: "NOTIFIED", code, known: true });
  await world.notify(enrolment.name, code, context).catch(() => undefined);
  return happened({ type: "NOTIFIED", code });
};

function isOpen(intents: readonly { readonly kind: string }[], kind: string): boolean {
  return intents.some((intent) => intent.kind === kind);
}
