import type { Journal, JournalReader, Json } from "../journal/port.ts";
import { emptyLineage, foldLineage, LINEAGE_VERSION, type Lineage } from "../machines/lineage/lineage.ts";

const FACT = "lineage";

/** All tokens that the journal ever knew: what compaction has kept, and the events since. */
export function lineageOf(reader: Pick<JournalReader, "fact" | "events">): Lineage {
  const kept = reader.fact(FACT) as Lineage | undefined;
  let lineage = kept?.version === LINEAGE_VERSION ? kept : emptyLineage;
  for (const recorded of reader.events({ afterSeq: lineage.upTo })) lineage = foldLineage(lineage, recorded);
  return lineage;
}

/**
 * Before events older than `before` are dropped: what they tell of tokens stays, but for tokens that ended before that time.
 */
export function keepLineage(journal: Pick<Journal, "fact" | "events" | "setFact">, before: number): void {
  const { tokens, ...rest } = lineageOf(journal);
  const over = ({ revoked, expiresAt }: Lineage["tokens"][number]) =>
    (revoked?.at ?? expiresAt ?? Number.POSITIVE_INFINITY) < before;
  journal.setFact(FACT, { ...rest, tokens: tokens.filter((token) => !over(token)) } as unknown as Json);
}
