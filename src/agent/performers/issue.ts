import type { IssueResult } from "../../adapters/engines/port.ts";
import { readLease, writeLease } from "../lease.ts";
import { plain, spreadOf } from "../secret.ts";
import {
  happened,
  type NewEvent,
  type Outcome,
  type Performer,
  pairBytes,
  pairIfReadable,
  type Task,
} from "../task.ts";
import { timeOf, troubled } from "./login.ts";

/** Has a pair of our own issued. Repeated after a failure: what an unanswered try left behind carries our description. */
export const mint: Performer<"mint"> = async (task) => {
  const { enrolment, params, signal } = task;
  const { description } = params;
  const using = params.with && pairIfReadable(task, params.with);
  if (using === undefined) return happened({ type: "PAIR_UNREADABLE" });
  const result = await enrolment.engine.exchange(using ? { with: using, description } : { description }, signal);
  if (result.kind === "refused") {
    const { status, class: kind, message, hint } = result;
    return happened({ type: "MINT_REFUSED", status, class: kind, message, hint: hint ?? null, ...timeOf(result) });
  }
  return result.kind === "trouble" ? troubled(result) : issued(task, result);
};

/**
 * Presents the pair: first the mark on the lease, then the one request. Everything before the request is `sent: "no"`.
 */
export const refresh: Performer<"refresh"> = async (task) => {
  const { enrolment, params, signal } = task;
  const pair = pairIfReadable(task, params.pair);
  if (!pair) return happened({ type: "PAIR_UNREADABLE" });
  if (!enrolment.engine.refresh) throw new Error(`${enrolment.engine.name} can't rotate`);
  if (enrolment.engine.describe(pair).origin !== enrolment.engine.origin) return happened({ type: "LEASE_LOST" });
  // The answer is the only copy of a credential until its transaction is durable: nothing on that way may be cold or broken.
  task.rehearse((keep) =>
    pairIssued(task, keep, { fields: pair, facts: enrolment.engine.describe(pair), notices: [] }),
  );
  if (!(await mayPresent(task))) return happened({ type: "LEASE_LOST" });
  const result = await enrolment.engine.refresh(pair, signal);
  if (result.kind === "refused") {
    const { status, class: kind, message } = result;
    return happened({ type: "REFUSED", status, class: kind, message, ...timeOf(result) });
  }
  return result.kind === "trouble" ? troubled(result) : issued(task, result);
};

/**
 * The lease is ours and says `presented`. After a pause, or when the lease was written since we claimed it, the store must
 * still hold the very pair: this machine may have slept in between.
 */
async function mayPresent(task: Task<"refresh">): Promise<boolean> {
  const { world, enrolment, intent, params, signal } = task;
  const seen = await readLease(task);
  if (seen.verdict.kind === "held") return false;
  if (intent.attempt > 0 || seen.found.version !== params.lease) {
    const found = await world.store.read(enrolment.name, signal);
    if (found.state !== "present" || enrolment.engine.describe(found.fields).digest !== params.pair.digest)
      return false;
  }
  const mark = { phase: "presented", digest: params.pair.digest, doubt: seen.verdict.doubt } as const;
  return (await writeLease(task, seen, mark)) !== null;
}

type Issued = Extract<IssueResult, { kind: "issued" }>;

function issued(task: Task, result: Issued): Outcome {
  return happened(pairIssued(task, task.keep, result));
}

function pairIssued(
  { world }: Pick<Task, "world">,
  keep: Task["keep"],
  { fields, facts, notices, serverTime }: Omit<Issued, "kind">,
): NewEvent {
  return {
    type: "PAIR_ISSUED",
    pair: keep("pair", pairBytes(fields), facts.digest),
    facts: plain(facts),
    spread: spreadOf(world.machine.id, facts.tokenId ?? facts.digest),
    notices,
    ...(serverTime === undefined ? {} : { serverTime }),
  };
}
