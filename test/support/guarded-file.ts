import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FsPort, nodeFs } from "../../src/adapters/files/index.ts";
import { Outcomes } from "../../src/agent/outcomes.ts";
import { createRuleSync, type FileRule } from "../../src/agent/rules.ts";
import { Turns } from "../../src/agent/turns.ts";
import { marksOf } from "../../src/commands/assembly/file-rules.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import type { Journal } from "../../src/journal/port.ts";
import { postRequest } from "../../src/journal/request.ts";
import { type FileAnswer, type RuleSnapshot, ruleSnapshot } from "../../src/machines/rule/rule.ts";
import { journalHome } from "./journal.ts";

export type RuleName = "a" | "b";
export type Key = "token" | "user" | "shared" | "site";

/** Thrown where the process is killed: nothing after it happens. */
class Killed extends Error {}

/** Which rule writes what; `shared` is written by both, as the same value. */
export const KEYS: Readonly<Record<RuleName, readonly Key[]>> = {
  a: ["token", "user", "shared"],
  b: ["shared", "site"],
};

/**
 * Two rules on one file, whose process can be killed at every commit and every step of a write. What a person has said is
 * kept beside the journal.
 */
export class GuardedFile implements Disposable {
  readonly path: string;
  /** Keys that stay as others write them, by a person's word. */
  readonly kept = new Map<RuleName, Set<Key>>();
  readonly stopped = new Set<RuleName>();
  /** What others have written since at keys that are ours. */
  readonly theirs = new Map<Key, string>();
  #n = 1;
  #now = 1_000_000;
  #deaths = Number.POSITIVE_INFINITY;
  readonly #folder = mkdtempSync(join(tmpdir(), "dotvault-guard-"));
  readonly #home = journalHome();
  #journal: Journal = this.#home.open();
  #rules: ReturnType<typeof createRuleSync>;

  constructor() {
    this.path = join(this.#folder, "f.json");
    writeFileSync(this.path, '{\n  // somebody\'s own\n  "mine": ["as", "it",  "is"]\n}\n');
    this.#rules = this.#start();
  }

  wanted(key: Key): string {
    return { token: `t${this.#n}`, user: "ada", shared: `s${this.#n}`, site: "acme" }[key];
  }

  get values(): Readonly<Record<string, string | undefined>> {
    return JSON.parse(this.#text().replace(/^\s*\/\/.*$/gm, "")) as Record<string, string>;
  }

  /** All but the managed values. */
  get rest(): string {
    return this.#text()
      .split("\n")
      .filter((line) => !/"(?:token|user|shared|site)"/.test(line))
      .join("\n")
      .replace(/\],?/g, "]");
  }

  snapshot(rule: RuleName): RuleSnapshot {
    return ruleSnapshot(this.#journal.head(`rule/${rule}`)?.snapshot);
  }

  /** Words that the journal has heard. */
  heard(rule: RuleName): string[] {
    const events = [...this.#journal.events({ stream: `rule/${rule}` })];
    return events.flatMap(({ event }) => (event.type === "FILE_ANSWERED" ? [String(event.answer)] : []));
  }

  rotate(): void {
    this.#n += 1;
  }

  edit(key: Key, value: string): void {
    const text = this.#text();
    if (!new RegExp(`"${key}"`).test(text)) return;
    writeFileSync(this.path, text.replace(new RegExp(`("${key}": )"[^"]*"`), `$1"${value}"`));
    this.theirs.set(key, value);
  }

  /** @param deaths the process is killed at the n-th passage; the next start is whole */
  async sync(deaths = Number.POSITIVE_INFINITY): Promise<boolean> {
    return this.#live(deaths, () => this.#sync());
  }

  /** As a verb asks: a request in the inbox, which an agent answers, now or after the next start. */
  async say(rule: RuleName, word: FileAnswer, deaths = Number.POSITIVE_INFINITY): Promise<void> {
    const id = postRequest({ directory: this.#home.directory, clock: () => this.#now }, word, { rule });
    const answer = async () => {
      for (const row of this.#journal.inbox()) await this.#rules.answer(rule, row.verb as FileAnswer, row.id);
      await this.#sync();
    };
    if (!(await this.#live(deaths, answer))) await this.#live(Number.POSITIVE_INFINITY, answer);
    if (this.#journal.request(id)?.state !== "taken") throw new Error("nobody took it");
  }

  [Symbol.dispose](): void {
    this.#home[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #live(deaths: number, work: () => Promise<void>): Promise<boolean> {
    this.#now += 1000;
    this.#deaths = deaths;
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return false;
    } finally {
      const isDead = this.#deaths <= 0;
      this.#deaths = Number.POSITIVE_INFINITY;
      if (isDead) this.#restart();
    }
  }

  async #sync(): Promise<void> {
    const from = { version: this.#n, createdAt: this.#n, pair: `p${this.#n}` };
    const fields = { token: this.wanted("token"), shared: this.wanted("shared") };
    const { failed } = await this.#rules.sync("s", fields, "store", from);
    if (this.#deaths <= 0) throw new Killed();
    if (failed.length > 0)
      throw new Error(`not written: ${JSON.stringify(this.snapshot(failed[0] as RuleName).failure)}`);
  }

  #restart(): void {
    this.#journal.close();
    this.#journal = this.#home.open();
    this.#rules = this.#start();
  }

  /** The process may end here, and then nothing more comes of it. */
  #passes(): void {
    this.#deaths -= 1;
    if (this.#deaths <= 0) throw new Killed();
  }

  /** Dies before or after it. */
  #around<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      this.#passes();
      const done = work(...args);
      this.#passes();
      return done;
    };
  }

  #mortalFs(): FsPort {
    return {
      ...nodeFs,
      open: async (...args) => {
        this.#passes();
        return nodeFs.open(...args);
      },
      rename: async (...args) => {
        this.#passes();
        await nodeFs.rename(...args);
        this.#passes();
      },
    };
  }

  #start() {
    const { append, appendAll, head } = this.#journal;
    const journal = { append: this.#around(append), appendAll: this.#around(appendAll), head };
    const fs = this.#mortalFs();
    const clock = { now: () => this.#now, at: () => () => {} };
    const environment = { env: () => undefined, username: "ada" };
    const shared = { journal: new Outcomes(journal, silentLog), turns: new Turns(clock), known: () => [], fs };
    const own = { run: async () => ({}), marks: marksOf(this.#home.options.key), environment, clock, log: silentLog };
    return createRuleSync([this.#rule("a"), this.#rule("b")], { ...shared, ...own });
  }

  #rule(name: RuleName): FileRule {
    const templates = {
      a: '{\n  "token": "{{ .token }}",\n  "user": "ada",\n  "shared": "{{ .shared }}"\n}',
      b: '{\n  "shared": "{{ .shared }}",\n  "site": "acme"\n}',
    };
    return { name, path: this.path, format: "json", secret: "s", deleteNulls: false, template: templates[name] };
  }

  #text(): string {
    return existsSync(this.path) ? readFileSync(this.path, "utf8") : "{}";
  }
}
