import type { KeyPlace } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { checkJournal } from "../../journal/check/check.ts";
import type { Key } from "../../seal/key.ts";
import { finishRekeying } from "../assembly/finish-rekey.ts";
import { newKey, openKey } from "../assembly/keys.ts";
import type { Io } from "../cli/io.ts";

/**
 * Seals everything with a new key, made where `place` says. The caller holds the lock. Killed anywhere, the next command
 * that takes the lock finishes it: both keys are there until the last sealed byte has the new one.
 * Throws `key.missing`, `journal.damaged`: a history that does not hold would be vouched for by the new key.
 */
export async function rekey(where: Paths, io: Io, place: KeyPlace): Promise<{ from: Key; to: Key }> {
  const from = await openKey(where, io, place);
  const report = checkJournal(where.stateDir, from);
  if (report && !report.ok) {
    throw new DotvaultError(
      "journal.damaged",
      `the journal is damaged, and stays as it is: ${report.problems[0]?.what}`,
      {
        hint: "dotvault journal check",
      },
    );
  }
  newKey(where.nextKey, place, io);
  return { from, to: await finishRekeying(where, io.now()) };
}
