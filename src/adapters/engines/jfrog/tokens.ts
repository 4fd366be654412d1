import type { HttpAnswer } from "../../http/port.ts";
import type { Fields, ProbeResult, Refused, RevokeResult, SweepResult, Trouble } from "../port.ts";
import { isObject, isPage, jsonObject, member } from "./body.ts";
import { asTokenId, readClaims } from "./claims.ts";
import { asked, call, isTrouble, type Jfrog, presentable, secretsOf, unsent } from "./client.ts";
import { mayComeBack } from "./fields.ts";
import { type Asked, succeeded, timeOf, unusable, verdict } from "./verdict.ts";

const path = "/access/api/v1/tokens";
/** A list of tokens may be long. */
const longestList = 8 * 1024 * 1024;

/** Asks the service whether it accepts the access token. */
export async function probe(jfrog: Jfrog, pair: Fields, signal: AbortSignal): Promise<ProbeResult> {
  const shown = presentable(jfrog, pair);
  if ("kind" in shown) return shown;
  const answer = await call(jfrog, { method: "GET", path: `${path}/me`, token: shown.token, signal });
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
  const outcome = await remove(jfrog, pair, shown.token, claims.tokenId ?? "me", signal);
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
  const found = await list(jfrog, input.with, shown.token, input.description, signal);
  if (!Array.isArray(found)) return found;
  const kept = new Set([input.keep, readClaims(shown.token).tokenId]);
  const revoked: string[] = [];
  for (const id of found.filter((each) => !kept.has(each))) {
    const outcome = await remove(jfrog, input.with, shown.token, id, signal);
    if (outcome.kind === "revoked") revoked.push(id);
    else if (outcome.kind !== "refused" || !skipped.has(outcome.status)) return outcome;
  }
  return { kind: "swept", revoked };
}

/** Not revocable, or no longer there. */
const skipped: ReadonlySet<number> = new Set([400, 404]);

async function remove(
  jfrog: Jfrog,
  pair: Fields,
  token: string,
  id: string,
  signal: AbortSignal,
): Promise<RevokeResult> {
  const answer = await call(jfrog, { method: "DELETE", path: `${path}/${id}`, token, signal });
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, ...secretsOf(pair));
  if (succeeded(answer) && isPage(answer)) return unusable(answer, who, "odd-answer", "it is no answer of JFrog's");
  if (succeeded(answer)) return { kind: "revoked", how: answer.status === 204 ? "already" : "revoked" };
  return verdict(answer, who, true);
}

async function list(
  jfrog: Jfrog,
  pair: Fields,
  token: string,
  description: string,
  signal: AbortSignal,
): Promise<string[] | Refused | Trouble> {
  const query = `?description=${encodeURIComponent(description)}`;
  const answer = await call(jfrog, { method: "GET", path: path + query, token, maxBytes: longestList, signal });
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, ...secretsOf(pair));
  if (!succeeded(answer)) return verdict(answer, who);
  const body = jsonObject(answer.body);
  const tokens = body === undefined ? undefined : member(body, "tokens");
  if (!Array.isArray(tokens)) return unusable(answer, who, "odd-answer", "there is no list of tokens in it");
  const issuedAt = readClaims(token).issuedAt;
  return tokens.map((each: unknown) => idOf(each, description, issuedAt)).filter((id) => id !== undefined);
}

/**
 * The service filters by pattern; we go by the whole text. What an unanswered try left is older than the answered one;
 * what is younger than that has come of it by a rotation, perhaps another machine's, and is in use.
 */
function idOf(token: unknown, description: string, latest: number | undefined): string | undefined {
  if (!isObject(token) || member(token, "description") !== description) return undefined;
  const issuedAt = member(token, "issued_at");
  if (latest !== undefined && typeof issuedAt === "number" && issuedAt * 1000 > latest) return undefined;
  return asTokenId(member(token, "token_id"));
}
