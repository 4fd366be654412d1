import { fingerprint, longTexts, readTarget } from "../adapters/files/index.ts";
import type { StreamHead } from "../journal/port.ts";
import {
  type FileAnswer,
  type ManagedKey,
  type RuleEvent,
  type RuleSnapshot,
  ruleSnapshot,
} from "../machines/rule/rule.ts";
import { RULE } from "../machines/stream/names.ts";
import type { Outcomes } from "./outcomes.ts";
import type { FileSync, Log, SyncReport } from "./ports.ts";
import type { RunProgram } from "./post.ts";
import type { Claim, FileDeps, Rendering } from "./rule-file/deps.ts";
import { editsNow } from "./rule-file/edits.ts";
import { bringsRefreshToken, seenBy } from "./rule-file/render.ts";
import { type FileRule, formerRule, leavingOf } from "./rule-file/rule.ts";
import { bringUpToDate, takeOut } from "./rule-file/sync.ts";
import { RuleStreams } from "./rule-stream.ts";
import { PATIENCE, type Turns } from "./turns.ts";

export { renderRule } from "./rule-file/render.ts";
export type { FileRule } from "./rule-file/rule.ts";

export interface RuleSyncDeps extends Omit<FileDeps, "claims" | "intend"> {
  /** This and `turns` outlive a configuration: what an older one has begun comes first. */
  readonly journal: Outcomes;
  readonly turns: Turns;
  /** The streams of all rules that the journal knows. */
  readonly known: () => readonly StreamHead[];
  readonly log: Log;
  /** Runs what rules ask for after a change. */
  readonly run: RunProgram;
}

export interface RuleSync
  extends Required<Omit<FileSync, "onNews" | "wants" | "hurry" | "settled" | "sync">>,
    Pick<FileSync, "wants" | "hurry" | "settled"> {
  /** `beside`: what templates that name it see beside the secret's fields. */
  sync(...args: [...Parameters<FileSync["sync"]>, beside?: Rendering["beside"]]): Promise<SyncReport>;
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
  const nothing = { fields: {}, beside: {}, source: "template", from: null } as const;
  return {
    secrets: [...bySecret.keys()].filter((secret) => secret !== undefined),
    sync: (name, fields, source, from = null, beside = {}) =>
      runner.write(rulesOf(name), { fields, beside, source, from }),
    answer: (rule, answer, takes) => runner.answer(rule, answer, takes),
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
    together: (pass) =>
      deps.journal.together(async () => {
        const done = await pass();
        await runner.retire();
        return done;
      }),
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
  readonly #byPath: ReadonlyMap<string, readonly FileRule[]>;
  readonly #begun = new Set<FileRule>();
  /** Nothing is left of rules that have gone: no new ones go while this configuration holds. */
  #allRetired = false;
  /** Texts of files as a sync left them, see {@link fingerprint}. */
  readonly #settled = new Map<FileRule, string>();

  constructor(rules: readonly FileRule[], deps: RuleSyncDeps) {
    this.#rules = rules;
    this.#deps = deps;
    this.#streams = new RuleStreams(deps.journal, deps.log);
    this.#byPath = Map.groupBy(rules, ({ path }) => path);
    const intend = (rule: FileRule, keys: readonly ManagedKey[]) => {
      const { name, path } = rule;
      this.#streams.record(name, { type: "FILE_WRITING", at: deps.clock.now(), path, keys, leaving: leavingOf(rule) });
      deps.journal.flush();
    };
    this.#files = { ...deps, intend, claims: (rule) => this.#claimsBeside(rule) };
  }

  async write(rules: readonly FileRule[], rendering: Rendering): Promise<SyncReport> {
    const outcomes = await Promise.all(
      rules.map((rule) => this.#inTurn(rule, () => this.#writeOne(rule, rendering), rendering.fields)),
    );
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
    if (isStopped(rule, known)) return [];
    const cleaned = isElsewhere(rule, known) ? await this.#leaveOldPlace(rule.name, known) : [];
    const here = cleaned.length > 0 ? { ...known, keys: [], writing: null, leaving: null } : known;
    const { events, fingerprint: left } = await bringUpToDate(rule, here, rendering, this.#files, isFirst);
    if (left !== undefined) this.#settled.set(rule, left);
    if (left !== undefined && isFirst) await this.#warnOfRefreshToken(rule, rendering);
    return [...cleaned, ...events];
  }

  async #warnOfRefreshToken(rule: FileRule, rendering: Rendering): Promise<void> {
    if (!(await bringsRefreshToken(rule, this.#deps.environment, seenBy(rule, rendering)))) return;
    const { name, path } = rule;
    this.#deps.log.warn({ rule: name, path }, "the file holds a refresh token: a program that uses it spends the pair");
  }

  /** What the rule has written at another place, or in another format, before its configuration was changed. */
  async #leaveOldPlace(name: string, known: RuleSnapshot): Promise<RuleEvent[]> {
    const former = formerRule(name, known);
    return former ? takeOut(former, known, "rule", this.#files) : [];
  }

  /** The secret is gone: its values leave the files where the rules say so, else the files stay and that is told. */
  async miss(rules: readonly FileRule[], why: "secret" | "enrolment"): Promise<SyncReport> {
    await Promise.all(rules.map((rule) => this.#inTurn(rule, () => this.#missOne(rule, why))));
    return { written: [], failed: [], passing: false };
  }

  async #missOne(rule: FileRule, why: "secret" | "enrolment"): Promise<RuleEvent[]> {
    const { path, secret = "" } = rule;
    this.#begun.add(rule);
    const known = this.#streams.snapshot(rule.name);
    const { keys, writing } = known;
    if ((keys.length === 0 && writing === null) || known.path !== path) return [];
    if ((why === "secret" ? rule.onMissing : rule.onRemove) === "remove") {
      this.#settled.delete(rule);
      return takeOut(rule, known, why, this.#files);
    }
    return why === "secret" && keys.length > 0
      ? [{ type: "SECRET_MISSING", at: this.#deps.clock.now(), path, secret }]
      : [];
  }

  /**
   * Takes out what rules that are configured no more have written, where they said so while they were. Where others write
   * into the same file, these come first: the same values may be theirs by now (the rule has another name, say).
   */
  async retire(): Promise<void> {
    if (this.#allRetired) return;
    const present = new Set(this.#rules.map(({ name }) => RULE + name));
    const gone = this.#deps.known().flatMap(({ stream, snapshot }) => {
      const known = ruleSnapshot(snapshot);
      const former = present.has(stream) ? undefined : formerRule(stream.slice(RULE.length), known);
      return former ? [{ former, known }] : [];
    });
    this.#allRetired = gone.length === 0;
    const isTheirTurn = ({ former }: { readonly former: FileRule }) =>
      (this.#byPath.get(former.path) ?? []).every((rule) => this.#begun.has(rule));
    await Promise.all(
      gone
        .filter(isTheirTurn)
        .map(({ former, known }) => this.#inTurn(former, () => takeOut(former, known, "rule", this.#files))),
    );
  }

  /**
   * A person's word on a file; the next sync heeds it. It is heard in the file's turn, so that no write that was begun
   * before comes after it. @returns undefined for a rule that nobody knows; rejects as the journal throws
   */
  answer(name: string, answer: FileAnswer, takes?: number): Promise<void> | undefined {
    const rule = this.#rules.find((each) => each.name === name);
    if (rule === undefined) return undefined;
    const { path } = rule;
    const hear = async () => {
      this.#settled.delete(rule);
      // What is ours in the file is looked up anew.
      this.#begun.delete(rule);
      if (answer === "keep") await this.#noticeEdits(rule);
      this.#streams.hear(name, { type: "FILE_ANSWERED", at: this.#deps.clock.now(), path, answer }, takes);
    };
    return this.#deps.turns.run(path, `${name}: word ${takes}`, hear);
  }

  /** What stands in the file at this moment is what the person means. */
  async #noticeEdits(rule: FileRule): Promise<void> {
    const known = this.#streams.snapshot(rule.name);
    const { edited, found } = await editsNow(rule, known, this.#files);
    const { path } = rule;
    const event = { type: "FILE_EDITED", at: this.#deps.clock.now(), path, keys: edited, kept: true, found } as const;
    if (edited.length > 0) this.#streams.record(rule.name, event);
  }

  async isUntouched(rule: FileRule): Promise<boolean> {
    if (isStopped(rule, this.#streams.snapshot(rule.name))) return true;
    const left = this.#settled.get(rule);
    if (left === undefined) return false;
    const look = () => readTarget(rule.path, this.#deps.fs).then(fingerprint, () => "unreadable");
    return (await this.#deps.turns.run(rule.path, `${rule.name} untouched`, look)) === left;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#programs.values());
  }

  async #inTurn(
    rule: FileRule,
    work: () => Promise<RuleEvent[]>,
    fields: Rendering["fields"] = {},
  ): Promise<RuleEvent[]> {
    const recorded = (events: RuleEvent[]) => {
      for (const event of events) this.#streams.record(rule.name, event);
      this.#runAfter(rule, longTexts(fields));
      return events;
    };
    const done = await this.#deps.turns.run(rule.path, rule.name, async () => recorded(await work()));
    return done ?? recorded([hangs(rule, this.#deps.clock.now())]);
  }

  #claimsBeside({ name, path }: Pick<FileRule, "name" | "path">): Claim[] {
    const rules = this.#byPath.get(path) ?? [];
    const own = rules.findIndex((rule) => rule.name === name);
    return rules.flatMap((rule, i) => {
      if (i === own) return [];
      const { keys, path: written, answer } = this.#streams.snapshot(rule.name);
      const isHere = written === path;
      return [
        { rule: rule.name, keys: isHere ? keys : [], earlier: i < own, kept: isHere ? (answer?.keys ?? []) : [] },
      ];
    });
  }

  /** A program is due until it has run: one that a crash interrupted is run again. It holds up no file. */
  #runAfter({ name, path, post }: FileRule, secrets: readonly string[]): void {
    if (post === undefined || this.#programs.has(name) || this.#abort.signal.aborted) return;
    if (this.#streams.snapshot(name).post?.state !== "due") return;
    // That it is due must be known before it runs.
    this.#deps.journal.flush();
    const ended = this.#deps.run(post, { signal: this.#abort.signal, secrets }).then(({ failure }) => {
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

/** By a person's word about this very file. */
function isStopped({ path }: FileRule, { value, path: known }: RuleSnapshot): boolean {
  return value === "stopped" && known === path;
}

function isElsewhere({ path, format }: FileRule, known: RuleSnapshot): boolean {
  return known.path !== null && (known.path !== path || (known.leaving?.format ?? format) !== format);
}
