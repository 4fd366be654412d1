import type { ListedToken } from "../../adapters/engines/port.ts";
import { streamOf } from "../../agent/actors.ts";
import { lineageOf } from "../../agent/keep-lineage.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { Context, Pair } from "../../machines/enrolment/context.ts";
import type { Lineage, TokenLine } from "../../machines/lineage/lineage.ts";
import { type InHand, isLeftOver, standingOf, standingOfListed } from "../../machines/lineage/standing.ts";
import type { TokenListReport } from "../../terminal/token/list.ts";

/** What the service said of an enrolment's user; null: it could not be asked, or was not. */
export type Listed = readonly ListedToken[] | null;

/** Every token of an enrolment, oldest first: from the journal, checked against the service's list where there is one. */
export function tokensOf(enrolment: string, reader: JournalReader, listed: Listed, now: number): TokenListReport[] {
  const lineage = lineageOf(reader);
  const { context } = (reader.head(streamOf(enrolment))?.snapshot ?? {}) as { context?: Context };
  const inHand = inHandOf(context);
  const known = lineage.tokens.filter((token) => token.enrolment === enrolment);
  const lines = known.map((token) => knownReport(token, inHand, rowOf(listed, token.tokenId), now));
  const ids = new Set(known.map(({ tokenId }) => tokenId));
  const others = (listed ?? []).filter(({ tokenId }) => !ids.has(tokenId));
  const strangers = others.map((token) => strangerReport(token, enrolment, lineage, inHand));
  return [...lines, ...strangers].toSorted((a, b) => (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0));
}

function inHandOf(context: Context | undefined): InHand {
  const { current, fresh, held, cleanups = [] } = context ?? {};
  const pairs = [current, fresh, held].filter((pair): pair is Pair => pair != null);
  return {
    inUse: pairs.flatMap(({ tokenId, digest }) => [tokenId, digest]),
    toBeRevoked: cleanups.flatMap(({ tokenId, ref }) => [tokenId, ref.digest]),
    since: (current ?? fresh)?.issuedAt ?? null,
  };
}

/** Undefined: the service was not asked; null: it does not list it. */
function rowOf(listed: Listed, tokenId: string | null): ListedToken | null | undefined {
  if (listed === null || tokenId === null) return undefined;
  return listed.find((token) => token.tokenId === tokenId) ?? null;
}

function knownReport(
  token: TokenLine,
  inHand: InHand,
  row: ListedToken | null | undefined,
  now: number,
): TokenListReport {
  const listed = row === undefined ? null : row !== null;
  const { revoked } = token;
  const standing = standingOf(token, inHand, listed, now);
  return {
    tokenId: token.tokenId,
    enrolment: token.enrolment,
    standing,
    how: token.how,
    machine: token.how === "adopted" ? machineIn(row?.description) : "this one",
    at: new Date(token.at),
    issuedAt: dateOf(token.issuedAt ?? row?.issuedAt),
    expiresAt: dateOf(token.expiresAt ?? row?.expiresAt),
    user: token.user ?? row?.user ?? null,
    supersededBy: token.supersededBy,
    revokedAt: dateOf(revoked?.at),
    ended: revoked?.how ?? null,
    listed,
    description: row?.description ?? null,
    leftOver: isLeftOver(standing, listed),
  };
}

function strangerReport(token: ListedToken, enrolment: string, lineage: Lineage, inHand: InHand): TokenListReport {
  const standing = standingOfListed(token, lineage, inHand);
  return {
    tokenId: token.tokenId,
    enrolment,
    standing,
    how: standing === "orphan" ? "unanswered" : null,
    machine: standing === "orphan" ? "this one" : machineIn(token.description),
    at: dateOf(token.issuedAt),
    issuedAt: dateOf(token.issuedAt),
    expiresAt: dateOf(token.expiresAt),
    user: token.user,
    supersededBy: null,
    revokedAt: null,
    ended: null,
    listed: true,
    description: token.description,
    leftOver: isLeftOver(standing, true),
  };
}

/** `dotvault ada@laptop jfrog #…` → `ada@laptop`. */
function machineIn(description: string | null | undefined): string | null {
  return /^dotvault (\S+@\S+)/.exec(description ?? "")?.[1] ?? null;
}

function dateOf(time: number | null | undefined): Date | null {
  return time == null ? null : new Date(time);
}
