import { basename } from "node:path";
import { type FormatName, type FsPort, formatFor, HOLE, writeTarget } from "../adapters/files/index.ts";
import { compile, type Template, type TemplateEnvironment } from "../adapters/files/template/template.ts";
import { DotvaultError } from "../errors.ts";
import type { Journal, Json, JsonObject } from "../journal/port.ts";
import { foldRule, initialRule, RULE_VERSION, type RuleEvent, type RuleSnapshot } from "../machines/rule/rule.ts";
import { isDiskTrouble } from "./durably.ts";
import type { FileSync, Log, SyncReport } from "./ports.ts";

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
  readonly journal: Pick<Journal, "head" | "append">;
  readonly environment: TemplateEnvironment;
  readonly clock: { now(): number };
  /** Where files are written; the real file system by default. */
  readonly fs?: FsPort;
  readonly log: Log;
}

export interface RuleSync extends FileSync {
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

/** Runs the rules: one at a time, so that two rules on one file and two syncs of one rule never cross. */
export function createRuleSync(rules: readonly FileRule[], deps: RuleSyncDeps): RuleSync {
  let last: Promise<unknown> = Promise.resolve();
  const run = (chosen: readonly FileRule[], fields: Readonly<Record<string, unknown>>, source: Source) => {
    const turn = last.then(() => runAll(chosen, fields, source, deps));
    last = turn.catch(() => undefined);
    return turn;
  };
  const keyless = rules.filter(({ secret }) => secret === undefined);
  return {
    secrets: [...new Set(rules.flatMap(({ secret }) => (secret === undefined ? [] : [secret])))],
    sync: (secret, fields, source) =>
      run(
        rules.filter((rule) => rule.secret === secret),
        fields,
        source,
      ),
    keyless: () => run(keyless, {}, "template"),
  };
}

const PASSING = ["files.busy", "files.disk-full", "files.failed"];

async function runAll(
  rules: readonly FileRule[],
  fields: Readonly<Record<string, unknown>>,
  source: Source,
  deps: RuleSyncDeps,
): Promise<SyncReport> {
  const written: string[] = [];
  const failed: string[] = [];
  let passing = false;
  for (const rule of rules) {
    const event = await runOne(rule, fields, source, deps);
    if (event.type === "FILE_WRITTEN") written.push(rule.name);
    if (event.type === "FILE_FAILED") {
      failed.push(rule.name);
      passing ||= PASSING.includes(event.code);
    }
    recordIfPossible(rule, event, deps);
  }
  return { written, failed, passing };
}

async function runOne(
  rule: FileRule,
  fields: Readonly<Record<string, unknown>>,
  source: Source,
  { environment, clock, fs }: RuleSyncDeps,
): Promise<RuleEvent> {
  const { path } = rule;
  let keys: readonly string[] = [];
  try {
    const produce = (before: string | undefined) => {
      const result = renderRule(rule, environment, fields, before);
      keys = result.managed;
      return result.changed ? result.content : undefined;
    };
    const outcome = await writeTarget(path, produce, fs ? { fs } : {});
    const at = clock.now();
    if (!outcome.written) return { type: "FILE_CURRENT", at, path };
    return { type: "FILE_WRITTEN", at, path, secret: rule.secret ?? null, source, keys };
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    const { code, message, hint = null } = error;
    return { type: "FILE_FAILED", at: clock.now(), path, code, message, hint };
  }
}

/** A file that is written is written, also while the journal takes nothing: the next sync tells it. */
function recordIfPossible(rule: FileRule, event: RuleEvent, deps: RuleSyncDeps): void {
  try {
    record(rule, event, deps);
  } catch (error) {
    if (!isDiskTrouble(error)) throw error;
    deps.log.error(
      { rule: rule.name, event: event.type, code: (error as DotvaultError).code },
      "could not be journaled",
    );
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
