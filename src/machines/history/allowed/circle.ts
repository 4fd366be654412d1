import type { CircleEvent, CircleSnapshot, Member, PlatformState, TrustState } from "../../circle/circle.ts";
import {
  type Allowed,
  alias,
  failureClass,
  flag,
  list,
  noWords,
  nullable,
  number,
  oneOf,
  type Rows,
  record,
  whole,
  words,
} from "../shapes.ts";

/** What of the history of a circle of trust may leave the machine. A type or a member without a row does not compile. */

type Of<T extends CircleEvent["type"]> = Extract<CircleEvent, { type: T }>;

/** Why a platform does not accept a credential, and why no certificate vouches for it. */
const REASONS = [
  ...["certificate", "user", "reference-token", "revocable", "audience", "expired", "forbidden", "refused"],
  ...["oversized", "malformed", "repeated-claims", "algorithm", "no-certificates", "signature"],
  ...["certificate-expired", "not-yet-valid"],
];
const url = alias("origin");
const pair = alias("digest");
export const reason = oneOf(REASONS);
const memberRows: Rows<Member> = { url, serverId: alias("server") };
const certificateRows = { name: alias("certificate"), keyId: alias("key"), source: alias("path") };

const EVENTS: { readonly [K in CircleEvent["type"]]: Rows<Of<K>, "type" | "at"> } = {
  CIRCLE_CONFIGURED: { platforms: list(whole<Member>(memberRows)), trust: flag },
  TRIALS_BEGUN: { pair, tokenId: nullable(alias("token")) },
  PLATFORM_TRIED: {
    url,
    pair,
    accepted: flag,
    reason: nullable(reason),
    message: nullable(words),
    hint: noWords,
  },
  TRIAL_FAILED: { url, class: failureClass, message: words },
  VOUCHED: { pair, ...certificateRows },
  NOT_VOUCHED: { pair, reason, message: words },
};

const verdict = record({
  pair,
  accepted: flag,
  reason: nullable(reason),
  message: nullable(words),
  hint: noWords,
  since: number,
});
const failure = record({ class: failureClass, message: words, since: number });
const platform = whole<PlatformState>({ ...memberRows, verdict: nullable(verdict), failure: nullable(failure) });
const trust = whole<TrustState>({
  pair,
  certificate: nullable(record(certificateRows)),
  reason: nullable(reason),
  message: nullable(words),
  since: number,
});
const state = oneOf(["closed", "open"]);

export const circle: Allowed = {
  events: EVENTS,
  common: {},
  intents: { tryPlatform: { subject: url, params: { url, pair } } },
  state,
  wakes: [],
  snapshot: whole<CircleSnapshot>({
    value: state,
    pair: nullable(pair),
    platforms: list(platform),
    trusts: flag,
    trust: nullable(trust),
  }),
};
