/**
 * A circle's stream: which platforms accept an enrolment's credential, and which trusted certificate vouches for it. A fold,
 * not a machine, as a rule's is: nothing hangs on it but files and what people are told. Only the issuer ever refreshes.
 */

export const CIRCLE_VERSION = 1;

export type Member = { readonly url: string; readonly serverId: string };

export type CircleEvent = { readonly at: number } & (
  | {
      readonly type: "CIRCLE_CONFIGURED";
      /** All but the issuer. */
      readonly platforms: readonly Member[];
      readonly trust: boolean;
    }
  /** The credential is new: each platform is shown it (an intent for each). */
  | { readonly type: "TRIALS_BEGUN"; readonly pair: string; readonly tokenId: string | null }
  | {
      readonly type: "PLATFORM_TRIED";
      readonly url: string;
      readonly pair: string;
      readonly accepted: boolean;
      readonly reason: string | null;
      readonly message: string | null;
      readonly hint: string | null;
    }
  /** No answer that says anything; it is tried again. The first of its class only. */
  | { readonly type: "TRIAL_FAILED"; readonly url: string; readonly class: string; readonly message: string }
  | {
      readonly type: "VOUCHED";
      readonly pair: string;
      /** Of the certificate. */
      readonly name: string;
      readonly keyId: string;
      readonly source: string;
    }
  | { readonly type: "NOT_VOUCHED"; readonly pair: string; readonly reason: string; readonly message: string }
);
type Of<T extends CircleEvent["type"]> = Extract<CircleEvent, { type: T }>;

export type PlatformState = Member & {
  /** Of the credential `pair`, or of one before it until that is known. */
  readonly verdict: {
    readonly pair: string;
    readonly accepted: boolean;
    readonly reason: string | null;
    readonly message: string | null;
    readonly hint: string | null;
    readonly since: number;
  } | null;
  readonly failure: { readonly class: string; readonly message: string; readonly since: number } | null;
};

export type TrustState = {
  readonly pair: string;
  /** Null: none vouches. */
  readonly certificate: { readonly name: string; readonly keyId: string; readonly source: string } | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly since: number;
};

export interface CircleSnapshot {
  readonly value: "closed" | "open";
  /** Digest of the credential that was shown last. */
  readonly pair: string | null;
  readonly platforms: readonly PlatformState[];
  readonly trusts: boolean;
  readonly trust: TrustState | null;
}

export const initialCircle: CircleSnapshot = {
  value: "closed",
  pair: null,
  platforms: [],
  trusts: false,
  trust: null,
};

/** A recorded snapshot. Undefined: nothing is recorded yet. */
export function circleSnapshot(recorded: unknown): CircleSnapshot {
  return { ...initialCircle, ...(recorded as Partial<CircleSnapshot> | undefined) };
}

/** The snapshot after the event; null when the event says nothing new. */
export function foldCircle(before: CircleSnapshot, event: CircleEvent): CircleSnapshot | null {
  switch (event.type) {
    case "CIRCLE_CONFIGURED":
      return configured(before, event);
    case "TRIALS_BEGUN":
      return before.pair === event.pair ? null : { ...before, pair: event.pair };
    case "PLATFORM_TRIED":
      return event.pair === before.pair ? atPlatform(before, event.url, (known) => tried(known, event)) : null;
    case "TRIAL_FAILED":
      return atPlatform(before, event.url, (known) => failed(known, event));
    case "VOUCHED":
    case "NOT_VOUCHED":
      return before.trusts ? vouched(before, event) : null;
  }
}

function configured(before: CircleSnapshot, { platforms, trust }: Of<"CIRCLE_CONFIGURED">): CircleSnapshot | null {
  const members = before.platforms.map(({ url, serverId }) => ({ url, serverId }));
  if (before.trusts === trust && JSON.stringify(members) === JSON.stringify(platforms)) return null;
  const known = new Map(before.platforms.map((platform) => [platform.url, platform]));
  return {
    value: trust || platforms.length > 0 ? "open" : "closed",
    // Shown anew: there may be platforms that have not seen it.
    pair: null,
    platforms: platforms.map((member) => ({ verdict: null, failure: null, ...known.get(member.url), ...member })),
    trusts: trust,
    trust: trust ? before.trust : null,
  };
}

function atPlatform(
  before: CircleSnapshot,
  url: string,
  change: (known: PlatformState) => PlatformState | null,
): CircleSnapshot | null {
  const known = before.platforms.find((platform) => platform.url === url);
  const after = known && change(known);
  if (!after) return null;
  return { ...before, platforms: before.platforms.map((platform) => (platform === known ? after : platform)) };
}

function tried(known: PlatformState, event: Of<"PLATFORM_TRIED">): PlatformState | null {
  const { pair, accepted, reason, message, hint, at } = event;
  const last = known.verdict;
  const isSame = last?.accepted === accepted && last.reason === reason;
  if (isSame && last.pair === pair && known.failure === null) return null;
  const since = isSame ? last.since : at;
  return { ...known, failure: null, verdict: { pair, accepted, reason, message, hint, since } };
}

function failed(known: PlatformState, event: Of<"TRIAL_FAILED">): PlatformState | null {
  if (known.failure?.class === event.class) return null;
  return { ...known, failure: { class: event.class, message: event.message, since: event.at } };
}

function vouched(before: CircleSnapshot, event: Of<"VOUCHED" | "NOT_VOUCHED">): CircleSnapshot | null {
  const { trust: last } = before;
  const found =
    event.type === "VOUCHED"
      ? { certificate: { name: event.name, keyId: event.keyId, source: event.source }, reason: null, message: null }
      : { certificate: null, reason: event.reason, message: event.message };
  const isSame = last !== null && JSON.stringify(found) === JSON.stringify(plain(last));
  if (isSame && last.pair === event.pair) return null;
  return { ...before, trust: { pair: event.pair, ...found, since: isSame ? last.since : event.at } };
}

function plain({ certificate, reason, message }: TrustState) {
  return { certificate, reason, message };
}

/**
 * What templates see as `.platforms`: the issuer, which always accepts its own, and the others.
 *
 * @param issuer the one that the credential came from. Where the configuration names another one by now, that one is left
 *   out: a file must not show it a credential that is none of its own
 */
export function templatePlatforms(
  issuer: Member,
  others: readonly Member[],
  { platforms }: CircleSnapshot,
): readonly { readonly server_id: string; readonly url: string; readonly accepted: boolean }[] {
  const accepts = (url: string) => platforms.find((platform) => platform.url === url)?.verdict?.accepted === true;
  return [
    { server_id: issuer.serverId, url: issuer.url, accepted: true },
    ...others
      .filter(({ url }) => url !== issuer.url)
      .map(({ url, serverId }) => ({ server_id: serverId, url, accepted: accepts(url) })),
  ];
}
