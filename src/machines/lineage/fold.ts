import { ENROLMENT, REVOCATIONS } from "../stream/names.ts";
import {
  FINDS,
  ISSUING,
  LINEAGE_VERSION,
  type Lineage,
  type LineageEvent,
  REMOVING,
  type TokenLine,
  type Told,
} from "./lineage.ts";

/** The lineage with more events in it; those that are in it already change nothing. */
export function foldLineage(before: Lineage, events: Iterable<LineageEvent>): Lineage {
  const folding = new Folding(before);
  for (const recorded of events) folding.take(recorded);
  return folding.lineage();
}

/** As {@link foldLineage}, of which only what it tells is wanted: not what is needed to add to it again. */
export function toldOf(before: Lineage, events: Iterable<LineageEvent>): Told {
  const folding = new Folding(before);
  for (const recorded of events) folding.take(recorded);
  return folding.told();
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
type Found = { readonly found: Facts | null; readonly pair?: Ref | null; readonly by?: string };
type Stored = { readonly replaced: Ref | null };
type NewLine = Omit<TokenLine, "supersededBy" | "rotatedAway" | "revoked" | "refusedAt">;
type Line = { -readonly [K in keyof TokenLine]: TokenLine[K] };
type End = NonNullable<TokenLine["revoked"]>;

/** A lineage that is being added to: what is looked for is found without going through all of it. */
class Folding {
  #upTo: number;
  readonly #tokens: Line[];
  readonly #refs: Map<string, string>;
  readonly #open: Map<string, string>;
  readonly #removing: Map<string, string>;
  readonly #descriptions: Set<string>;
  readonly #byKey = new Map<string, Line>();
  readonly #byDigest = new Map<string, Line>();
  /** What has not been superseded, by enrolment. */
  readonly #newest = new Map<string, Line>();

  constructor({ upTo, tokens, refs, open, removing = {}, descriptions }: Lineage) {
    this.#upTo = upTo;
    this.#tokens = tokens.map((token) => ({ ...token }));
    for (const token of this.#tokens) this.#index(token);
    this.#refs = new Map(Object.entries(refs));
    this.#open = new Map(Object.entries(open));
    this.#removing = new Map(Object.entries(removing));
    this.#descriptions = new Set(descriptions);
  }

  lineage(): Lineage {
    return {
      version: LINEAGE_VERSION,
      upTo: this.#upTo,
      tokens: this.#tokens.map((token) => ({ ...token })),
      refs: Object.fromEntries(this.#refs),
      open: Object.fromEntries(this.#open),
      removing: Object.fromEntries(this.#removing),
      descriptions: [...this.#descriptions],
    };
  }

  told(): Told {
    return { tokens: this.#tokens, descriptions: [...this.#descriptions] };
  }

  take(recorded: LineageEvent): void {
    if (recorded.seq <= this.#upTo) return;
    this.#upTo = recorded.seq;
    const { stream } = recorded;
    if (stream.startsWith(REVOCATIONS)) this.#revokedByHand(recorded, stream.slice(REVOCATIONS.length));
    if (!stream.startsWith(ENROLMENT)) return;
    this.#happened(recorded, stream.slice(ENROLMENT.length));
    this.#noteIntents(recorded);
  }

  #happened({ event, closes }: LineageEvent, enrolment: string): void {
    const { at, type } = event;
    if (type === "GRANTED") {
      const { bootstrap, tokenId, user } = event as unknown as Granted;
      const facts = { tokenId, digest: bootstrap.digest, issuedAt: null, expiresAt: null, user };
      this.#received({ ...facts, enrolment, at, how: "signed-in" }, bootstrap);
    }
    if (type === "PAIR_ISSUED") {
      const { pair, facts } = event as unknown as Issued;
      const how = this.#open.get(closes ?? "") === "refresh" ? "rotated" : "minted";
      this.#received({ ...lineOf(facts), enrolment, at, how }, pair);
    }
    if (FINDS.includes(type)) this.#found(event as unknown as Found, { enrolment, at });
    if (type === "STORED") this.#noteRef((event as unknown as Stored).replaced);
    this.#hasEnded({ event, closes }, enrolment);
  }

  #hasEnded({ event, closes }: Pick<LineageEvent, "event" | "closes">, enrolment: string): void {
    const { at, type } = event;
    if (type === "REMOVED") this.#refused(this.#removing.get(closes ?? ""), at);
    if (type === "REVOKED") this.#revoked(String(event.subject), { at, how: String(event.how) });
    if (type === "SWEPT") {
      for (const tokenId of event.revoked as readonly string[])
        this.#ended({ tokenId, enrolment, at, how: "unanswered" }, { at, how: "revoked" });
    }
  }

  #found({ found, pair = null, by }: Found, where: Pick<TokenLine, "enrolment" | "at">): void {
    const whence = by === undefined ? {} : { by };
    if (found?.complete) this.#received({ ...lineOf(found), ...where, how: "adopted", ...whence });
    this.#noteRef(pair);
  }

  /** A token that is seen for the first time supersedes the enrolment's last one, unless it is older. */
  #received(line: NewLine, ref?: Ref): void {
    const key = keyOf(line);
    if (ref) this.#refs.set(ref.id, key);
    const known = this.#byKey.get(key);
    if (known?.how === "adopted" && line.by !== undefined) known.by ??= line.by;
    if (key === "" || known) return;
    const token: Line = { ...line, supersededBy: null, rotatedAway: false, revoked: null };
    const last = this.#newest.get(line.enrolment);
    if (last && isOlder(token, last)) token.supersededBy = keyOf(last);
    else if (last) Object.assign(last, { supersededBy: key, rotatedAway: line.how === "rotated" });
    this.#tokens.push(token);
    this.#index(token);
  }

  #index(token: Line): void {
    const { digest, enrolment, supersededBy, how } = token;
    this.#byKey.set(keyOf(token), token);
    if (digest !== null && !this.#byDigest.has(digest)) this.#byDigest.set(digest, token);
    if (supersededBy === null && !NEVER_USED.includes(how)) this.#newest.set(enrolment, token);
  }

  /** Another sealed row of a token that is known by its digest. */
  #noteRef(ref: Ref | null): void {
    const token = ref && this.#byDigest.get(ref.digest);
    if (token) this.#refs.set(ref.id, keyOf(token));
  }

  /** Nothing is taken out of the store for good before the service, the store and the lease agree that it is dead. */
  #refused(digest: string | undefined, at: number): void {
    const token = this.#byDigest.get(digest ?? "");
    if (token) token.refusedAt = at;
  }

  #revoked(ref: string, revoked: End): void {
    const token = this.#byKey.get(this.#refs.get(ref) ?? "");
    this.#refs.delete(ref);
    if (token) token.revoked = revoked;
  }

  /** The end of a token by its id; one that was not known so far was never in use, and stands before all others. */
  #ended(named: Pick<TokenLine, "enrolment" | "at" | "how"> & { readonly tokenId: string }, revoked: End): void {
    const known = this.#byKey.get(named.tokenId);
    if (known) {
      known.revoked = revoked;
      return;
    }
    const facts = { digest: null, issuedAt: null, expiresAt: null, user: null };
    const token = { ...named, ...facts, supersededBy: null, rotatedAway: false, revoked };
    this.#tokens.unshift(token);
    this.#index(token);
  }

  /** `token revoke`. */
  #revokedByHand({ event: { type, tokenId, how, at } }: LineageEvent, enrolment: string): void {
    if (type !== "TOKEN_REVOKED" || typeof tokenId !== "string") return;
    this.#ended({ tokenId, enrolment, at, how: "named" }, { at, how: String(how) });
  }

  #noteIntents({ intents, closes, withdraws = [], state }: LineageEvent): void {
    for (const id of [...withdraws, closes ?? ""]) {
      this.#open.delete(id);
      this.#removing.delete(id);
    }
    const removals = isUnenrolling(state) ? [] : intents.filter(({ kind }) => kind === REMOVING);
    for (const { id, params } of removals) if ("digest" in params) this.#removing.set(id, String(params.digest));
    for (const { id, kind, params } of intents.filter((intent) => ISSUING.includes(intent.kind))) {
      this.#open.set(id, kind);
      if ("description" in params) this.#descriptions.add(String(params.description));
    }
  }
}

const NEVER_USED: readonly TokenLine["how"][] = ["unanswered", "named"];

/** What a person gives back has not been refused. */
function isUnenrolling(state: unknown): boolean {
  return typeof state === "object" && state !== null && "idle" in state;
}

function isOlder(token: TokenLine, last: TokenLine): boolean {
  return last.issuedAt !== null && token.issuedAt !== null && token.issuedAt < last.issuedAt;
}

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
