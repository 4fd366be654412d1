import type { SyncReport } from "../ports.ts";
import { happened, type Outcome, openPair, type Performer, type Task } from "../task.ts";

const AGAIN = 1_000;
/** Then the next sync interval is soon enough. */
const TRIES = 8;

/** The files of this enrolment's rules: from the sealed pair while the store has not confirmed it, else from the store. */
export const sync: Performer<"sync"> = async (task) => {
  const { world, enrolment, snapshot, signal } = task;
  const sealed = snapshot.context.fresh?.ref;
  if (sealed) {
    const from = { version: null, createdAt: null, pair: sealed.digest };
    return synced(task, await world.files.sync(enrolment.name, openPair(task, sealed), "sealed", from));
  }
  const found = await world.store.read(enrolment.name, signal);
  // A rotation overtook the read: what was read is older than what the files show by now.
  const { fresh, current } = task.latest().context;
  const isOlder = found.state === "present" && found.createdAt < (current?.stored?.createdAt ?? 0);
  if (fresh || isOlder) return { kind: "again", after: AGAIN };
  if (found.state === "absent") return happened({ type: "SYNCED", written: [], failed: [] });
  const pair = enrolment.engine.describe(found.fields).digest;
  const from = { version: found.version, createdAt: found.createdAt, pair };
  return synced(task, await world.files.sync(enrolment.name, found.fields, "store", from));
};

/** While a file is only held up, the sync stays open: the token that it still shows is not revoked before. */
function synced({ intent }: Task<"sync">, { written, failed, passing }: SyncReport): Outcome {
  if (!passing || intent.attempt >= TRIES) return happened({ type: "SYNCED", written, failed });
  const message = `not written yet: ${failed.join(", ")}`;
  return { kind: "trouble", class: "files.held-up", message, sent: "no" };
}
