import { checkJournal } from "../../../src/journal/check/check.ts";
import { loadKey } from "../../../src/seal/key-file.ts";
import { assertNothingLost, assertStoreHolds, wholeTokenIn } from "../crash.ts";
import { digest } from "../home.ts";
import { assertFilesShow, assertFilesWhole } from "./files.ts";
import { keeps } from "./promises.ts";
import type { Stage } from "./stage.ts";

/** At the moment of death, before anything else happens. */
export function examineDead({ machine, platform }: Stage): void {
  const isIssued = (found: string) => platform.ledger.pairs.some(({ accessDigest }) => accessDigest === found);
  const token = wholeTokenIn(machine.home);
  keeps(
    "file",
    token === undefined || isIssued(digest(token)),
    "at the moment of death it holds a token that nobody issued",
  );
  assertFilesWhole(machine.home, isIssued);
}

/** After the start that was left alone has come to rest. */
export async function examineAtRest(stage: Stage): Promise<void> {
  const { machine, beside, evidence, platform, revokedByOthers, stored } = stage;
  assertStoreHolds(evidence, platform, await stored());
  assertNothingLost(evidence, platform, revokedByOthers, beside ? [beside.evidence] : []);
  for (const { home, snapshot } of [machine, ...(beside ? [beside.machine] : [])]) {
    const pair = platform.ledger.byId(snapshot()?.context.current?.tokenId ?? "");
    if (pair) assertFilesShow(home, pair.accessDigest);
  }
  const { where } = machine.home;
  const problems = checkJournal(where.stateDir, loadKey(where.key))?.problems ?? [];
  keeps("journal", problems.length === 0, JSON.stringify(problems));
}
