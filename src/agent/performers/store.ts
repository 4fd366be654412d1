import { type Found, StoreConflict } from "../../adapters/store-port.ts";
import { type Lease, openPresentation } from "../../machines/lease.ts";
import { judgeStore } from "../../machines/store-rule.ts";
import { broughtBy, cameWithoutLease, isOther, readLease, writeLease } from "../lease.ts";
import { mergeFields, ownFields, storeFacts } from "../secret.ts";
import { happened, type Outcome, type Performer, pairBytes, pairIfReadable, type Task } from "../task.ts";

const WRITE_ROUNDS = 4;

/** What the store holds, and whether another machine has presented it; the pair is sealed here while we work on it. */
export const read: Performer<"read"> = async (task) => {
  const { world, enrolment, signal } = task;
  const found = await world.store.read(enrolment.name, signal);
  const facts = storeFacts(world, enrolment.engine, found, task.snapshot.context.skew);
  const complete = found.state === "present" && facts.found?.complete === true;
  return happened({
    type: "SECRET_READ",
    ...facts,
    pair: complete
      ? task.keep("pair", pairBytes(ownFields(enrolment.engine, found.fields)), facts.found?.digest)
      : null,
    ...(await leaseAbout(task, found)),
  });
};

/** What the lease tells of the secret that was read: who presented it, and whether it came without it. */
async function leaseAbout(task: Task, found: Found) {
  const { world, enrolment, snapshot } = task;
  if (!world.store.shared) return { heldBy: null };
  const seen = await readLease(task);
  const { lease } = seen;
  const { context } = snapshot;
  // The others must not wait for a pair of ours: we were answered, and have none.
  if (lease && isAnswered(task, lease)) await writeLease(task, seen, { ...lease, phase: "claimed", digest: null });
  const other = isOther(found, enrolment, context);
  const strange = other && cameWithoutLease(world, seen, found, context);
  const mine = !lease || lease.holder === world.machine.id;
  const heldBy = mine || lease.phase !== "presented" ? null : openPresentation(lease);
  const by = other ? broughtBy(world, seen, found, enrolment, context) : {};
  return { heldBy, ...by, ...(strange ? { withoutLease: true } : {}) };
}

/** Our mark on the lease is of a presentation that was refused. */
function isAnswered({ world, snapshot }: Task, { holder, phase, digest }: Lease): boolean {
  const { doubt, held } = snapshot.context;
  const isOurs = holder === world.machine.id && phase === "presented" && digest === held?.digest;
  return isOurs && doubt?.cause === "refused";
}

/** Puts the pair into the store: CAS, foreign fields kept, nobody's live pair overwritten. */
export const store: Performer<"store"> = async (task) => {
  if (comesUnannounced(task)) await announce(task);
  for (let round = 0; round < WRITE_ROUNDS; round++) {
    const found = await task.world.store.read(task.enrolment.name, task.signal);
    const outcome = await storeOver(task, found);
    if (outcome) return outcome;
  }
  return { kind: "trouble", class: "store.contended", message: "others keep writing the same secret", sent: "no" };
};

/** @returns null when somebody wrote in between: read again */
async function storeOver(task: Task<"store">, found: Found): Promise<Outcome | null> {
  const { world, enrolment, params, signal } = task;
  const facts = storeFacts(world, enrolment.engine, found, task.snapshot.context.skew);
  const verdict = judgeStore(facts.found, { ...params, digest: params.pair.digest });
  if (verdict === "foreign" && !isBefore(found, task.snapshot.context.held?.stored))
    return happened({ type: "STORE_CONFLICT", ...facts });
  if (verdict === "already-there") {
    return happened({ type: "STORED", version: facts.version, createdAt: facts.createdAt, replaced: null });
  }
  const before = found.state === "present" ? found.fields : {};
  const fields = pairIfReadable(task, params.pair);
  if (!fields) return happened({ type: "PAIR_UNREADABLE" });
  try {
    const written = await world.store.write(
      enrolment.name,
      mergeFields(enrolment.engine, before, fields),
      found.version,
      signal,
    );
    const replaced = facts.found?.complete
      ? task.keep("pair", pairBytes(ownFields(enrolment.engine, before)), facts.found.digest)
      : null;
    return happened({ type: "STORED", version: written.version, createdAt: written.createdAt, replaced });
  } catch (error) {
    if (error instanceof StoreConflict) return null;
    throw error;
  }
}

/**
 * What lay there before the pair that was presented: an answer of a node that lags behind, and then the write below meets
 * a conflict, or a restored backup. Nobody's live pair, and no reason to give up ours.
 */
function isBefore(
  found: Found,
  presented: { readonly version: number; readonly createdAt: number } | null | undefined,
) {
  if (!presented || found.state === "absent") return false;
  return found.version < presented.version && found.createdAt < presented.createdAt;
}

/** A write that does not come right after a claim of ours. */
const LATE = 60_000;

/** A sign-in anew, or a pair that comes late. */
function comesUnannounced({ world, intent, params }: Task<"store">): boolean {
  return world.store.shared && (params.byPerson || world.clock.now() - intent.openedAt > LATE);
}

/** Writes the lease before the secret, so that nobody takes our pair for a stranger's. */
async function announce(task: Task<"store">): Promise<void> {
  const { world, enrolment } = task;
  try {
    const seen = await readLease(task);
    if (seen.verdict.kind === "held") return;
    const mine = seen.lease?.holder === world.machine.id ? seen.lease : null;
    const { phase, digest } = mine ?? { phase: "released", digest: null };
    const writer = { holder: world.machine.id, machine: world.machine.name, digest: task.params.pair.digest };
    await writeLease(task, seen, { phase, digest, doubt: seen.verdict.doubt, writer });
  } catch (error) {
    world.log.debug({ enrolment: enrolment.name, error: String(error) }, "stored without a word on the lease");
  }
}

/** Soft-deletes exactly this version, and only while it holds exactly this pair. */
export const remove: Performer<"remove"> = async ({ world, enrolment, params, signal }) => {
  const found = await world.store.read(enrolment.name, signal);
  if (found.state === "absent") return happened({ type: "REMOVED" });
  const { digest } = enrolment.engine.describe(found.fields);
  if (found.version !== params.version || digest !== params.digest) return happened({ type: "SECRET_MOVED" });
  await world.store.softDelete(enrolment.name, params.version, signal);
  return happened({ type: "REMOVED" });
};
