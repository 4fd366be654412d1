import type { Lease } from "../../machines/lease.ts";
import { readLease, writeLease } from "../lease.ts";
import { happened, type Performer, type Task } from "../task.ts";

const HEARTBEAT = 1_000;

/** Claims the lease; that this write succeeds is the proof that the store can take the pair. */
export const claim: Performer<"claim"> = async (task) => {
  const { world } = task;
  const seen = await readLease(task);
  if (seen.verdict.kind === "held") {
    const { by, endsIn } = seen.verdict;
    return happened({
      type: "HELD_ELSEWHERE",
      machine: by.machine,
      phase: by.phase,
      retryAt: world.clock.now() + Math.max(HEARTBEAT, endsIn + HEARTBEAT),
      serverTime: seen.found.serverTime,
    });
  }
  const version = await writeLease(task, seen, { phase: "claimed", digest: null, doubt: seen.verdict.doubt });
  if (version === null) return { kind: "again", after: HEARTBEAT };
  const { found, verdict } = seen;
  const before = found.state === "present" ? { before: found.createdAt } : {};
  return happened({ type: "CLAIMED", lease: version, doubt: verdict.doubt, serverTime: found.serverTime, ...before });
};

/** A release that comes late finds the mark of the next rotation, which stays until its pair is stored. */
function isUnderWay({ world, stream, latest }: Task, { phase }: Lease): boolean {
  const presents = () => world.journal.openIntents(stream).some(({ kind }) => kind === "refresh");
  return phase === "presented" && (latest().context.fresh !== null || presents());
}

/** The pair in use, where it was stored with the very event that gives the lease back. */
function ours({ world, intent, snapshot }: Task) {
  const { current, rotatedAt } = snapshot.context;
  if (current === null || rotatedAt !== intent.openedAt) return {};
  return { writer: { holder: world.machine.id, machine: world.machine.name, digest: current.digest } };
}

/** Gives the lease back. One try: a lease that can't be released ends by itself. */
export const release: Performer<"release"> = async (task) => {
  const { world, enrolment, snapshot } = task;
  try {
    const seen = await readLease(task);
    const open = seen.lease?.doubt ?? null;
    // What an earlier holder left open stays on record while its pair is still the one in use.
    const doubt = open?.digest === snapshot.context.current?.digest ? open : null;
    if (seen.lease?.holder === world.machine.id && !isUnderWay(task, seen.lease))
      await writeLease(task, seen, { phase: "released", digest: null, doubt, ...ours(task) });
  } catch (error) {
    world.log.debug({ enrolment: enrolment.name, error: String(error) }, "lease left to end by itself");
  }
  return happened({ type: "RELEASED" });
};
