import { basename } from "node:path";
import { type FormatName, formatFor, HOLE, type MergeOptions } from "../../adapters/files/index.ts";
import { renderAside } from "../../adapters/files/template/aside.ts";
import { compile, type Template, type TemplateEnvironment } from "../../adapters/files/template/template.ts";
import type { Rendering } from "./deps.ts";
import type { FileRule } from "./rule.ts";

/** What a rule makes of the file: pure. Throws DotvaultError when it can't, and then nothing may be written. */
export function renderRule(
  rule: FileRule,
  environment: TemplateEnvironment,
  fields: Readonly<Record<string, unknown>>,
  before: string | undefined,
) {
  return formatFor(rule.format).merge(before, textOf(rule, environment, fields), optionsOf(rule));
}

/** What the template makes of the fields. Throws DotvaultError. */
export function textOf(
  rule: FileRule,
  environment: TemplateEnvironment,
  fields: Readonly<Record<string, unknown>>,
): string {
  return templateOf(rule).render(fields, environment, { singleLine: LINES.includes(rule.format) });
}

/** The same, and however long it takes nothing else waits for it. */
export function textAside(
  rule: FileRule,
  environment: TemplateEnvironment,
  fields: Rendering["fields"],
): Promise<string> {
  return renderAside(templateOf(rule), fields, environment, { singleLine: LINES.includes(rule.format) });
}

/** Whether the file gets the secret's refresh token, by whatever way the template comes to it. */
export async function bringsRefreshToken(
  rule: FileRule,
  environment: TemplateEnvironment,
  fields: Rendering["fields"],
): Promise<boolean> {
  const { refresh_token: token } = fields;
  if (typeof token !== "string" || token === "") return false;
  return (await textAside(rule, environment, fields)).includes(token);
}

/** Top-level fields of the secret that the rule reads; `all`: whatever there is. */
export function templateFields(rule: FileRule): { readonly fields: readonly string[]; readonly all: boolean } {
  const template = templateOf(rule);
  return { fields: template.fields(), all: template.readsAll() };
}

/**
 * What the rule's template sees: the secret's fields, and of what is known beside them (`.platforms`) only what it names. The
 * whole document, as it is dumped or ranged over, stays the secret's.
 */
export function seenBy(rule: FileRule, { fields, beside }: Pick<Rendering, "fields" | "beside">): Rendering["fields"] {
  const known = Object.entries(beside);
  if (known.length === 0) return fields;
  const { fields: named } = templateFields(rule);
  return { ...fields, ...Object.fromEntries(known.filter(([name]) => named.includes(name))) };
}

/** How the rule is merged. */
export function optionsOf(rule: FileRule): MergeOptions {
  const { path, deleteNulls, mergeKey } = rule;
  const literals = templateOf(rule).literals(HOLE);
  return { basename: basename(path), deleteNulls, literals, ...(mergeKey === undefined ? {} : { mergeKey }) };
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
