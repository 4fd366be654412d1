import { openJournal } from "../../../src/journal/journal.ts";
import { acquireLock } from "../../../src/journal/lock.ts";
import type { JsonObject } from "../../../src/journal/port.ts";
import type { Snapshot } from "../../../src/machines/enrolment/decide.ts";
import { loadKey } from "../../../src/seal/key-file.ts";
import type { Home } from "../home.ts";

const STREAM = "enrolment/jfrog";

/** Leaves the journal as a dotvault of machine version 1 would: its next start is an upgrade. The agent must have ended. */
export function writeAsOlder({ where }: Home): void {
  const lock = acquireLock({ directory: where.stateDir, command: "dotvault 0.0.9" });
  const key = loadKey(where.key);
  if ("heldBy" in lock || key === undefined) throw new Error("the agent still runs, or has no key");
  const journal = openJournal({ directory: where.stateDir, key, clock: Date.now, appVersion: "0.0.9" });
  const head = journal.head(STREAM);
  if (head !== undefined) {
    journal.append({
      stream: STREAM,
      expectedVersion: head.version,
      machineVersion: 1,
      event: { type: "NOTIFIED", at: Date.now(), code: "older" },
      state: head.state,
      snapshot: older(head.snapshot as unknown as Snapshot) as unknown as JsonObject,
    });
    journal.setFact("upgraded", null);
  }
  journal.close();
  lock.release();
}

/** What machine 2 brought is not there yet. */
function older({ value, context: { orphans: _, settings, ...context } }: Snapshot) {
  const { rotation: __, ...known } = settings ?? {};
  return { value, context: { ...context, settings: settings && known } };
}
