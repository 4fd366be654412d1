import { fingerprint, readTarget } from "../adapters/files/index.ts";
import type { StreamHead } from "../journal/port.ts";
import { type RuleEvent, type RuleSnapshot, ruleSnapshot } from "../machines/rule/rule.ts";
import type { Outcomes } from "./outcomes.ts";
import type { FileSync, Log, SyncReport } from "./ports.ts";
import type { RunProgram } from "./post.ts";
import { bringUpToDate, type FileDeps, type FileRule, formerRule, type Rendering, takeOut } from "./rule-file.ts";
import { RULE, RuleStreams } from "./rule-stream.ts";
import { PATIENCE, type Turns } from "./turns.ts";

export { type FileRule, renderRule } from "./rule-file.ts";

export interface RuleSyncDeps extends Omit<FileDeps, "claims"> {
  /** This and `turns` outlive a configuration: what an older one has begun comes first. */
  readonly journal: Outcomes;
  readonly turns: Turns;
  /** The streams of all rules that the journal knows. */
  readonly known: () => readonly StreamHead[];
  readonly log: Log;
  /** Runs what rules ask for after a change. */
  readonly run: RunProgram;
}

export interface RuleSync extends Required<FileSync> {
  /** Rules without a secret, and what rules that have left the configuration leave behind. */
  keyless(): Promise<SyncReport>;
  /** Secrets that the rules render. */
  readonly secrets: readonly string[];
  /** Ends the programs that still run; the journal knows that they have not ended well. */
  close(): Promise<void>;
}

/** Runs the rules: those of one file in order, files side by side. */
export function createRuleSync(rules: readonly FileRule[], deps: RuleSyncDeps): RuleSync {
  const runner = new Runner(rules, deps);
  const bySecret = Map.groupBy(rules, ({ secret }) => secret);
  const rulesOf = (secret: string | undefined) => bySecret.get(secret) ?? [];
  const nothing = { fields: {}, source: "template", from: null } as const;
  return {
    secrets: [...bySecret.keys()].filter((secret) => secret !== undefined),
    sync: (name, fields, source, from = null) => runner.write(rulesOf(name), { fields, source, from }),
    missing: (name, why) => runner.miss(rulesOf(name), why),
    keyless: () =>
      deps.journal.together(async () => {
        await runner.retire();
        return runner.write(rulesOf(undefined), nothing);
      }),
    untouched: async (secret) => {
      const all = await Promise.all(rulesOf(secret).map((rule) => runner.isUntouched(rule)));
      return all.every(Boolean);
    },
    together: (pass) => deps.journal.together(pass),
    close: () => runner.close(),
  };
}

const PASSING = ["files.busy", "files.disk-full", "files.failed", "files.hangs"];

class Runner {
  readonly #rules: readonly FileRule[];
  readonly #deps: RuleSyncDeps;
  readonly #files: FileDeps;
  readonly #streams: RuleStreams;
  readonly #abort = new AbortController();
  readonly #programs = new Map<string, Promise<void>>();
  readonly #begun = new Set<FileRule>();
  /** Texts of files as a sync left them, see {@link fingerprint}. */
  readonly #settled = new Map<FileRule, string>();

  constructor(rules: readonly FileRule[], deps: RuleSyncDeps) {
    this.#rules = rules;
    this.#deps = deps;
    this.#streams = new RuleStreams(deps.journal, deps.log);
    const before = earlierOnSameFile(rules);
    this.#files = {
      ...deps,
      claims: ({ name, path }) => (before.get(name) ?? []).map((rule) => ({ rule, keys: this.#claimed(rule, path) })),
    };
  }

  async write(rules: readonly FileRule[], rendering: Rendering): Promise<SyncReport> {
    const outcomes = await Promise.all(rules.map((rule) => this.#inTurn(rule, () => this.#writeOne(rule, rendering))));
    const having = (type: RuleEvent["type"]) => (_: FileRule, i: number) => outcomes[i]?.some((e) => e.type === type);
    const names = (chosen: readonly FileRule[]) => chosen.map(({ name }) => name);
    const failures = outcomes.flat().filter((event) => event.type === "FILE_FAILED");
    return {
      written: names(rules.filter(having("FILE_WRITTEN"))),
      failed: names(rules.filter(having("FILE_FAILED"))),
      passing: failures.some(({ code }) => PASSING.includes(code)),
    };
  }

  async #writeOne(rule: FileRule, rendering: Rendering): Promise<RuleEvent[]> {
    const isFirst = !this.#begun.has(rule);
    this.#begun.add(rule);
    this.#settled.delete(rule);
    const known = this.#streams.snapshot(rule.name);
    const { events, fingerprint: left } = await bringUpToDate(rule, known, rendering, this.#files, isFirst);
    if (left !== undefined) this.#settled.set(rule, left);
    return events;
  }

  /** The secret is gone: its values leave the files where the rules say so, else the files stay and that is told. */
  async miss(rules: readonly FileRule[], why: "secret" | "enrolment"): Promise<SyncReport> {
    await Promise.all(rules.map((rule) => this.#inTurn(rule, () => this.#missOne(rule, why))));
    return { written: [], failed: [], passing: false };
  }

  async #missOne(rule: FileRule, why: "secret" | "enrolment"): Promise<RuleEvent[]> {
    const { path, secret = "" } = rule;
    const known = this.#streams.snapshot(rule.name);
    if (known.keys.length === 0 || known.path !== path) return [];
    if ((why === "secret" ? rule.onMissing : rule.onRemove) === "remove") {
      this.#settled.delete(rule);
      return takeOut(rule, known, why, this.#files);
    }
    return why === "secret" ? [{ type: "SECRET_MISSING", at: this.#deps.clock.now(), path, secret }] : [];
  }

  /** Takes out what rules that are configured no more have written, where they said so while they were. */
  async retire(): Promise<void> {
    const present = new Set(this.#rules.map(({ name }) => RULE + name));
    const gone = this.#deps.known().filter(({ stream }) => !present.has(stream));
    await Promise.all(
      gone.map(async ({ stream, snapshot }) => {
        const known = ruleSnapshot(snapshot);
        const former = formerRule(stream.slice(RULE.length), known);
        if (former) await this.#inTurn(former, () => takeOut(former, known, "rule", this.#files));
      }),
    );
  }

  async isUntouched(rule: FileRule): Promise<boolean> {
    const left = this.#settled.get(rule);
    if (left === undefined) return false;
    const look = () => readTarget(rule.path, this.#deps.fs).then(fingerprint, () => "unreadable");
    return (await this.#deps.turns.run(rule.path, `${rule.name} untouched`, look)) === left;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#programs.values());
  }

  async #inTurn(rule: FileRule, work: () => Promise<RuleEvent[]>): Promise<RuleEvent[]> {
    const recorded = (events: RuleEvent[]) => {
      for (const event of events) this.#streams.record(rule.name, event);
      this.#runAfter(rule);
      return events;
    };
    const done = await this.#deps.turns.run(rule.path, rule.name, async () => recorded(await work()));
    return done ?? recorded([hangs(rule, this.#deps.clock.now())]);
  }

  #claimed(name: string, path: string): RuleSnapshot["keys"] {
    const { keys, path: written } = this.#streams.snapshot(name);
    return written === path ? keys : [];
  }

  /** A program is due until it has run: one that a crash interrupted is run again. It holds up no file. */
  #runAfter({ name, path, post }: FileRule): void {
    if (post === undefined || this.#programs.has(name) || this.#abort.signal.aborted) return;
    if (this.#streams.snapshot(name).post?.state !== "due") return;
    // That it is due must be known before it runs.
    this.#deps.journal.flush();
    const ended = this.#deps.run(post, this.#abort.signal).then(({ failure }) => {
      this.#programs.delete(name);
      if (this.#abort.signal.aborted) return;
      const at = this.#deps.clock.now();
      const ran: RuleEvent = { type: "POST_RAN", at, path };
      this.#streams.record(name, failure === undefined ? ran : { type: "POST_FAILED", at, path, message: failure });
    });
    this.#programs.set(name, ended);
  }
}

function hangs({ path }: FileRule, at: number): RuleEvent {
  const message = `${path} has not answered for ${PATIENCE / 1000} seconds`;
  const hint = "is it on a network mount that is away? It is written as soon as it answers";
  return { type: "FILE_FAILED", at, path, code: "files.hangs", message, hint };
}

/** Names of the rules that come before a rule and write into its file. */
function earlierOnSameFile(rules: readonly FileRule[]): Map<string, string[]> {
  const byPath = Map.groupBy(rules, ({ path }) => path);
  const shared = [...byPath.values()].filter((group) => group.length > 1);
  return new Map(
    shared.flatMap((group) => group.map((rule, i) => [rule.name, group.slice(0, i).map(({ name }) => name)])),
  );
}
