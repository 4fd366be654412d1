import { happened, openPair, type Performer } from "../task.ts";

const AGAIN = 1_000;

/** The files of this enrolment's rules: from the sealed pair while the store has not confirmed it, else from the store. */
export const sync: Performer<"sync"> = async (task) => {
  const { world, enrolment, snapshot, signal } = task;
  const sealed = snapshot.context.fresh?.ref;
  if (sealed) {
    const report = await world.files.sync(enrolment.name, openPair(task, sealed), "sealed");
    return happened({ type: "SYNCED", ...report });
  }
  const found = await world.store.read(enrolment.name, signal);
  // A rotation overtook the read: what was read is older than what the files show by now.
  const { fresh, current } = task.latest().context;
  const isOlder = found.state === "present" && found.createdAt < (current?.stored?.createdAt ?? 0);
  if (fresh || isOlder) return { kind: "again", after: AGAIN };
  if (found.state === "absent") return happened({ type: "SYNCED", written: [], failed: [] });
  return happened({ type: "SYNCED", ...(await world.files.sync(enrolment.name, found.fields, "store")) });
};
