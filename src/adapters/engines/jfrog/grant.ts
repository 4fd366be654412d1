import type { HttpAnswer } from "../../http/port.ts";
import type { Fields, IssueResult, Trouble } from "../port.ts";
import { mintFields, termsOf, wantsReference } from "./asks.ts";
import { blamed } from "./blame.ts";
import { asked, call, isTrouble, type Jfrog, presentable, secretsOf, unsent } from "./client.ts";
import { usableToken } from "./fields.ts";
import { readIssued } from "./issued.ts";
import { notices, type Wish } from "./notices.ts";
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
  const description = input.description.slice(0, longestDescription);
  const answer = await call(jfrog, {
    method: "POST",
    path,
    token: shown.token,
    contentType: "application/json",
    body: JSON.stringify({
      expires_in: Math.floor(tokenTtlMs / 1000),
      ...mintFields(jfrog.settings, description, pair.reference_token !== undefined),
    }),
    signal,
  });
  const result = issueResult(jfrog, answer, pair, { life: tokenTtlMs, ...termsOf(jfrog.settings) });
  return result.kind === "refused" ? blamed(result, jfrog.settings) : result;
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
  if (wantsReference(jfrog.settings, pair.reference_token !== undefined)) form.set("include_reference_token", "true");
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

function issueResult(
  jfrog: Jfrog,
  answer: HttpAnswer | Trouble,
  pair: Fields,
  wish: Pick<Wish, "life" | "scope" | "audience"> = {},
): IssueResult {
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, ...secretsOf(pair));
  if (!succeeded(answer)) return verdict(answer, who);
  const { settings, now } = jfrog;
  const issued = readIssued(answer, who, { origin: settings.url, now, user: pair.user ?? "" });
  if (issued.kind !== "issued") return issued;
  const reference = wantsReference(settings, pair.reference_token !== undefined);
  const told = notices(issued.facts, issued.fields, { ...wish, reference, rotation: settings.rotation });
  return { ...issued, notices: told };
}
