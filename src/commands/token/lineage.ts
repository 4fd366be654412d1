import type { ListedToken } from "../../adapters/engines/port.ts";
import { toldTokens } from "../../agent/keep-lineage.ts";
import type { JournalReader } from "../../journal/port.ts";
import { type Context, credentialIds, emptyContext, pairsOf } from "../../machines/enrolment/context.ts";
import type { TokenLine, Told } from "../../machines/lineage/lineage.ts";
import { type InHand, isLeftOver, standingOf, standingOfListed } from "../../machines/lineage/standing.ts";
import { streamOf } from "../../machines/stream/names.ts";
import { dateOf } from "../../terminal/times.ts";
import type { TokenListReport } from "../../terminal/token/list.ts";

/** What the service said of an enrolment's user; null: it could not be asked, or was not. */
export type Listed = readonly ListedToken[] | null;

export interface Found {
  readonly tokens: readonly TokenListReport[];
  /** Why a service could not be asked. */
  readonly notes: readonly string[];
}

export const NO_JOURNAL: Found = { tokens: [], notes: ["nothing is recorded yet: there is no journal"] };

/** What the journal knows of all enrolments. */
export interface Sight {
  readonly lineage: Told;
  /** By stream. */
  readonly contexts: ReadonlyMap<string, Context>;
}

export function sightOf(reader: JournalReader): Sight {
  const heads = reader.heads(ENROLMENTS);
  return {
    lineage: toldTokens(reader),
    contexts: new Map(heads.map(({ stream, snapshot }) => [stream, contextIn(snapshot)])),
  };
}

/** Enrolments whose credentials are tokens at a service that lists them; also those that are configured no more. */
export function withTokens({ lineage, contexts }: Sight): string[] {
  const names = new Set(lineage.tokens.map(({ enrolment }) => enrolment));
  return [...names].filter((name) => contexts.get(streamOf(name))?.settings?.traits.sweep !== false);
}

/** Every token of an enrolment, oldest first: from the journal, checked against the service's list where there is one. */
export function tokensOf(enrolment: string, sight: Sight, listed: Listed, now: number): TokenListReport[] {
  const { lineage } = sight;
  const inHand = { ...inHandOf(enrolment, sight), others: listed === null ? NOBODY : idsOfOthers(enrolment, sight) };
  const known = lineage.tokens.filter((token) => token.enrolment === enrolment);
  const lines = known.map((token) => knownReport(token, inHand, rowOf(listed, token.tokenId), now));
  const ids = new Set(known.map(({ tokenId }) => tokenId));
  const others = (listed ?? []).filter(({ tokenId }) => !ids.has(tokenId));
  const strangers = others.map((token) => strangerReport(token, enrolment, lineage, inHand));
  return [...lines, ...strangers].toSorted((a, b) => (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0));
}

function inHandOf(enrolment: string, { contexts }: Sight): Omit<InHand, "others"> {
  const own = contexts.get(streamOf(enrolment)) ?? emptyContext;
  const label = own.settings?.label ?? null;
  const elsewhere = [...contexts].filter(([stream]) => stream !== streamOf(enrolment)).map(([, context]) => context);
  const twins = elsewhere.filter(({ settings }) => settings?.label === label);
  return {
    inUse: [...credentialIds(own), ...pairsOf(own).map(({ digest }) => digest)],
    toBeRevoked: own.cleanups.flatMap(({ tokenId, ref }) => [tokenId, ref.digest]),
    since: sinceOf([own, ...twins]),
    label,
  };
}

const NOBODY: ReadonlySet<string> = new Set();

/** Of tokens that this journal's other enrolments know. */
function idsOfOthers(enrolment: string, { lineage, contexts }: Sight): ReadonlySet<string> {
  const known = lineage.tokens.filter((token) => token.enrolment !== enrolment).map(({ tokenId }) => tokenId);
  const elsewhere = [...contexts].filter(([stream]) => stream !== streamOf(enrolment));
  const inHand = elsewhere.flatMap(([, context]) => credentialIds(context));
  return new Set([...known, ...inHand].filter((id) => id !== null));
}

const ENROLMENTS = streamOf("");

function contextIn(snapshot: unknown): Context {
  return { ...emptyContext, ...(snapshot as { context?: Context } | undefined)?.context };
}

/** Those of one description can't be told apart: what is older than the credentials of all is nobody's. */
function sinceOf(contexts: readonly Context[]): number | null {
  const pairs = contexts.flatMap(pairsOf);
  const times = pairs.map(({ tokenId, issuedAt }) => (tokenId === undefined ? undefined : issuedAt));
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 || known.length < times.length ? null : Math.min(...known);
}

/**
 * Each token once, although several enrolments of one user at one service all see it in the list: by the enrolment that
 * knows it.
 */
export function eachOnce(tokens: readonly TokenListReport[]): TokenListReport[] {
  const known = new Set(tokens.filter(isKnown).map(({ tokenId }) => tokenId));
  const seen = new Set<string>();
  return tokens.filter((token) => {
    const { tokenId } = token;
    if (tokenId === null || isKnown(token)) return true;
    const isAgain = known.has(tokenId) || seen.has(tokenId);
    seen.add(tokenId);
    return !isAgain;
  });
}

/** An orphan of one enrolment is a stranger to the others. */
function isKnown({ how }: TokenListReport): boolean {
  return how !== null;
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
    machine: token.how === "adopted" ? (token.by ?? machineIn(row?.description)) : "this one",
    at: new Date(token.at),
    issuedAt: dateOf(token.issuedAt ?? row?.issuedAt),
    expiresAt: dateOf(token.expiresAt ?? row?.expiresAt),
    user: token.user ?? row?.user ?? null,
    supersededBy: token.supersededBy,
    revokedAt: dateOf(revoked?.at),
    ended: revoked?.how ?? null,
    refusedAt: dateOf(token.refusedAt),
    listed,
    description: row?.description ?? null,
    leftOver: isLeftOver(standing, listed),
  };
}

function strangerReport(token: ListedToken, enrolment: string, lineage: Told, inHand: InHand): TokenListReport {
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
    refusedAt: null,
    listed: true,
    description: token.description,
    leftOver: isLeftOver(standing, true),
  };
}

/** `dotvault ada@laptop jfrog #…` → `ada@laptop`. */
function machineIn(description: string | null | undefined): string | null {
  return /^dotvault (\S+@\S+)/.exec(description ?? "")?.[1] ?? null;
}
