import type { HttpAnswer } from "../../http/port.ts";
import type { Fields, ListedToken, ListResult, ProbeResult, Refused, RevokeResult, SweepResult } from "../port.ts";
import { jsonObject, member } from "./body.ts";
import { readClaims } from "./claims.ts";
import { asked, call, isTrouble, type Jfrog, presentable, secretsOf, unsent } from "./client.ts";
import { mayComeBack } from "./fields.ts";
import { remove, rows, TOKENS } from "./token-rows.ts";
import { type Asked, succeeded, timeOf, unusable, verdict } from "./verdict.ts";

/** Asks the service whether it accepts the access token. */
export async function probe(jfrog: Jfrog, pair: Fields, signal: AbortSignal): Promise<ProbeResult> {
  const shown = presentable(jfrog, pair);
  if ("kind" in shown) return shown;
  const answer = await call(jfrog, { method: "GET", path: `${TOKENS}/me`, token: shown.token, signal });
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, ...secretsOf(pair));
  if (succeeded(answer)) return alive(answer, who);
  const said = verdict(answer, who);
  if (said.kind !== "refused") return said;
  if (said.status === 404) return { kind: "unlisted", ...timeOf(answer) };
  return said.status === 401 && !lacksAudience(said) ? { kind: "dead", ...timeOf(answer) } : said;
}

function alive(answer: HttpAnswer, who: Asked): ProbeResult {
  const body = jsonObject(answer.body);
  if (body === undefined) return unusable(answer, who, "truncated", "its JSON can't be read");
  if (typeof member(body, "token_id") !== "string")
    return unusable(answer, who, "odd-answer", "it does not describe a token");
  return { kind: "alive", listed: true, ...timeOf(answer) };
}

/** A token that is not meant for Access gets a 401 there and lives all the same (`Invalid token, audience`). */
function lacksAudience(said: Refused): boolean {
  return said.status === 401 && /\baudience\b/i.test(said.message);
}

/** Revokes a token with itself. */
export async function revoke(jfrog: Jfrog, pair: Fields, signal: AbortSignal): Promise<RevokeResult> {
  const shown = presentable(jfrog, pair);
  if ("kind" in shown) return shown;
  const claims = readClaims(shown.token);
  if (!mayComeBack(claims)) return { kind: "revoked", how: "not-revocable" };
  const outcome = await remove(jfrog, pair, { token: shown.token, id: claims.tokenId ?? "me", signal });
  const how = outcome.kind === "refused" && !lacksAudience(outcome) ? nothingToRevoke[outcome.status] : undefined;
  return how === undefined ? outcome : { kind: "revoked", how };
}

/** Refusals of a token's own revocation that mean that there is nothing (more) to revoke. A 403 is none. */
const nothingToRevoke: Readonly<Record<number, "not-revocable" | "dead" | "unlisted">> = {
  400: "not-revocable",
  401: "dead",
  404: "unlisted",
};

/** Finds the user's tokens of exactly this description and revokes them, but the one to keep and the one that is presented. */
export async function sweep(
  jfrog: Jfrog,
  input: { readonly with: Fields; readonly description: string; readonly keep: string },
  signal: AbortSignal,
): Promise<SweepResult> {
  const shown = presentable(jfrog, input.with);
  if ("kind" in shown) return shown;
  if (input.keep === "") return unsent("jfrog.nothing-to-keep", "no token is named that must be kept");
  const query = `?description=${encodeURIComponent(input.description)}`;
  const found = await rows(jfrog, input.with, { token: shown.token, query, signal });
  if (!Array.isArray(found)) return found;
  const { issuedAt, tokenId } = readClaims(shown.token);
  const kept = new Set([input.keep, tokenId]);
  const revoked: string[] = [];
  for (const { tokenId: id } of found.filter((each) => isOrphan(each, input.description, issuedAt))) {
    if (kept.has(id)) continue;
    const outcome = await remove(jfrog, input.with, { token: shown.token, id, signal });
    if (outcome.kind === "revoked") revoked.push(id);
    else if (outcome.kind !== "refused" || !skipped.has(outcome.status)) return outcome;
  }
  return { kind: "swept", revoked };
}

/**
 * The service filters by pattern; we go by the whole text. What an unanswered try left is older than the answered one;
 * what is younger than that has come of it by a rotation, perhaps another machine's, and is in use.
 */
function isOrphan(token: ListedToken, description: string, latest: number | undefined): boolean {
  const isYounger = latest !== undefined && token.issuedAt !== null && token.issuedAt > latest;
  return token.description === description && !isYounger;
}

/** Not revocable, or no longer there. */
const skipped: ReadonlySet<number> = new Set([400, 404]);

/** The tokens that the service lists: of the user, or, for an administrator, of everybody. Short ones are never listed. */
export async function listTokens(jfrog: Jfrog, pair: Fields, signal: AbortSignal): Promise<ListResult> {
  const shown = presentable(jfrog, pair);
  if ("kind" in shown) return shown;
  const found = await rows(jfrog, pair, { token: shown.token, query: "", signal });
  return Array.isArray(found) ? { kind: "listed", tokens: found } : found;
}

/** Revokes a token of the same user by its id. */
export async function revokeToken(
  jfrog: Jfrog,
  pair: Fields,
  tokenId: string,
  signal: AbortSignal,
): Promise<RevokeResult> {
  const shown = presentable(jfrog, pair);
  if ("kind" in shown) return shown;
  return remove(jfrog, pair, { token: shown.token, id: tokenId, signal });
}
