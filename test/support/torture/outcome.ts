import type { Recorded } from "../../../src/journal/port.ts";
import type { Ledger } from "../../../src/simulator/ledger.ts";

/** What became of an interrupted wish, in the words that the report counts. */
export function outcomeOf(since: readonly Recorded[], ledger: Ledger): string {
  const at = since.findIndex(({ event }) => event.type === "ANSWER_LOST");
  if (at >= 0) return `answer lost: ${lostOutcome(since.slice(at), ledger)}`;
  const types = new Set(since.map(({ event }) => event.type));
  const asked = since.find(({ event }) => event.type === "SESSION_GONE");
  if (asked) return "a sign-in may have been collected unseen: told so, and signed in again";
  if (types.has("RESUMED")) return "went on with what the journal had open";
  return since.length === 0 ? "nothing was under way" : "nothing was open";
}

function lostOutcome(since: readonly Recorded[], ledger: Ledger): string {
  const issued = since.find(({ event }) => event.type === "PAIR_ISSUED")?.event;
  const pair = ledger.byId((issued?.facts as { tokenId?: string } | undefined)?.tokenId ?? "");
  const removedAt = since.findIndex(({ event }) => event.type === "REMOVED");
  const issuedAt = since.findIndex(({ event }) => event.type === "PAIR_ISSUED");
  if (removedAt >= 0 && (issuedAt < 0 || removedAt < issuedAt)) {
    return "spent or revoked, and the old token dead: removed after a second look, a person signs in";
  }
  if (pair?.by === "refresh") return "asked again: the pair still worked";
  if (pair?.by === "mint") return "spent: a new pair was minted with the living token";
  return "nothing had been lost";
}
