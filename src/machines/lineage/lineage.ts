/**
 * Every token that a journal ever minted or received, and what became of each: a fold over the enrolments' events. It
 * outlives compaction: what is dropped from the history is folded into a fact before (agent/keep-lineage.ts).
 */

export const LINEAGE_VERSION = 1;

export type TokenLine = {
  /** Its id at the service; null for a reference token whose id nobody told. */
  readonly tokenId: string | null;
  readonly digest: string | null;
  readonly enrolment: string;
  /**
   * `unanswered`: minted by a request whose answer never came, and found afterwards. `adopted`: another machine stored it.
   * `named`: a person had it revoked by its id.
   */
  readonly how: "signed-in" | "minted" | "rotated" | "unanswered" | "adopted" | "named";
  /** When this machine got to know it. */
  readonly at: number;
  readonly issuedAt: number | null;
  /** Null: never, or not known. */
  readonly expiresAt: number | null;
  readonly user: string | null;
  /** The next one of the enrolment, and whether that came by this one's refresh token (which ends this one). */
  readonly supersededBy: string | null;
  readonly rotatedAway: boolean;
  readonly revoked: { readonly at: number; readonly how: string } | null;
};

export type Lineage = {
  readonly version: number;
  /** Events up to this one are in it. */
  readonly upTo: number;
  readonly tokens: readonly TokenLine[];
  /** Keys of tokens by the ids of their sealed rows. */
  readonly refs: { readonly [ref: string]: string };
  /** Kinds of intents that issue, by id, while they are open. */
  readonly open: { readonly [intent: string]: string };
  /** Descriptions that this journal's mints have asked for: by them its orphans are known. */
  readonly descriptions: readonly string[];
};

export const emptyLineage: Lineage = {
  version: LINEAGE_VERSION,
  upTo: 0,
  tokens: [],
  refs: {},
  open: {},
  descriptions: [],
};

/** An event as the journal has it, as far as it matters here. */
export interface LineageEvent {
  readonly seq: number;
  readonly stream: string;
  readonly event: { readonly type: string; readonly at: number; readonly [field: string]: unknown };
  readonly intents: readonly { readonly id: string; readonly kind: string; readonly params: object }[];
  readonly closes: string | null;
  readonly withdraws?: readonly string[];
}

const ENROLMENT = "enrolment/";
const REVOCATIONS = "revocations/";
const ISSUING: readonly string[] = ["mint", "refresh"];

/** The lineage with one more event in it; an event that is in it already changes nothing. */
export function foldLineage(before: Lineage, recorded: LineageEvent): Lineage {
  if (recorded.seq <= before.upTo) return before;
  const { stream, seq } = recorded;
  const known = { ...before, upTo: seq };
  if (stream.startsWith(REVOCATIONS)) return revokedByHand(known, recorded);
  if (!stream.startsWith(ENROLMENT)) return known;
  return noteIntents(happened(known, recorded, stream.slice(ENROLMENT.length)), recorded);
}

function happened(before: Lineage, recorded: LineageEvent, enrolment: string): Lineage {
  const { event, closes } = recorded;
  const { at } = event;
  switch (event.type) {
    case "GRANTED": {
      const { bootstrap, tokenId, user } = event as unknown as Granted;
      const facts = { tokenId, digest: bootstrap.digest, issuedAt: null, expiresAt: null, user };
      return withRef(received(before, { ...facts, enrolment, at, how: "signed-in" }), bootstrap.id, keyOf(facts));
    }
    case "PAIR_ISSUED": {
      const { pair, facts } = event as unknown as Issued;
      const how = before.open[closes ?? ""] === "refresh" ? "rotated" : "minted";
      return withRef(received(before, { ...lineOf(facts), enrolment, at, how }), pair.id, keyOf(lineOf(facts)));
    }
    case "SECRET_READ":
    case "SECRET_SEEN":
    case "STORE_CONFLICT":
      return found(before, event as unknown as Found, enrolment);
    case "STORED":
      return noteRef(before, (event as unknown as Stored).replaced);
    case "REVOKED":
      return revokedBy(before, String(event.subject), { at, how: String(event.how) });
    case "SWEPT":
      return (event.revoked as readonly string[]).reduce(
        (next, tokenId) => ended(next, { tokenId, enrolment, at, how: "unanswered" }, { at, how: "revoked" }),
        before,
      );
    default:
      return before;
  }
}

type Ref = { readonly id: string; readonly digest: string };
type Facts = {
  readonly complete?: boolean;
  readonly digest: string;
  readonly tokenId?: string;
  readonly user?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
};
type Granted = { readonly bootstrap: Ref; readonly tokenId: string | null; readonly user: string | null };
type Issued = { readonly pair: Ref; readonly facts: Facts };
type Found = { readonly at: number; readonly found: Facts | null; readonly pair?: Ref | null };
type Stored = { readonly replaced: Ref | null };
type NewLine = Omit<TokenLine, "supersededBy" | "rotatedAway" | "revoked">;

function lineOf({ digest, tokenId, user, issuedAt, expiresAt }: Facts) {
  return {
    digest,
    tokenId: tokenId ?? null,
    user: user ?? null,
    issuedAt: issuedAt ?? null,
    expiresAt: expiresAt ?? null,
  };
}

/** What a token is known by: its id, else its digest. */
function keyOf({ tokenId, digest }: Pick<TokenLine, "tokenId" | "digest">): string {
  return tokenId ?? digest ?? "";
}

/** A token that is seen for the first time supersedes the enrolment's last one, unless it is older. */
function received(before: Lineage, line: NewLine): Lineage {
  const key = keyOf(line);
  if (key === "" || before.tokens.some((token) => keyOf(token) === key)) return before;
  const last = before.tokens.findLast(
    ({ enrolment, supersededBy }) => enrolment === line.enrolment && supersededBy === null,
  );
  const isOlder = last?.issuedAt != null && line.issuedAt !== null && line.issuedAt < last.issuedAt;
  const after = { supersededBy: key, rotatedAway: line.how === "rotated" };
  const tokens = before.tokens.map((token) => (token === last && !isOlder ? { ...token, ...after } : token));
  const own = { supersededBy: last && isOlder ? keyOf(last) : null, rotatedAway: false, revoked: null };
  return { ...before, tokens: [...tokens, { ...line, ...own }] };
}

function found(before: Lineage, { at, found: facts, pair }: Found, enrolment: string): Lineage {
  const known = facts?.complete ? received(before, { ...lineOf(facts), enrolment, at, how: "adopted" }) : before;
  return noteRef(known, pair ?? null);
}

function withRef(before: Lineage, ref: string, key: string): Lineage {
  return { ...before, refs: { ...before.refs, [ref]: key } };
}

/** Another sealed row of a token that is known by its digest. */
function noteRef(before: Lineage, ref: Ref | null): Lineage {
  const token = ref && before.tokens.find(({ digest }) => digest === ref.digest);
  return ref && token ? withRef(before, ref.id, keyOf(token)) : before;
}

function revokedBy(before: Lineage, ref: string, revoked: NonNullable<TokenLine["revoked"]>): Lineage {
  const key = before.refs[ref];
  if (key === undefined) return before;
  const refs = Object.fromEntries(Object.entries(before.refs).filter(([id]) => id !== ref));
  return {
    ...before,
    refs,
    tokens: before.tokens.map((token) => (keyOf(token) === key ? { ...token, revoked } : token)),
  };
}

/** The end of a token by its id; one that was not known so far was never in use, and stands before all others. */
function ended(
  before: Lineage,
  named: Pick<TokenLine, "enrolment" | "at" | "how"> & { readonly tokenId: string },
  revoked: NonNullable<TokenLine["revoked"]>,
): Lineage {
  const isIt = (token: TokenLine) => token.tokenId === named.tokenId;
  if (before.tokens.some(isIt))
    return { ...before, tokens: before.tokens.map((token) => (isIt(token) ? { ...token, revoked } : token)) };
  const facts = { digest: null, issuedAt: null, expiresAt: null, user: null };
  const line = { ...named, ...facts, supersededBy: null, rotatedAway: false, revoked };
  return { ...before, tokens: [line, ...before.tokens] };
}

/** `token revoke`. */
function revokedByHand(before: Lineage, { stream, event }: LineageEvent): Lineage {
  const { tokenId, how, at } = event;
  if (event.type !== "TOKEN_REVOKED" || typeof tokenId !== "string") return before;
  const enrolment = stream.slice(REVOCATIONS.length);
  return ended(before, { tokenId, enrolment, at, how: "named" }, { at, how: String(how) });
}

function noteIntents(before: Lineage, { intents, closes, withdraws = [] }: LineageEvent): Lineage {
  const begun = intents.filter(({ kind }) => ISSUING.includes(kind));
  const ended = [...withdraws, ...(closes === null ? [] : [closes])].filter((id) => id in before.open);
  if (begun.length === 0 && ended.length === 0) return before;
  const kept = Object.entries(before.open).filter(([id]) => !ended.includes(id));
  const asked = begun.flatMap(({ params }) => ("description" in params ? [String(params.description)] : []));
  return {
    ...before,
    open: Object.fromEntries([...kept, ...begun.map(({ id, kind }) => [id, kind])]),
    descriptions: [...new Set([...before.descriptions, ...asked])],
  };
}
