import { basename, normalize } from "node:path/posix";
import type { Rule, Target, Validators } from "./config.ts";
import type { Named } from "./container-fields.ts";
import { warnOfContradictions } from "./contradictions.ts";
import type { EnrolmentSection, Format, RuleSection } from "./keys.ts";
import { nearest } from "./nearest.ts";
import { expandHome } from "./paths.ts";
import { type Findings, quote } from "./problems.ts";
import { placeInFile } from "./template-place.ts";
import { isBlank, offsetOf } from "./tree.ts";

/** What the checks of rules need to know beyond the rules. */
export interface RuleContext {
  readonly findings: Findings;
  readonly text: string;
  readonly home: string | undefined;
  readonly checkTemplate: Validators["template"];
  readonly templateReads: Validators["templateReads"];
  readonly fixedValues: Validators["fixedValues"];
  /** Names of the enrolments. */
  readonly enrolments: readonly string[];
}

/** Those into which a secret's fields go as they are; in the others a template says where. */
const plainFormats: readonly Format[] = ["yaml", "json", "ini", "toml"];
/** Formats with arrays of objects, and those with a null. */
const withArrays: readonly Format[] = ["yaml", "json", "toml"];
const withNull: readonly Format[] = ["yaml", "json"];

/** Checks every rule and all of them together; gives those that are run. */
export function checkRules(sections: readonly RuleSection[], context: RuleContext): Rule[] {
  checkNames(sections, context.findings);
  for (const section of sections) checkRule(section, context);
  const enabled = sections.filter(({ values }) => values.enabled);
  checkTargets(enabled, context);
  const runs = enabled.flatMap((section) => {
    const rule = toRule(section, context.findings);
    return rule ? [{ section, rule, file: fileOf(rule.target.path, context) }] : [];
  });
  if (context.findings.errors().length === 0) warnOfContradictions(runs, context);
  return runs.map(({ rule }) => rule);
}

/** One name for one file. */
function fileOf(path: string, { home }: RuleContext): string {
  return normalize(home === undefined ? path : expandHome(path, home));
}

function checkNames(sections: readonly RuleSection[], findings: Findings): void {
  const lines = new Map<string, number>();
  for (const { values, tree } of sections) {
    if (values.name === undefined) continue;
    const offset = offsetOf(tree, ["name"], "value");
    const first = lines.get(values.name);
    if (first === undefined) lines.set(values.name, findings.line(offset));
    else {
      const what = `duplicate rule name ${quote(values.name)} (it is on line ${first} already)`;
      findings.error("config.duplicate-name", offset, { what });
    }
  }
}

function checkRule(section: RuleSection, context: RuleContext): void {
  const { values, tree } = section;
  const { format, merge_key: mergeKey, delete_nulls: deleteNulls } = values.target.values;
  const { findings } = context;
  const named = values.name === undefined ? "this rule" : `rule ${quote(values.name)}`;
  const hasTemplate = !isBlank(values.target.tree.entries.get("template")?.value);
  if (values.target.written && isBlank(tree.entries.get("vault_key")?.value) && !hasTemplate) {
    findings.error("config.missing", offsetOf(tree, ["name"], "key"), {
      what: `${named} has neither vault_key nor target.template: there is nothing to write`,
    });
  }
  if (checkTemplate(section, named, context)) warnOfRefreshToken(section, named, context);
  if (format === undefined) return;
  if (mergeKey !== undefined && !withArrays.includes(format)) {
    const what = `${named}: merge_key means nothing in ${format}`;
    findings.error("config.value", offsetOf(tree, ["target", "merge_key"], "key"), { what });
  }
  if (deleteNulls && !withNull.includes(format)) {
    const what = `${named}: delete_nulls means nothing in ${format}, which has no null`;
    findings.error("config.value", offsetOf(tree, ["target", "delete_nulls"], "key"), { what });
  }
}

/** @returns whether it can be asked further */
function checkTemplate({ values }: RuleSection, named: string, context: RuleContext): boolean {
  const { template } = values.target.values;
  const scalar = values.target.tree.entries.get("template")?.value;
  if (template === undefined || scalar?.kind !== "scalar") return true;
  const wrong = context.checkTemplate(template, values.name ?? "");
  if (wrong === undefined) return true;
  const offset = placeInFile(context.text, scalar, wrong.line, wrong.column);
  context.findings.error("config.template", offset, { what: `template of ${named}: ${wrong.what}` });
  return false;
}

/** Whoever finds a refresh token rotates with it, and the pair that we keep is dead then. */
function warnOfRefreshToken({ values, tree }: RuleSection, named: string, context: RuleContext): void {
  const { vault_key: secret, target } = values;
  const { format, template } = target.values;
  if (secret === undefined || format === undefined) return;
  const plain = { fields: [], all: plainFormats.includes(format) };
  const reads = template === undefined ? plain : context.templateReads(template);
  const isNamed = reads.fields.includes("refresh_token");
  if (!isNamed && !(reads.all && context.enrolments.includes(secret))) return;
  const key = template === undefined ? "format" : "template";
  context.findings.warn("config.refresh-token", offsetOf(tree, ["target", key], "value"), {
    what: isNamed
      ? `${named} writes a refresh token into its file`
      : `${named} writes every field of the secret, a refresh token among them where it has one`,
    hint: "leave .refresh_token out of the file: another program that uses it spends the pair",
  });
}

/** Two rules may share a file that they merge into, in one format. A text file belongs to one. */
function checkTargets(sections: readonly RuleSection[], context: RuleContext): void {
  const first = new Map<string, { name: string; format: Format }>();
  for (const { values, tree } of sections) {
    const { path, format } = values.target.values;
    if (path === undefined || format === undefined) continue;
    const file = fileOf(path, context);
    const other = first.get(file);
    const offset = offsetOf(tree, ["target", "path"], "value");
    if (other === undefined) first.set(file, { name: values.name ?? "", format });
    else if (other.format !== format) {
      const what = `${quote(path)} is written as ${other.format} by rule ${quote(other.name)} already, and as ${format} here`;
      context.findings.error("config.target-conflict", offset, { what });
    } else if (format === "text") {
      const what = `${quote(path)} is written by rule ${quote(other.name)} already: where the two want different texts this one is refused`;
      context.findings.warn("config.target-conflict", offset, { what });
    }
  }
}

function toRule({ values, tree }: RuleSection, findings: Findings): Rule | undefined {
  const { name, description, vault_key: vaultKey } = values;
  const { path, format } = values.target.values;
  if (name === undefined || path === undefined || format === undefined) return undefined;
  if (isBlank(values.target.tree.entries.get("template")?.value) && !plainFormats.includes(format)) {
    const what = `rule ${quote(name)} has no template, which ${format} needs: it is not run`;
    findings.warn("config.no-effect", offsetOf(tree, ["target", "format"], "value"), { what });
    return undefined;
  }
  return {
    name,
    target: toTarget(values.target.values, path, format),
    ...(description === undefined ? {} : { description }),
    ...(vaultKey === undefined ? {} : { vaultKey }),
    ...postOf(values.post),
  };
}

function postOf(words: readonly (string | undefined)[]): Pick<Rule, "post"> {
  const [program, ...args] = words.filter((word) => word !== undefined);
  return program === undefined ? {} : { post: [program, ...args] };
}

/** jf's file holds its servers in an array of objects with a `serverId`. */
const mergeKeys: ReadonlyMap<string, string> = new Map([["jfrog-cli.conf.v6", "serverId"]]);

function toTarget(values: RuleSection["values"]["target"]["values"], path: string, format: Format): Target {
  const mergeKey = values.merge_key ?? (format === "text" ? undefined : mergeKeys.get(basename(path)));
  return {
    path,
    format,
    deleteNulls: values.delete_nulls,
    strict: values.managed === "strict",
    onRemove: values.on_remove ?? "keep",
    onMissing: values.on_missing ?? "keep",
    onEdit: values.on_edit ?? "overwrite",
    backups: values.backup,
    ...(values.mode === undefined ? {} : { mode: values.mode }),
    ...(values.template === undefined ? {} : { template: values.template }),
    ...(mergeKey === undefined ? {} : { mergeKey }),
  };
}

/** In the embedded store there is only what dotvault enrols: another `vault_key` stays empty for ever. */
export function warnOfSourceless(
  sections: readonly RuleSection[],
  enrolments: readonly Named<EnrolmentSection>[],
  findings: Findings,
): void {
  const keys = enrolments.map(({ key }) => key);
  for (const { values, tree } of sections) {
    const { vault_key: vaultKey, enabled } = values;
    if (vaultKey === undefined || !enabled || keys.includes(vaultKey)) continue;
    const near = nearest(vaultKey, keys);
    findings.warn("config.no-effect", offsetOf(tree, ["vault_key"], "value"), {
      what: `no enrolment is named ${quote(vaultKey)}, so the embedded store never holds it`,
      ...(near === undefined ? {} : { nearest: near }),
    });
  }
}
