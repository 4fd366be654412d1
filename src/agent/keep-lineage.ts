import type { Journal, JournalReader, Json, Recorded } from "../journal/port.ts";
import { foldLineage, toldOf } from "../machines/lineage/fold.ts";
import {
  emptyLineage,
  LINEAGE_VERSION,
  type Lineage,
  TELLING,
  type TokenLine,
  type Told,
} from "../machines/lineage/lineage.ts";
import { hasEnded } from "../machines/lineage/standing.ts";

const FACT = "lineage";

/** All tokens that the journal ever knew: what compaction has kept, and the events since. */
export function lineageOf(reader: Pick<JournalReader, "fact" | "events">): Lineage {
  return foldLineage(...sourcesOf(reader));
}

/** What they tell: all that is needed to show them. */
export function toldTokens(reader: Pick<JournalReader, "fact" | "events">): Told {
  return toldOf(...sourcesOf(reader));
}

function sourcesOf(reader: Pick<JournalReader, "fact" | "events">): [Lineage, Iterable<Recorded>] {
  const kept = reader.fact(FACT) as Lineage | undefined;
  const lineage = kept?.version === LINEAGE_VERSION ? kept : emptyLineage;
  return [lineage, reader.events({ ...TELLING, afterSeq: lineage.upTo })];
}

/**
 * Before events older than `before` are dropped: what they tell of tokens stays, but for tokens that ended before that time.
 */
export function keepLineage(
  journal: Pick<Journal, "fact" | "events" | "setFact" | "openIntents">,
  before: number,
): void {
  const { tokens, open, removing = {}, ...rest } = lineageOf(journal);
  const stillOpen = new Set(journal.openIntents().map(({ id }) => id));
  const ofOpen = (by: { readonly [intent: string]: string }) =>
    Object.fromEntries(Object.entries(by).filter(([id]) => stillOpen.has(id)));
  const kept = {
    ...rest,
    tokens: tokens.filter((token) => endOf(token) >= before),
    open: ofOpen(open),
    removing: ofOpen(removing),
  };
  journal.setFact(FACT, kept as unknown as Json);
}

/** A revocation that was refused is no end. */
function endOf({ revoked, refusedAt, expiresAt }: TokenLine): number {
  return (hasEnded(revoked) ? revoked?.at : (refusedAt ?? expiresAt)) ?? Number.POSITIVE_INFINITY;
}
