import type { Circle, Engine, Fields, Platform, TrialResult } from "../../adapters/engines/port.ts";
import { backoff } from "../../machines/backoff.ts";
import { templatePlatforms } from "../../machines/circle/circle.ts";
import type { Clock, Log } from "../ports.ts";
import { issuerOf } from "./issuer.ts";
import { type CircleJournal, CircleStream } from "./stream.ts";

export interface CircleDeps {
  readonly journal: CircleJournal;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** The files of this enrolment have to be written anew: other platforms accept it than before. */
  readonly news: (enrolment: string) => void;
}

/** When a platform is shown the same credential again. A refused token is not pressed on anybody. */
const AGAIN = { accepted: 15 * 60_000, "not-accepted": 30 * 60_000 } as const;

/** A time further away was reckoned by a clock that has been set back since. */
const LONGEST_WAIT = 60 * 60_000;

/** One enrolment among its platforms. Everything goes on behind the enrolment's back: nothing waits for a platform. */
export class CircleMember {
  readonly #name: string;
  readonly #engine: Engine;
  readonly #circle: Circle;
  readonly #deps: CircleDeps;
  readonly #stream: CircleStream;
  readonly #abort = new AbortController();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #nextLook = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  /** Digest of the credential that came by last. */
  #inUse: string | null = null;
  /** Whether that one may be shown to the platforms. */
  #mayShow = true;
  #isStale = false;
  #certificatesMoved = false;

  constructor(name: string, engine: Engine, circle: Circle, deps: CircleDeps) {
    this.#name = name;
    this.#engine = engine;
    this.#circle = circle;
    this.#deps = deps;
    this.#stream = new CircleStream(name, deps.journal, deps.clock, deps.log);
    const others = this.#others.map(({ url, serverId }) => ({ url, serverId }));
    this.#stream.configure({ platforms: others, trust: circle.trust !== undefined });
  }

  /** What its templates see beside the secret's own fields. */
  templateFields(fields: Fields) {
    return { platforms: templatePlatforms(this.#issuerOf(fields), this.#others, this.#stream.snapshot()) };
  }

  /** Whether its secret has to be read although it has not moved. Has the certificates read again, for the next time. */
  wants(): boolean {
    this.#reload();
    return this.#isStale || this.#certificatesMoved || (this.#mayShow && this.#due().length > 0);
  }

  /** Every platform is looked at with the next sync, however lately it was. */
  hurry(): void {
    this.#nextLook.clear();
  }

  /** The credential as it is now. Returns at once. */
  look(fields: Fields): void {
    const { complete, digest, tokenId = null, expiresAt } = this.#engine.describe(fields);
    this.#isStale = false;
    this.#certificatesMoved = false;
    const isOurs = this.#issuerOf(fields) === this.#circle.platforms[0];
    // An expired token is shown to nobody: that may lock its user out.
    this.#mayShow = complete && isOurs && (expiresAt === undefined || expiresAt > this.#deps.clock.now());
    if (!complete || !isOurs || this.#isAlone) return;
    this.#inUse = digest;
    if (this.#stream.snapshot().pair !== digest) this.#begin(digest, tokenId);
    if (this.#circle.trust) this.#inBackground("trust", () => this.#vouch(fields, digest));
    if (!this.#mayShow) return;
    for (const platform of this.#due()) this.#inBackground(platform.url, () => this.#try(platform, fields, digest));
  }

  get #others(): readonly Platform[] {
    return this.#circle.platforms.slice(1);
  }

  /** Nobody but the issuer is ever asked. */
  get #isAlone(): boolean {
    return this.#others.length === 0 && this.#circle.trust === undefined;
  }

  /** The configuration may name another one by now: the credential stays the old one's until somebody signs in. */
  #issuerOf(fields: Fields): Platform {
    return issuerOf(this.#circle.platforms, this.#engine.describe(fields).origin, fields.server_id);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.settled();
  }

  #begin(pair: string, tokenId: string | null): void {
    const urls = this.#others.map(({ url }) => url);
    this.#nextLook.clear();
    this.#failures.clear();
    this.#stream.begin({ type: "TRIALS_BEGUN", pair, tokenId }, urls);
  }

  #due(): readonly Platform[] {
    const now = this.#deps.clock.now();
    const isDue = (at = 0) => at <= now || at > now + LONGEST_WAIT;
    return this.#others.filter(({ url }) => !this.#underWay.has(url) && isDue(this.#nextLook.get(url)));
  }

  async #try(platform: Platform, fields: Fields, pair: string): Promise<void> {
    const result = await this.#circle.try(platform, fields, this.#abort.signal);
    if (this.#abort.signal.aborted) return;
    // A rotation came in between: the new credential is shown in its turn.
    if (this.#stream.snapshot().pair !== pair) return;
    if (result.kind === "trouble") this.#postpone(platform, result);
    else this.#conclude(platform, pair, result);
  }

  #conclude({ url }: Platform, pair: string, result: Exclude<TrialResult, { kind: "trouble" }>): void {
    const { accepted, reason, message, hint } =
      result.kind === "accepted"
        ? { accepted: true, reason: null, message: null, hint: null }
        : { accepted: false, hint: null, ...result };
    const accepting = () => JSON.stringify(this.templateFields({}));
    const before = accepting();
    const open = this.#stream.open(url);
    const tried = { type: "PLATFORM_TRIED", url, pair, accepted, reason, message, hint } as const;
    this.#stream.record(tried, open ? { closes: open.id } : {});
    this.#failures.delete(url);
    this.#nextLook.set(url, this.#deps.clock.now() + AGAIN[result.kind]);
    if (accepting() !== before) this.#tell();
  }

  #postpone({ url }: Platform, { class: kind, message, retryAfterMs }: TrialResult & { kind: "trouble" }): void {
    const attempt = this.#failures.get(url) ?? 0;
    const wait = backoff({
      attempt,
      random: this.#deps.random(),
      ...(retryAfterMs === undefined ? {} : { retryAfter: retryAfterMs }),
    });
    const dueAt = this.#deps.clock.now() + wait;
    this.#failures.set(url, attempt + 1);
    this.#nextLook.set(url, dueAt);
    this.#stream.record({ type: "TRIAL_FAILED", url, class: kind, message });
    const open = this.#stream.open(url);
    if (open) this.#stream.postpone(open.id, { dueAt, attempt: attempt + 1, class: kind, message });
  }

  #reload(): void {
    const { trust } = this.#circle;
    if (!trust) return;
    this.#inBackground("certificates", async () => {
      if (!(await trust.reload(this.#abort.signal))) return;
      this.#certificatesMoved = true;
      this.#deps.news(this.#name);
    });
  }

  async #vouch(fields: Fields, pair: string): Promise<void> {
    const { trust } = this.#circle;
    if (!trust) return;
    // Those that are read for the first time now are no news.
    await trust.reload(this.#abort.signal);
    const found = await trust.vouch(fields);
    if (this.#abort.signal.aborted) return;
    // A rotation came in between: the new credential is read, and checked in its turn.
    if (this.#inUse !== pair) return this.#tell();
    if (found.kind === "not-vouched") {
      this.#stream.record({ type: "NOT_VOUCHED", pair, reason: found.reason, message: found.message });
      return;
    }
    const { name, keyId, source } = found;
    this.#stream.record({ type: "VOUCHED", pair, name, keyId, source });
  }

  #tell(): void {
    this.#isStale = true;
    this.#deps.news(this.#name);
  }

  /** One of each kind at a time. */
  #inBackground(what: string, work: () => Promise<void>): void {
    if (this.#underWay.has(what) || this.#abort.signal.aborted) return;
    const done = work()
      .catch((error: unknown) => {
        const name = error instanceof Error ? error.name : "unknown";
        this.#deps.log.error({ enrolment: this.#name, about: what, error: name }, "a look at the circle failed");
      })
      .finally(() => this.#underWay.delete(what));
    this.#underWay.set(what, done);
  }
}
