import { basename } from "node:path";
import {
  type FormatName,
  type FsPort,
  fingerprint,
  formatFor,
  HOLE,
  readTarget,
  writeTarget,
} from "../adapters/files/index.ts";
import { compile, type Template, type TemplateEnvironment } from "../adapters/files/template/template.ts";
import { DotvaultError } from "../errors.ts";
import type { Json, JsonObject } from "../journal/port.ts";
import { foldRule, initialRule, RULE_VERSION, type RuleEvent, type RuleSnapshot } from "../machines/rule/rule.ts";
import type { Outcomes } from "./outcomes.ts";
import type { FileSync, Log, SyncReport } from "./ports.ts";
import { PATIENCE, type Turns } from "./turns.ts";

/** A rule of the configuration, its path absolute. */
export interface FileRule {
  readonly name: string;
  /** The secret that it renders; absent: the template alone makes the file. */
  readonly secret?: string;
  readonly path: string;
  readonly format: FormatName;
  readonly template?: string;
  readonly mergeKey?: string;
  readonly deleteNulls: boolean;
}

export interface RuleSyncDeps {
  /** This and `turns` outlive a configuration: what an older one has begun comes first. */
  readonly journal: Outcomes;
  readonly turns: Turns;
  readonly environment: TemplateEnvironment;
  readonly clock: { now(): number };
  /** Where files are written; the real file system by default. */
  readonly fs?: FsPort;
  readonly log: Log;
}

export interface RuleSync extends Required<FileSync> {
  /** Rules without a secret. */
  keyless(): Promise<SyncReport>;
  /** Secrets that the rules render. */
  readonly secrets: readonly string[];
}

type Source = "store" | "sealed" | "template";

/** What a rule makes of the file: pure. Throws DotvaultError when it can't, and then nothing may be written. */
export function renderRule(
  rule: FileRule,
  environment: TemplateEnvironment,
  fields: Readonly<Record<string, unknown>>,
  before: string | undefined,
) {
  const template = templateOf(rule);
  const rendered = template.render(fields, environment, { singleLine: LINES.includes(rule.format) });
  return formatFor(rule.format).merge(before, rendered, {
    basename: basename(rule.path),
    deleteNulls: rule.deleteNulls,
    literals: template.literals(HOLE),
    ...(rule.mergeKey === undefined ? {} : { mergeKey: rule.mergeKey }),
  });
}

/** A rule without a template puts the secret's fields into the file as they are. */
const PLAIN: Readonly<Record<FormatName, string>> = {
  json: "{{ toJson . }}",
  yaml: "{{ toYaml . }}",
  ini: "{{ range $name, $value := . }}{{ $name }}={{ $value }}\n{{ end }}",
  toml: "{{ range $name, $value := . }}{{ toJson $name }} = {{ toJson $value }}\n{{ end }}",
  // The configuration asks for a template.
  text: "",
  netrc: "",
  ssh_config: "",
};

/** Here a line is a setting: no value may bring a line of its own. */
const LINES: readonly FormatName[] = ["ini", "netrc", "ssh_config"];

const compiled = new WeakMap<FileRule, Template>();

function templateOf(rule: FileRule): Template {
  const known = compiled.get(rule);
  if (known) return known;
  const template = compile(rule.template ?? PLAIN[rule.format], { name: rule.name });
  compiled.set(rule, template);
  return template;
}

/** Texts of files as a sync left them, see {@link fingerprint}. */
type Settled = Map<FileRule, string>;
type Run = RuleSyncDeps & { readonly settled: Settled };

/** Runs the rules: those of one file in order, files side by side. */
export function createRuleSync(rules: readonly FileRule[], deps: RuleSyncDeps): RuleSync {
  const run: Run = { ...deps, settled: new Map() };
  const bySecret = Map.groupBy(rules, ({ secret }) => secret);
  const rulesOf = (secret: string | undefined) => bySecret.get(secret) ?? [];
  return {
    secrets: [...bySecret.keys()].filter((secret) => secret !== undefined),
    sync: (secret, fields, source) => runAll(rulesOf(secret), fields, source, run),
    keyless: () => deps.journal.together(() => runAll(rulesOf(undefined), {}, "template", run)),
    untouched: async (secret) => {
      const all = await Promise.all(rulesOf(secret).map((rule) => isUntouched(rule, run)));
      return all.every(Boolean);
    },
    together: (pass) => deps.journal.together(pass),
  };
}

async function isUntouched(rule: FileRule, { turns, settled, fs }: Run): Promise<boolean> {
  const left = settled.get(rule);
  if (left === undefined) return false;
  const look = () => readTarget(rule.path, fs).then(fingerprint, () => "unreadable");
  return (await turns.run(rule.path, `${rule.name} untouched`, look)) === left;
}

const PASSING = ["files.busy", "files.disk-full", "files.failed", "files.hangs"];

async function runAll(
  rules: readonly FileRule[],
  fields: Readonly<Record<string, unknown>>,
  source: Source,
  run: Run,
): Promise<SyncReport> {
  const events = await Promise.all(rules.map((rule) => runInTurn(rule, fields, source, run)));
  const failed = events.filter((event) => event.type === "FILE_FAILED");
  return {
    written: rules.filter((_, index) => events[index]?.type === "FILE_WRITTEN").map(({ name }) => name),
    failed: rules.filter((_, index) => events[index]?.type === "FILE_FAILED").map(({ name }) => name),
    passing: failed.some(({ code }) => PASSING.includes(code)),
  };
}

async function runInTurn(
  rule: FileRule,
  fields: Readonly<Record<string, unknown>>,
  source: Source,
  run: Run,
): Promise<RuleEvent> {
  const recorded = (event: RuleEvent) => {
    record(rule, event, run);
    return event;
  };
  const work = async () => recorded(await runOne(rule, fields, source, run));
  return (await run.turns.run(rule.path, rule.name, work)) ?? recorded(hangs(rule, run.clock.now()));
}

function hangs({ path }: FileRule, at: number): RuleEvent {
  const message = `${path} has not answered for ${PATIENCE / 1000} seconds`;
  const hint = "is it on a network mount that is away? It is written as soon as it answers";
  return { type: "FILE_FAILED", at, path, code: "files.hangs", message, hint };
}

async function runOne(
  rule: FileRule,
  fields: Readonly<Record<string, unknown>>,
  source: Source,
  { environment, clock, fs, settled }: Run,
): Promise<RuleEvent> {
  const { path } = rule;
  let keys: readonly string[] = [];
  settled.delete(rule);
  try {
    const produce = (before: string | undefined) => {
      const result = renderRule(rule, environment, fields, before);
      keys = result.managed;
      return result.changed ? result.content : undefined;
    };
    const outcome = await writeTarget(path, produce, fs ? { fs } : {});
    const at = clock.now();
    settled.set(rule, outcome.fingerprint);
    if (!outcome.written) return { type: "FILE_CURRENT", at, path };
    return { type: "FILE_WRITTEN", at, path, secret: rule.secret ?? null, source, keys };
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    const { code, message, hint = null } = error;
    return { type: "FILE_FAILED", at: clock.now(), path, code, message, hint };
  }
}

/** Journals what became of the file, if that is news. */
function record(rule: FileRule, event: RuleEvent, { journal, log }: RuleSyncDeps): void {
  const stream = `rule/${rule.name}`;
  const head = journal.head(stream);
  const before = (head?.snapshot as unknown as RuleSnapshot | undefined) ?? initialRule;
  const after = foldRule(before, event);
  if (after === null) return;
  journal.append({
    stream,
    expectedVersion: head?.version ?? 0,
    machineVersion: RULE_VERSION,
    event: event as unknown as { type: string; at: number; [key: string]: Json },
    state: after.value,
    snapshot: after as unknown as JsonObject,
  });
  if (event.type === "FILE_FAILED") log.warn({ rule: rule.name, code: event.code }, event.message);
  if (event.type === "FILE_WRITTEN") log.info({ rule: rule.name, path: event.path, source: event.source }, "wrote");
}
