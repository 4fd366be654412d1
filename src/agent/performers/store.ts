import { type Found, StoreConflict } from "../../adapters/store-port.ts";
import type { OpenPresentation } from "../../machines/enrolment/context.ts";
import { judgeStore } from "../../machines/store-rule.ts";
import { readLease } from "../lease.ts";
import { mergeFields, ownFields, storeFacts } from "../secret.ts";
import { happened, type Outcome, openPair, type Performer, pairBytes, type Task } from "../task.ts";

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
    heldBy: await presentedElsewhere(task),
  });
};

async function presentedElsewhere(task: Task): Promise<OpenPresentation | null> {
  if (!task.world.store.shared) return null;
  const { lease } = await readLease(task);
  if (!lease || lease.holder === task.world.machine.id || lease.phase !== "presented" || lease.digest === null)
    return null;
  return { holder: lease.holder, machine: lease.machine, digest: lease.digest };
}

/** Puts the pair into the store: CAS, foreign fields kept, nobody's live pair overwritten. */
export const store: Performer<"store"> = async (task) => {
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
  const fields = openPair(task, params.pair);
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

/** Soft-deletes exactly this version, and only while it holds exactly this pair. */
export const remove: Performer<"remove"> = async ({ world, enrolment, params, signal }) => {
  const found = await world.store.read(enrolment.name, signal);
  if (found.state === "absent") return happened({ type: "REMOVED" });
  const { digest } = enrolment.engine.describe(found.fields);
  if (found.version !== params.version || digest !== params.digest) return happened({ type: "SECRET_MOVED" });
  await world.store.softDelete(enrolment.name, params.version, signal);
  return happened({ type: "REMOVED" });
};
