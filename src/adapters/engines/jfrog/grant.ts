import type { HttpAnswer } from "../../http/port.ts";
import type { Fields, IssueResult, Trouble } from "../port.ts";
import { asked, call, isTrouble, type Jfrog, presentable, secretsOf, unsent } from "./client.ts";
import { usableToken } from "./fields.ts";
import { readIssued } from "./issued.ts";
import { notices } from "./notices.ts";
import { succeeded, verdict } from "./verdict.ts";

const path = "/access/api/v1/tokens";
const longestDescription = 1024;

/** Makes a token of our own with a live one. Repeatable: an orphan is found by its description. */
export async function mint(
  jfrog: Jfrog,
  input: { readonly with?: Fields; readonly description: string },
  signal: AbortSignal,
): Promise<IssueResult> {
  const pair = input.with ?? {};
  const shown = presentable(jfrog, pair);
  if ("kind" in shown) return shown;
  const { tokenTtlMs } = jfrog.settings;
  const answer = await call(jfrog, {
    method: "POST",
    path,
    token: shown.token,
    contentType: "application/json",
    body: JSON.stringify({
      scope: "applied-permissions/user",
      expires_in: Math.floor(tokenTtlMs / 1000),
      refreshable: true,
      description: input.description.slice(0, longestDescription),
      ...(pair.reference_token === undefined ? {} : { include_reference_token: true }),
    }),
    signal,
  });
  return issueResult(jfrog, answer, pair, tokenTtlMs);
}

/**
 * Rotates a pair: both tokens change, and the old refresh token is spent. Not repeatable: without a usable answer nobody
 * can tell whether it was done.
 */
export async function refresh(jfrog: Jfrog, pair: Fields, signal: AbortSignal): Promise<IssueResult> {
  const shown = presentable(jfrog, pair);
  if ("kind" in shown) return shown;
  const refreshToken = usableToken(pair.refresh_token);
  if (refreshToken === undefined) return unsent("jfrog.no-credential", "there is no refresh token to present");
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    access_token: shown.token,
    refresh_token: refreshToken,
  });
  if (pair.reference_token !== undefined) form.set("include_reference_token", "true");
  const answer = await call(jfrog, {
    method: "POST",
    path,
    token: shown.token,
    contentType: "application/x-www-form-urlencoded",
    body: form.toString(),
    signal,
  });
  return issueResult(jfrog, answer, pair);
}

function issueResult(jfrog: Jfrog, answer: HttpAnswer | Trouble, pair: Fields, askedMs?: number): IssueResult {
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, ...secretsOf(pair));
  if (!succeeded(answer)) return verdict(answer, who);
  const known = { origin: jfrog.settings.url, now: jfrog.now, user: pair.user ?? "" };
  const issued = readIssued(answer, who, known);
  if (issued.kind !== "issued") return issued;
  return { ...issued, notices: notices(issued.facts, issued.fields, pair, askedMs, jfrog.settings.rotation) };
}
