import { DotvaultError } from "../../../errors.ts";
import type { Engine, IssueResult, Refused, Terms } from "../port.ts";
import type { ReadToken } from "../token-source.ts";
import { termsOf } from "./asks.ts";
import { createCircle } from "./circle/circle.ts";
import type { Jfrog } from "./client.ts";
import { describe, ownedFields } from "./fields.ts";
import { mint, refresh } from "./grant.ts";
import { begin, login, poll } from "./login.ts";
import type { LoginWay } from "./login-way.ts";
import { obtain } from "./obtain.ts";
import type { JfrogSettings } from "./settings.ts";
import { listTokens, probe, revoke, revokeToken, sweep } from "./tokens.ts";

export interface JfrogDeps extends Jfrog {
  /** For a login without a person. */
  readonly readToken?: ReadToken;
}

/** The JFrog Platform: web login (Artifactory 7.64.0 and later), minting, the refresh grant, revocation. */
export function createJfrogEngine(jfrog: JfrogDeps): Engine {
  const { settings, readToken = noReader } = jfrog;
  const { login: way = { by: "web" } } = settings;
  const person = way.by === "web";
  return {
    name: "jfrog",
    label: "JFrog",
    traits: { person, refresh: true, probe: true, revoke: true, sweep: true },
    rotation: settings.rotation,
    unattended: !person,
    terms: wantedTerms(settings),
    origin: settings.url,
    ...(settings.description === undefined ? {} : { description: settings.description }),
    ownedFields,
    circle: createCircle(jfrog),
    describe,
    ...(person ? webLogin(jfrog) : {}),
    exchange: (input, signal) => exchange({ ...jfrog, readToken }, way, input, signal),
    refresh: (pair, signal) => refresh(jfrog, pair, signal),
    probe: (pair, signal) => probe(jfrog, pair, signal),
    list: (pair, signal) => listTokens(jfrog, pair, signal),
    revokeToken: (pair, tokenId, signal) => revokeToken(jfrog, pair, tokenId, signal),
    revoke: (pair, signal) => revoke(jfrog, pair, signal),
    sweep: (input, signal) => sweep(jfrog, input, signal),
  };
}

type Input = Parameters<Engine["exchange"]>[0];

/** With what is in hand; without a person also from the source, where a scoped pair may not mint the next one. */
async function exchange(
  jfrog: JfrogDeps & { readonly readToken: ReadToken },
  way: LoginWay,
  input: Input,
  signal: AbortSignal,
): Promise<IssueResult> {
  if (way.by === "web") return input.with ? mint(jfrog, input, signal) : nothingInHand;
  if (!input.with) return obtain(jfrog, way, input.description, signal);
  const minted = await mint(jfrog, input, signal);
  if (minted.kind !== "refused" || minted.status !== 403) return minted;
  const obtained = await obtain(jfrog, way, input.description, signal);
  return obtained.kind === "refused" ? minted : obtained;
}

/** The configuration has become one that needs a person while the machine was at it. */
const nothingInHand: Refused = {
  kind: "refused",
  status: 0,
  class: "jfrog.no-credential",
  message: "there is no login to make a token with",
};

async function noReader(): Promise<never> {
  throw new DotvaultError("source.none", "nobody reads tokens here");
}

function webLogin(jfrog: Jfrog): Pick<Engine, "login" | "begin" | "poll"> {
  return {
    login: (session) => login(jfrog.settings, session),
    begin: (session, signal) => begin(jfrog, session, signal),
    poll: (session, signal) => poll(jfrog, session, signal),
  };
}

function wantedTerms(settings: JfrogSettings): Terms {
  const { scope, audience } = termsOf(settings);
  return {
    life: settings.tokenTtlMs,
    ...(scope === undefined ? {} : { scope }),
    ...(audience === undefined ? {} : { audience }),
  };
}
