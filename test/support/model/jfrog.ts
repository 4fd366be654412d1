import { createHash } from "node:crypto";
import type {
  Engine,
  Fields,
  IssueResult,
  PairFacts,
  PollResult,
  ProbeResult,
  RevokeResult,
} from "../../../src/adapters/engines/port.ts";
import type { Wire } from "./wire.ts";

/** How this service behaves where JFrog's behaviour is not settled, or a test wants it ill. */
export interface Switches {
  readonly life: number;
  readonly spentAnswer: 401 | 403 | 404;
  /** The access token of a refreshed pair: milliseconds that it lives on, at most to its end. */
  readonly oldAccessLives: number;
  /** An expired pair may be refreshed for so long. */
  readonly grace: number;
  /** Short tokens have no row: asking for one is a 404. */
  readonly lists: boolean;
  readonly mintForbidden: boolean;
  readonly refreshable: boolean;
}

interface Row {
  readonly id: string;
  readonly iat: number;
  readonly exp: number;
  readonly description: string;
  readonly issuedTo: "us" | "rival";
  refreshUsed: boolean;
  accessEndsAt: number;
  revoked: boolean;
}

/** One presentation of a refresh token, as the service saw it. */
export interface Presentation {
  readonly id: string;
  readonly by: "us" | "rival";
  readonly spent: boolean;
}

const traits = { person: true, refresh: true, probe: true, revoke: true, sweep: true } as const;
const origin = "https://model.example";

/** A model of JFrog Access: pairs with single-use refresh tokens, and a ledger of what was done with each. */
export class ModelJfrog {
  readonly presentations: Presentation[] = [];
  readonly rows = new Map<string, Row>();
  switches: Switches;
  /** While true every call is answered with 403. */
  suspended = false;
  /** The person has signed in and waits for the poll. */
  approved = false;
  #collected = false;
  readonly #wire: Wire;
  readonly #clock: () => number;
  readonly #onPresent: (digest: string) => void;

  constructor(wire: Wire, clock: () => number, switches: Switches, onPresent: (digest: string) => void) {
    this.#wire = wire;
    this.#clock = clock;
    this.switches = switches;
    this.#onPresent = onPresent;
  }

  /** @param moved the configuration names another url: there, no pair of ours is presented */
  engine(moved = false, rotation: "refresh" | "remint" = "refresh"): Engine {
    const call = <T>(name: string, effect: () => T) =>
      this.#wire.call<T>(
        `jfrog.${name}`,
        () => (moved ? (this.#trouble("no") as T) : effect()),
        (sent) => this.#trouble(sent) as T,
      );
    return {
      name: "jfrog",
      label: "Model",
      traits,
      rotation,
      origin: moved ? "https://other.example" : origin,
      ownedFields: ["access_token", "refresh_token", "url"],
      describe: (fields) => this.describe(fields),
      login: (session) => ({ url: `${origin}/${session}`, code: session.slice(-4) }),
      begin: () => call("begin", () => this.#refusal() ?? this.#begin()),
      poll: () => call("poll", () => this.#refusal() ?? this.#poll()),
      exchange: ({ with: using, description }) =>
        call("mint", () => this.#refusal() ?? this.mint(using ?? {}, description, "us")),
      refresh: (pair) => {
        this.#onPresent(this.describe(pair).digest);
        return call("refresh", () => this.refresh(pair, "us"));
      },
      probe: (pair) => call("probe", () => this.#refusal() ?? this.#probe(pair)),
      revoke: (pair) => call("revoke", () => this.#refusal() ?? this.#revoke(pair)),
      sweep: ({ description, keep }) =>
        call("sweep", () => {
          const latest = this.rows.get(keep)?.iat ?? 0;
          const orphans = [...this.rows.values()].filter(
            (row) => row.description === description && row.id !== keep && row.iat <= latest,
          );
          for (const row of orphans) row.revoked = true;
          return { kind: "swept", revoked: orphans.map(({ id }) => id) };
        }),
    };
  }

  describe(fields: Readonly<Record<string, unknown>>): PairFacts {
    const { access_token: access, refresh_token: refresh, url } = fields;
    const digest = createHash("sha256")
      .update(JSON.stringify([access, refresh, url]))
      .digest("hex");
    const complete = typeof access === "string" && typeof url === "string";
    const row = typeof access === "string" ? this.rows.get(access) : undefined;
    const times = row ? { tokenId: row.id, issuedAt: row.iat, expiresAt: row.exp } : {};
    return { complete, digest, refreshable: typeof refresh === "string", origin, ...times };
  }

  issue(description: string, issuedTo: "us" | "rival", refreshable = this.switches.refreshable): Fields {
    const id = `token-${this.rows.size + 1}`;
    const iat = this.#clock();
    const exp = iat + this.switches.life;
    const row = { id, iat, exp, description, issuedTo, refreshUsed: false, accessEndsAt: exp, revoked: false };
    this.rows.set(id, row);
    return { access_token: id, url: origin, ...(refreshable ? { refresh_token: `refresh-of-${id}` } : {}) };
  }

  mint(using: Fields, description: string, by: "us" | "rival"): IssueResult {
    if (!this.isAlive(using)) return this.#refused(401, "invalid token");
    if (this.switches.mintForbidden && this.#row(using)?.description !== "bootstrap")
      return this.#refused(403, "not allowed");
    return this.#issued(this.issue(description, by));
  }

  refresh(pair: Fields, by: "us" | "rival"): IssueResult {
    if (this.suspended) return this.#refused(403, "suspended");
    const row = this.#row(pair);
    const usable = row !== undefined && this.isRefreshable(pair);
    this.presentations.push({ id: row?.id ?? "?", by, spent: !usable });
    if (!usable) return this.#refused(this.switches.spentAnswer, "token was not found");
    row.refreshUsed = true;
    row.accessEndsAt = Math.min(row.accessEndsAt, this.#clock() + this.switches.oldAccessLives);
    return this.#issued(this.issue(row.description, by));
  }

  isAlive(pair: Fields): boolean {
    const row = this.#row(pair);
    return row !== undefined && !row.revoked && this.#clock() < row.accessEndsAt;
  }

  isRefreshable(pair: Fields): boolean {
    const row = this.#row(pair);
    if (!row || pair.refresh_token === undefined || row.refreshUsed || row.revoked) return false;
    return this.#clock() < row.exp + this.switches.grace;
  }

  #row(pair: Fields): Row | undefined {
    return this.rows.get(pair.access_token ?? "");
  }

  #begin() {
    this.approved = false;
    this.#collected = false;
    return { kind: "registered", serverTime: this.#clock() } as const;
  }

  #poll(): PollResult {
    if (this.#collected) return this.#refused(404, "gone", "jfrog.poll.gone");
    if (!this.approved) return { kind: "pending", serverTime: this.#clock() };
    this.#collected = true;
    const bootstrap = this.issue("bootstrap", "us");
    return { kind: "granted", bootstrap, facts: this.describe(bootstrap), serverTime: this.#clock() };
  }

  #probe(pair: Fields): ProbeResult {
    if (!this.isAlive(pair)) return { kind: "dead", serverTime: this.#clock() };
    if (!this.switches.lists) return { kind: "unlisted", serverTime: this.#clock() };
    return { kind: "alive", listed: true, serverTime: this.#clock() };
  }

  #revoke(pair: Fields): RevokeResult {
    const row = this.#row(pair);
    if (row === undefined || !this.isAlive(pair)) return { kind: "revoked", how: "dead" };
    row.revoked = true;
    return { kind: "revoked", how: "revoked" };
  }

  #issued(fields: Fields): IssueResult {
    return { kind: "issued", fields, facts: this.describe(fields), notices: [], serverTime: this.#clock() };
  }

  #refusal() {
    return this.suspended ? this.#refused(403, "suspended") : undefined;
  }

  #refused(status: number, message: string, kind = `jfrog.refused.${status}`) {
    return { kind: "refused", status, class: kind, message, serverTime: this.#clock() } as const;
  }

  #trouble(sent: "no" | "maybe") {
    return { kind: "trouble", sent, class: "net.reset", message: "the model's service is away" } as const;
  }
}
