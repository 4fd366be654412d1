import type { Refused, Trouble } from "../../adapters/engines/port.ts";
import { DotvaultError } from "../../errors.ts";
import { happened, type Outcome, type Performer, pairBytes, type Task } from "../task.ts";

const LOST = "the login's session can't be opened any more";
/** As jf does it: one look every three seconds. */
const POLL_EVERY = 3_000;

export const openSession: Performer<"openSession"> = async (task) => {
  const { enrolment, signal } = task;
  if (!enrolment.engine.begin) throw new Error(`${enrolment.engine.name} has no login`);
  const session = sessionIfKept(task);
  if (session === undefined)
    return happened({ type: "SESSION_REFUSED", class: "secret.ended", message: LOST, hint: null });
  const result = await enrolment.engine.begin(session, signal);
  if (result.kind === "registered") return happened({ type: "SESSION_OPENED", ...timeOf(result) });
  if (result.kind === "refused") return happened(sessionRefused(result));
  return untilDeadline(task, troubled(result));
};

export const poll: Performer<"poll"> = async (task) => {
  const { enrolment, signal } = task;
  if (!enrolment.engine.poll) throw new Error(`${enrolment.engine.name} has no login`);
  const session = sessionIfKept(task);
  if (session === undefined) return happened({ type: "SESSION_GONE", message: LOST });
  const result = await enrolment.engine.poll(session, signal);
  switch (result.kind) {
    case "granted":
      return happened({
        type: "GRANTED",
        bootstrap: task.keep("bootstrap", pairBytes(result.bootstrap)),
        tokenId: result.facts.tokenId ?? null,
        user: result.facts.user ?? null,
        ...timeOf(result),
      });
    case "pending":
      return untilDeadline(task, { kind: "again", after: POLL_EVERY });
    case "refused":
      return happened(
        result.class === "jfrog.poll.gone" ? { type: "SESSION_GONE", message: result.message } : sessionRefused(result),
      );
    case "trouble":
      return untilDeadline(task, troubled(result));
  }
};

/** A row that can't be opened never will be; asking for it for ever would keep the person from a new login. */
function sessionIfKept(task: Task<"poll"> | Task<"openSession">): string | undefined {
  try {
    return sessionOf(task);
  } catch (error) {
    if (error instanceof DotvaultError && /^(secret|seal)\./.test(error.code)) return undefined;
    throw error;
  }
}

function sessionOf(task: Task<"poll"> | Task<"openSession">): string {
  return task.open(task.params.session).toString("utf8");
}

function sessionRefused(result: Refused) {
  const { class: kind, message, hint } = result;
  return { type: "SESSION_REFUSED", class: kind, message, hint: hint ?? null } as const;
}

/** The deadline is absolute: the try that is over it was the last. A clock that was set back since has moved it. */
function untilDeadline(task: Task<"poll"> | Task<"openSession">, outcome: Outcome): Outcome {
  const until = Math.min(task.params.until, task.latest().context.session?.deadline ?? task.params.until);
  return task.world.clock.now() >= until ? happened({ type: "SESSION_EXPIRED" }) : outcome;
}

export function troubled(result: Trouble): Outcome {
  const { class: kind, message, hint, sent, retryAfterMs } = result;
  return { kind: "trouble", class: kind, message, hint, sent, retryAfterMs };
}

export function timeOf(result: { readonly serverTime?: number }): { serverTime?: number } {
  return result.serverTime === undefined ? {} : { serverTime: result.serverTime };
}
