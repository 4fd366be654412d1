import type { HttpAnswer } from "../../../http/port.ts";
import type { Fields, Platform, TrialReason, TrialResult } from "../../port.ts";
import { jsonObject, member } from "../body.ts";
import { call, isTrouble, type Jfrog, secretsOf, unsent } from "../client.ts";
import { originOf, usableToken } from "../fields.ts";
import { inspectToken } from "../token/inspect.ts";
import { succeeded, unusable, verdict } from "../verdict.ts";

/** Artifactory asks for a good token wherever one is shown; the cheapest thing that it answers. */
const PATH = "/artifactory/api/system/version";
/** A platform that is away is tried again; nobody waits for it. */
const PATIENCE = { connectMs: 3_000, headersMs: 5_000, bodyMs: 3_000 };

/**
 * Shows the token to a platform of the circle and asks for its version. A reference token is never shown: it means nothing
 * there, and would be a secret told to somebody else.
 */
export async function tryAt(jfrog: Jfrog, platform: Platform, pair: Fields, signal: AbortSignal): Promise<TrialResult> {
  const token = usableToken(pair.access_token);
  if (token === undefined || originOf(pair.url) !== jfrog.settings.url)
    return unsent("jfrog.no-credential", "there is no token of this platform's to show");
  const { kind } = inspectToken(token);
  if (kind !== "jwt")
    return no("reference-token", "a reference token counts at its issuer alone", "leave reference_token out");
  const there = { ...jfrog, settings: { ...jfrog.settings, url: platform.url } };
  const answer = await call(there, { method: "GET", path: PATH, token, timeouts: PATIENCE, signal });
  return isTrouble(answer) ? answer : judge(answer, { token, platform, pair, issuer: jfrog.settings.url });
}

interface Trial {
  readonly token: string;
  readonly platform: Platform;
  readonly pair: Fields;
  readonly issuer: string;
}

function judge(answer: HttpAnswer, { token, platform, pair, issuer }: Trial): TrialResult {
  const { host } = new URL(platform.url);
  const secrets = secretsOf(pair).filter((secret) => secret !== undefined);
  if (succeeded(answer)) {
    const body = jsonObject(answer.body);
    const isVersion = body !== undefined && typeof member(body, "version") === "string";
    return isVersion ? { kind: "accepted" } : unusable(answer, { host, secrets }, "odd-answer", "it tells no version");
  }
  const said = verdict(answer, { host, secrets });
  if (said.kind === "trouble") return said;
  const revocable = inspectToken(token).extension?.revocable === "true";
  const reason = reasonOf(said.status, said.message, revocable);
  return no(reason, `${WORDS[reason]}: ${said.message}`, hintFor(reason, issuer));
}

const WORDS: Readonly<Record<TrialReason, string>> = {
  certificate: "it does not trust the certificate that signed the token",
  user: "neither the token's user nor a group of its scope exists there",
  "reference-token": "a reference token counts at its issuer alone",
  revocable: "the token is revocable, and such a one counts at its issuer alone",
  audience: "the token's audience leaves it out",
  expired: "the token has expired",
  forbidden: "it does not let the token's user in",
  refused: "it refused the token",
};

/** JFrog's words are no contract: what they don't tell is `refused`. */
function reasonOf(status: number, words: string, isRevocable: boolean): TrialReason {
  if (status === 403) return "forbidden";
  if (/\bexpired\b/i.test(words)) return "expired";
  if (/\bsignature\b|\bkid\b|\btrust/i.test(words)) return "certificate";
  if (/\baudience\b/i.test(words)) return "audience";
  if (/\brevo(?:ked|cable)\b/i.test(words) && isRevocable) return "revocable";
  if (/\bbad credentials\b|\buser\b|\bgroup\b/i.test(words)) return "user";
  return "refused";
}

function hintFor(reason: TrialReason, issuer: string): string | undefined {
  return {
    certificate: `its administrator has to trust the root certificate of ${issuer} (/access/api/v1/cert/root)`,
    user: "create the user or the group there, too",
    "reference-token": "leave reference_token out",
    revocable: "say token_ttl: 5h, without force_revocable; or have Access federated",
    audience: "add jfrt@* to audience",
    expired: undefined,
    forbidden: undefined,
    refused: undefined,
  }[reason];
}

function no(reason: TrialReason, message: string, hint?: string): TrialResult {
  return { kind: "not-accepted", reason, message, ...(hint === undefined ? {} : { hint }) };
}
