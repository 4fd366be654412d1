import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Outcomes } from "../../src/agent/outcomes.ts";
import { createRuleSync, type FileRule } from "../../src/agent/rules.ts";
import { Turns } from "../../src/agent/turns.ts";
import { marksOf } from "../../src/commands/assembly/file-rules.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import { statusReport } from "../../src/commands/status/collect.ts";
import type { Asked } from "../../src/commands/why/asked.ts";
import { fileStory } from "../../src/commands/why/story.ts";
import { paths } from "../../src/config/paths.ts";
import type { Journal, Json, JsonObject } from "../../src/journal/port.ts";
import { type Context, emptyContext, type Pair } from "../../src/machines/enrolment/context.ts";
import { type FileAnswer, ruleSnapshot } from "../../src/machines/rule/rule.ts";
import type { FileStory } from "../../src/terminal/why/report.ts";
import { type JournalHome, journalHome } from "./journal.ts";

export type Act =
  | { readonly do: "edit"; readonly key: "token" | "user" | "mine" }
  | { readonly do: "paste"; readonly back: number }
  | { readonly do: "say"; readonly word: FileAnswer }
  | {
      readonly do:
        | ("rotate" | "rotate, die" | "write, die" | "sync" | "remove" | "spoil" | "mend")
        | ("expire" | "refuse" | "doubt" | "stop agent");
    };

export interface Told extends FileStory {
  /** The event that the story names for the bytes. */
  readonly wrote: number | undefined;
}

const LIFE = 1_000_000;
const ENROLMENT = "enrolment/s";
const doc = "f.json";

/** One credential in one file, and all that can befall them; what is true of the file is kept beside the journal. */
export class WhyWorld implements Disposable {
  readonly path: string;
  /** The event that wrote the bytes; undefined: none did. `lost`: its writer died before it was on record. */
  wrote: number | undefined;
  lost = false;
  /** Managed values that somebody else has changed, and the file still says so. */
  readonly foreign = new Set<string>();
  spoilt = false;
  stopped = false;
  agentRuns = true;
  #now = 1_000_000;
  #n = 0;
  #context: Context = emptyContext;
  #left: string | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), "dotvault-why-"));
  readonly #home: JournalHome = journalHome();
  readonly #journal: Journal = this.#home.open();
  readonly #rule: FileRule;
  #rules: ReturnType<typeof createRuleSync>;

  constructor() {
    this.path = join(this.#folder, doc);
    const template = '{\n  "token": "{{ .access_token }}",\n  "user": "ada"\n}';
    this.#rule = { name: "r", path: this.path, format: "json", secret: "s", deleteNulls: false, template };
    this.#rules = this.#runner(this.#journal);
    this.#issue();
  }

  /** The newest token, while it is good for all that the journal knows. */
  get newest(): string | undefined {
    const { current, unanswered } = this.#context;
    if (current === null || unanswered !== null || (current.expiresAt ?? 0) <= this.#now) return undefined;
    return tokenOf(this.#n);
  }

  get text(): string | undefined {
    return existsSync(this.path) ? readFileSync(this.path, "utf8") : undefined;
  }

  get token(): string | undefined {
    return this.#valueOf("token");
  }

  async happens(act: Act): Promise<void> {
    this.#now += 1000;
    switch (act.do) {
      case "rotate":
      case "rotate, die":
        this.#issue();
        return act.do === "rotate" ? this.#sync() : this.#restart();
      case "write, die":
        return this.#writeAndDie();
      case "sync":
        return this.#sync();
      case "edit":
        return this.#edit(act.key, `by-hand-${this.#now}`);
      case "paste":
        return this.#edit("token", tokenOf(Math.max(0, this.#n - act.back)));
      case "remove":
        return rmSync(this.path, { force: true });
      case "spoil":
        this.spoilt ||= this.text !== undefined;
        return this.text === undefined ? undefined : writeFileSync(this.path, "{ no json");
      case "mend":
        if (this.spoilt && this.#left !== undefined) writeFileSync(this.path, this.#left);
        this.spoilt = false;
        return;
      case "say":
        return this.#say(act.word);
      case "expire":
        this.#now += LIFE;
        return;
      case "refuse":
        return this.#refuse();
      case "doubt":
        return this.#doubt();
      case "stop agent":
        this.agentRuns = !this.agentRuns;
    }
  }

  async why(): Promise<Told> {
    const where = { ...paths({}, process.platform, this.#folder), key: this.#folder };
    const agent = { running: this.agentRuns, pid: null, since: null, command: null };
    const enrolments = [{ name: "s", engine: "jfrog", label: "JFrog" }];
    const vault = { named: null, inUse: null };
    const configured = { file: null, state: "current", problems: 0, enrolments, rules: [], vault } as const;
    const reader = this.#journal;
    const asked: Asked = {
      reader,
      now: this.#now,
      marks: async () => marksOf(this.#home.options.key),
      rules: [this.#rule],
      status: () => statusReport({ reader, configured, agent, where, now: this.#now }),
    };
    const story = await fileStory(this.#rule, asked);
    const wrote = story.chain.findLast(({ event }) => event.type === "FILE_WRITTEN" || "keys" in recordOf(event));
    return { ...story, wrote: wrote?.seq };
  }

  [Symbol.dispose](): void {
    this.#home[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #runner(journal: Pick<Journal, "head" | "append" | "appendAll">) {
    const clock = { now: () => this.#now, at: () => () => {} };
    const environment = { env: () => undefined, username: "ada" };
    const shared = { journal: new Outcomes(journal, silentLog), turns: new Turns(clock), known: () => [] };
    const own = { run: async () => ({}), marks: marksOf(this.#home.options.key), environment, clock, log: silentLog };
    return createRuleSync([this.#rule], { ...shared, ...own });
  }

  #restart(): void {
    this.#rules = this.#runner(this.#journal);
  }

  async #sync(rules = this.#rules): Promise<void> {
    const { current } = this.#context;
    if (current === null) return;
    const [before, last] = [this.text, this.#journal.lastSeq()];
    const version = { version: this.#n, createdAt: this.#now, pair: current.digest };
    await rules.sync("s", { access_token: tokenOf(this.#n) }, "store", version);
    const events = [...this.#journal.events({ afterSeq: last })];
    const recorded = events.findLast(({ event }) => event.type === "FILE_WRITTEN" || "keys" in recordOf(event));
    if (recorded !== undefined) this.wrote = recorded.seq;
    if (recorded !== undefined || this.text !== before) this.lost = recorded === undefined;
    if (this.text !== before) this.#left = this.text;
    const wanted: Readonly<Record<string, string>> = { token: tokenOf(this.#n), user: "ada" };
    for (const key of [...this.foreign]) if (this.#valueOf(key) === wanted[key]) this.foreign.delete(key);
  }

  /** Only what is written before the file stays in the journal. */
  async #writeAndDie(): Promise<void> {
    if (this.#context.current === null) return;
    this.#issue();
    const append: Journal["append"] = (input) =>
      input.event.type === "FILE_WRITING" ? this.#journal.append(input) : this.#journal.lastSeq();
    const head = (stream: string) => this.#journal.head(stream);
    await this.#sync(this.#runner({ head, append, appendAll: () => {} }));
    this.#restart();
  }

  #edit(key: "token" | "user" | "mine", value: string): void {
    const { text } = this;
    if (text === undefined || this.spoilt) return;
    const changed = { ...(JSON.parse(text) as Record<string, string>), [key]: value };
    if (key !== "mine") this.foreign.add(key);
    writeFileSync(this.path, JSON.stringify(changed, null, 2));
  }

  /** As `dotvault file` says it. */
  async #say(word: FileAnswer): Promise<void> {
    const known = ruleSnapshot(this.#journal.head("rule/r")?.snapshot);
    if (word === "keep" && known.edited === null) return;
    await this.#rules.answer("r", word);
    this.stopped = word === "stop";
    await this.#sync();
  }

  #issue(): void {
    this.#n += 1;
    const current: Pair = {
      ...{ complete: true, refreshable: true, spread: 0, ref: null },
      ...{ digest: `pair-${this.#n}`, tokenId: `id-${this.#n}`, issuedAt: this.#now, expiresAt: this.#now + LIFE },
      stored: { version: this.#n, createdAt: this.#now },
    };
    const { stored: _stored, spread, ref: _ref, ...facts } = current;
    this.#append({ type: "WOKE", name: "rotate" }, { refreshing: "claiming" });
    const pair = { id: `ref-${this.#n}`, kind: "pair", digest: facts.digest };
    this.#append({ type: "PAIR_ISSUED", pair, facts: { ...facts }, spread, notices: [] }, { refreshing: "storing" });
    this.#context = { ...this.#context, current, ask: null, unanswered: null };
    const { createdAt, version } = { createdAt: this.#now, version: this.#n };
    this.#append({ type: "STORED", version, createdAt, replaced: null }, { active: "resting" });
  }

  #refuse(): void {
    const ask = { code: "revoked", since: this.#now, message: "gone", hint: null } as const;
    this.#context = { ...this.#context, current: null, unanswered: null, ask };
    this.#append(
      { type: "REFUSED", status: 404, class: "jfrog.refused.404", message: "gone" },
      { refreshing: "doubted" },
    );
    this.#append({ type: "REMOVED" }, "revoked");
  }

  #doubt(): void {
    if (this.#context.current === null) return;
    const at = this.#now;
    const unanswered = { sentAt: at, lostAt: at, why: "net.reset", times: 1, outcome: null, told: false };
    this.#context = { ...this.#context, unanswered };
    const lost = { type: "ANSWER_LOST", intent: "refresh", class: "net.reset", random: 0, sentAt: at };
    this.#append(lost, { refreshing: { doubted: "reading" } });
  }

  #append(event: { readonly type: string; readonly [key: string]: Json }, state: Json): void {
    this.#journal.append({
      stream: ENROLMENT,
      expectedVersion: this.#journal.head(ENROLMENT)?.version ?? 0,
      machineVersion: 6,
      event: { ...event, at: this.#now },
      state,
      snapshot: { value: state, context: this.#context } as unknown as JsonObject,
    });
  }

  #valueOf(key: string): string | undefined {
    try {
      return (JSON.parse(this.text ?? "{}") as Record<string, string>)[key];
    } catch {
      return undefined;
    }
  }
}

function recordOf(event: { readonly type: string }): object {
  return event.type === "FILE_CURRENT" ? event : {};
}

/** A JWT by its looks. */
function tokenOf(n: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT" })}.${part({ jti: `id-${n}`, sub: "ada" })}.c2ln`;
}
