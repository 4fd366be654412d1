import { DotvaultError } from "../../../errors.ts";
import type { Fields, IssueResult, Refused, Trouble } from "../port.ts";
import { type ReadToken, sourceName, type TokenSource } from "../token-source.ts";
import { asked, call, isTrouble, type Jfrog } from "./client.ts";
import { usableToken } from "./fields.ts";
import { mint } from "./grant.ts";
import { type Issued, readIssued } from "./issued.ts";
import type { LoginWay } from "./login-way.ts";
import { revoke } from "./tokens.ts";
import { succeeded, verdict } from "./verdict.ts";

/** RFC 8693, as JFrog has it: https://jfrog.com/help/r/jfrog-rest-apis/openid-connect-token-exchange */
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";

type Unattended = Exclude<LoginWay, { by: "web" }>;

/**
 * A token of our own without a person: with another token, or with a CI system's ID token. Repeatable: both are read anew at
 * each try, and an orphan is found by its description.
 */
export async function obtain(
  jfrog: Jfrog & { readonly readToken: ReadToken },
  way: Unattended,
  description: string,
  signal: AbortSignal,
): Promise<IssueResult> {
  const token = await readFrom(way.source, jfrog.readToken, signal);
  if (typeof token !== "string") return token;
  if (way.by === "token") return withSource(await mintWith(jfrog, token, description, signal), way.source);
  const exchanged = await exchangeIdToken(jfrog, way, token, signal);
  if (exchanged.kind !== "issued") return exchanged;
  const result = await mint(jfrog, { with: exchanged.fields, description }, signal);
  if (mayServeItself(result, jfrog)) return { ...exchanged, notices: [AS_IT_IS] };
  // Best effort: it is short, and many a service does not revoke short ones.
  await revoke(jfrog, exchanged.fields, signal);
  return result;
}

const AS_IT_IS =
  "JFrog issues no token to the one that it gave for the ID token, so that one is used: its scope, audience and life are the integration's";

/** The exchanged token itself will do, unless the configuration asks for a narrower one. */
function mayServeItself(result: IssueResult, { settings }: Jfrog): boolean {
  const { scope, audience, projectKey, username } = settings;
  const asksForMore = [scope, audience, projectKey, username].some((setting) => setting !== undefined);
  return result.kind === "refused" && result.status === 403 && !asksForMore;
}

async function readFrom(source: TokenSource, read: ReadToken, signal: AbortSignal): Promise<string | Refused> {
  try {
    const token = usableToken(await read(source, signal));
    return token ?? noToken(`${sourceName(source)} holds no token`, "one line of visible characters is expected");
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    return noToken(error.message, error.hint);
  }
}

function noToken(message: string, hint: string | undefined): Refused {
  const optional = hint === undefined ? {} : { hint };
  return { kind: "refused", status: 0, class: "jfrog.login.no-token", message, ...optional };
}

function mintWith(jfrog: Jfrog, token: string, description: string, signal: AbortSignal): Promise<IssueResult> {
  const source: Fields = { access_token: token, url: jfrog.settings.url };
  return mint(jfrog, { with: source, description }, signal);
}

/** A 401 is about the token that was brought. */
function withSource(result: IssueResult, source: TokenSource): IssueResult {
  if (result.kind !== "refused" || result.status !== 401) return result;
  return { ...result, hint: `${sourceName(source)} holds a token that JFrog does not accept: put a new one there` };
}

async function exchangeIdToken(
  jfrog: Jfrog,
  { provider, source }: Extract<LoginWay, { by: "oidc" }>,
  idToken: string,
  signal: AbortSignal,
): Promise<Issued | Refused | Trouble> {
  const answer = await call(jfrog, {
    method: "POST",
    path: "/access/api/v1/oidc/token",
    contentType: "application/json",
    body: JSON.stringify({
      grant_type: EXCHANGE,
      subject_token_type: ID_TOKEN,
      subject_token: idToken,
      provider_name: provider,
    }),
    signal,
  });
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, idToken);
  if (succeeded(answer)) return readIssued(answer, who, { origin: jfrog.settings.url, now: jfrog.now });
  const said = verdict(answer, who);
  return said.kind === "refused" ? { ...said, hint: hintOf(said.status, provider, source) } : said;
}

function hintOf(status: number, provider: string, source: TokenSource): string {
  if (status === 404) return `provider_name: ${provider}: is there an OIDC integration of this name in JFrog?`;
  if (status === 403) return `no identity mapping of ${provider} takes this job: look at its claims`;
  return `JFrog does not accept the ID token of ${sourceName(source)}: is its audience the integration's, and is it fresh?`;
}
