import type { Fields, ListedToken, Refused, RevokeResult, Trouble } from "../port.ts";
import { isObject, isPage, jsonObject, member } from "./body.ts";
import { asTokenId, asUser } from "./claims.ts";
import { asked, call, isTrouble, type Jfrog, secretsOf } from "./client.ts";
import { succeeded, unusable, verdict } from "./verdict.ts";

export const TOKENS = "/access/api/v1/tokens";
/** A list of tokens may be long. */
const LONGEST = 8 * 1024 * 1024;

/**
 * The service's own rows of tokens.
 *
 * @param query begins with `?`, or is empty
 */
export async function rows(
  jfrog: Jfrog,
  pair: Fields,
  { token, query, signal }: { readonly token: string; readonly query: string; readonly signal: AbortSignal },
): Promise<ListedToken[] | Refused | Trouble> {
  const answer = await call(jfrog, { method: "GET", path: TOKENS + query, token, maxBytes: LONGEST, signal });
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, ...secretsOf(pair));
  if (!succeeded(answer)) return verdict(answer, who);
  const body = jsonObject(answer.body);
  const tokens = body === undefined ? undefined : member(body, "tokens");
  if (!Array.isArray(tokens)) return unusable(answer, who, "odd-answer", "there is no list of tokens in it");
  return tokens.map(asListed).filter((each) => each !== undefined);
}

function asListed(row: unknown): ListedToken | undefined {
  const tokenId = isObject(row) ? asTokenId(member(row, "token_id")) : undefined;
  if (!isObject(row) || tokenId === undefined) return undefined;
  const [description, subject] = [member(row, "description"), member(row, "subject")];
  return {
    tokenId,
    description: typeof description === "string" ? description : null,
    issuedAt: timeOf(member(row, "issued_at")),
    expiresAt: timeOf(member(row, "expiry")),
    user: (typeof subject === "string" ? asUser(subject.split("/users/")[1]) : undefined) ?? null,
  };
}

function timeOf(seconds: unknown): number | null {
  return typeof seconds === "number" && seconds > 0 ? seconds * 1000 : null;
}

/** Revokes the token of that id, presenting another. */
export async function remove(
  jfrog: Jfrog,
  pair: Fields,
  { token, id, signal }: { readonly token: string; readonly id: string; readonly signal: AbortSignal },
): Promise<RevokeResult> {
  const answer = await call(jfrog, { method: "DELETE", path: `${TOKENS}/${id}`, token, signal });
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, ...secretsOf(pair));
  if (succeeded(answer) && isPage(answer)) return unusable(answer, who, "odd-answer", "it is no answer of JFrog's");
  if (succeeded(answer)) return { kind: "revoked", how: answer.status === 204 ? "already" : "revoked" };
  return verdict(answer, who, true);
}
