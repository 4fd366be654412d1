import { basename } from "node:path";
import {
  type FormatName,
  type FsPort,
  formatAside,
  formatFor,
  HOLE,
  isFormatName,
  type MergeOptions,
  type MergeResult,
  writeTarget,
} from "../adapters/files/index.ts";
import { compile, type Template, type TemplateEnvironment } from "../adapters/files/template/template.ts";
import { DotvaultError } from "../errors.ts";
import {
  editedKeys,
  type ManagedKey,
  type Rendered,
  type RuleEvent,
  type RuleSnapshot,
} from "../machines/rule/rule.ts";

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
  /** What it has written and no longer renders is taken out. */
  readonly strict?: boolean;
  readonly onRemove?: "keep" | "remove";
  readonly onMissing?: "keep" | "remove";
  readonly onEdit?: "overwrite" | "keep";
  /** Permission bits; 0600 by default. */
  readonly mode?: number;
  readonly backups?: number;
  readonly post?: readonly [string, ...string[]];
}

export type Source = "store" | "sealed" | "template";

/** What is to be rendered, and where it comes from. */
export interface Rendering {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly source: Source;
  readonly from: Rendered | null;
}

/** Digests of managed values: keyed, since a value may be a person's own word. */
export interface Marks {
  readonly keyId: string;
  of(identity: string): string;
}

export interface FileDeps {
  readonly environment: TemplateEnvironment;
  readonly clock: { now(): number };
  readonly marks: Marks;
  /** Where files are written; the real file system by default. */
  readonly fs?: FsPort;
  /** What other rules have written into the same file. */
  readonly claims?: (rule: Pick<FileRule, "name" | "path">) => readonly Claim[];
}

/** What it takes to say what a rule makes of a file. */
export type PreviewDeps = Omit<FileDeps, "clock">;

/** Values of a file that another rule has written. */
export interface Claim {
  readonly rule: string;
  readonly keys: readonly ManagedKey[];
  /** That rule comes first. */
  readonly earlier: boolean;
}

/** What a rule makes of the file: pure. Throws DotvaultError when it can't, and then nothing may be written. */
export function renderRule(
  rule: FileRule,
  environment: TemplateEnvironment,
  fields: Readonly<Record<string, unknown>>,
  before: string | undefined,
) {
  return formatFor(rule.format).merge(before, textOf(rule, environment, fields), optionsOf(rule));
}

function textOf(rule: FileRule, environment: TemplateEnvironment, fields: Readonly<Record<string, unknown>>): string {
  return templateOf(rule).render(fields, environment, { singleLine: LINES.includes(rule.format) });
}

/** Whether the file gets the secret's refresh token, by whatever way the template comes to it. */
export function bringsRefreshToken(
  rule: FileRule,
  environment: TemplateEnvironment,
  fields: Rendering["fields"],
): boolean {
  const { refresh_token: token } = fields;
  return typeof token === "string" && token !== "" && textOf(rule, environment, fields).includes(token);
}

function optionsOf(rule: FileRule): MergeOptions {
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

/** What happened, in order; a failure is among it. */
export interface Brought {
  readonly events: RuleEvent[];
  /** Of the file as it is now; undefined after a failure. */
  readonly fingerprint?: string;
}

/** Brings a rule's file up to date. `isFirst`: for the first time since the start, so that the record may lag behind. */
export async function bringUpToDate(
  rule: FileRule,
  known: RuleSnapshot,
  { fields, source, from }: Rendering,
  deps: FileDeps,
  isFirst = false,
): Promise<Brought> {
  const { path } = rule;
  const before = known.path === path ? known.keys : [];
  let fingerprint: string | undefined;
  const events = await attempt(path, deps, async () => {
    let edited: readonly string[] = [];
    let keys: readonly ManagedKey[] = [];
    const produce = async (text: string | undefined) => {
      const made = await make(rule, before, textOf(rule, deps.environment, fields), text, { ...deps, isFirst });
      ({ edited, keys } = made);
      return made.content;
    };
    const outcome = await writeTarget(path, produce, writing(rule, deps));
    fingerprint = outcome.fingerprint;
    const at = deps.clock.now();
    const kept = rule.onEdit === "keep";
    const leaving = rule.onRemove === "remove" ? { format: rule.format, mergeKey: rule.mergeKey ?? null } : null;
    const events: RuleEvent[] = edited.length === 0 ? [] : [{ type: "FILE_EDITED", at, path, keys: edited, kept }];
    if (!outcome.written) {
      const lags = isFirst && (before.length === 0 || !before.every((key) => isAmong(keys, key)));
      const news = JSON.stringify(leaving) !== JSON.stringify(known.path === path ? known.leaving : null);
      const more = { ...(lags && keys.length > 0 && { keys }), ...(news && { leaving }) };
      return [...events, { type: "FILE_CURRENT", at, path, ...more }];
    }
    const secret = rule.secret ?? null;
    const post = rule.post !== undefined;
    return [...events, { type: "FILE_WRITTEN", at, path, secret, source, from, keys, leaving, post }];
  });
  return fingerprint === undefined ? { events } : { events, fingerprint };
}

function isAmong(keys: readonly ManagedKey[], { pointer, digest }: ManagedKey): boolean {
  return keys.some((key) => key.pointer === pointer && key.digest === digest);
}

function writing({ mode, backups }: FileRule, { fs }: FileDeps) {
  return {
    ...(fs === undefined ? {} : { fs }),
    ...(mode === undefined ? {} : { mode }),
    ...(backups === undefined ? {} : { backups }),
  };
}

interface Made {
  /** Undefined: there is nothing to write. */
  readonly content: string | undefined;
  readonly edited: readonly string[];
  readonly keys: readonly ManagedKey[];
}

/** The text that a sync would give the file; nothing is written. Throws DotvaultError when the rule can't be written. */
export async function previewRule(
  rule: FileRule,
  known: RuleSnapshot,
  { fields, text }: { readonly fields: Rendering["fields"]; readonly text: string | undefined },
  deps: PreviewDeps,
): Promise<string | undefined> {
  const before = known.path === rule.path ? known.keys : [];
  const rendered = textOf(rule, deps.environment, fields);
  const { content = text } = await make(rule, before, rendered, text, { ...deps, isFirst: false });
  return content;
}

/** The texts in a file that the rule has written; none where the file can't be read. */
export async function writtenTexts(rule: FileRule, { keys }: RuleSnapshot, text: string): Promise<string[]> {
  try {
    const pointers = keys.map(({ pointer }) => pointer);
    const found = await formatAside(rule.format).values(text, pointers, optionsOf(rule));
    return [...found.values()].flatMap(({ identity }) => (identity.startsWith("s:") ? [identity.slice(2)] : []));
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    return [];
  }
}

/** The file's new text, what somebody else has changed in the old one, and what is ours in the new one. */
async function make(
  rule: FileRule,
  known: readonly ManagedKey[],
  rendered: string,
  text: string | undefined,
  deps: PreviewDeps & { readonly isFirst: boolean },
): Promise<Made> {
  const format = formatAside(rule.format);
  const options = optionsOf(rule);
  const wanted = await format.merge(text, rendered, options);
  await refuseContradiction(rule, wanted, deps);
  const isStale = ({ pointer }: ManagedKey) => !wanted.managed.includes(pointer) && !isShared(rule, pointer, deps);
  const stale = rule.strict ? known.filter(isStale) : [];
  if (!wanted.changed && stale.length === 0) {
    const keys = deps.isFirst ? await keysIn(rule, wanted.content, wanted.managed, deps) : [];
    return { content: undefined, edited: [], keys };
  }
  const edited = text === undefined ? [] : await changedBy(rule, known, text, deps);
  const gone = stale.map(({ pointer }) => pointer).filter((pointer) => !edited.includes(pointer));
  const base = text === undefined || gone.length === 0 ? text : await format.remove(text, gone, options);
  const leave = rule.onEdit === "keep" ? edited : [];
  const isAsWanted = base === text && leave.length === 0;
  const { content, managed } = isAsWanted ? wanted : await format.merge(base, rendered, { ...options, leave });
  const left = known.filter(({ pointer }) => leave.includes(pointer));
  const keys = [...(await keysIn(rule, content, managed, deps)), ...left];
  return { content: content === text ? undefined : content, edited, keys };
}

async function keysIn(
  rule: FileRule,
  text: string,
  pointers: readonly string[],
  { marks }: PreviewDeps,
): Promise<ManagedKey[]> {
  const found = await formatAside(rule.format).values(text, pointers, optionsOf(rule));
  return [...found].map(([pointer, { identity, line }]) => ({ pointer, digest: marks.of(identity), line }));
}

async function changedBy(
  rule: FileRule,
  known: readonly ManagedKey[],
  text: string,
  deps: PreviewDeps,
): Promise<string[]> {
  const ours = known.filter(({ digest }) => digest?.startsWith(`${deps.marks.keyId}:`));
  const pointers = ours.map(({ pointer }) => pointer);
  const found = await keysIn(rule, text, pointers, deps);
  return editedKeys(ours, new Map(found.map(({ pointer, digest }) => [pointer, digest ?? ""])));
}

/** Two rules on one file are merged in their order; where they want different values, the later one is refused. */
async function refuseContradiction(
  rule: FileRule,
  { content, managed }: MergeResult,
  deps: PreviewDeps,
): Promise<void> {
  const claims = deps.claims?.(rule).filter(({ earlier }) => earlier) ?? [];
  if (claims.length === 0) return;
  const own = new Map((await keysIn(rule, content, managed, deps)).map(({ pointer, digest }) => [pointer, digest]));
  for (const { rule: other, keys } of claims) {
    const clash = keys.find(
      ({ pointer, digest }) => digest !== null && own.has(pointer) && own.get(pointer) !== digest,
    );
    if (!clash) continue;
    throw new DotvaultError("files.contradiction", `rule "${other}" writes another value at ${clash.pointer}`, {
      hint: "let one of the two rules write it",
    });
  }
}

/** Whether another rule has the same value in the file: with that rule it stays. */
function isShared(rule: FileRule, pointer: string, { claims }: PreviewDeps): boolean {
  return claims?.(rule).some(({ keys }) => keys.some((key) => key.pointer === pointer)) ?? false;
}

/** Takes a rule's values out of its file; what somebody else has a part in stays. A text file that is ours goes. */
export async function takeOut(
  rule: FileRule,
  known: RuleSnapshot,
  why: "rule" | "enrolment" | "secret",
  deps: FileDeps,
): Promise<RuleEvent[]> {
  const { path } = rule;
  return attempt(path, deps, async () => {
    const pointers = known.keys.map(({ pointer }) => pointer).filter((pointer) => !isShared(rule, pointer, deps));
    let left: readonly string[] = [];
    const produce = async (text: string | undefined) => {
      left = [];
      if (text === undefined || pointers.length === 0) return undefined;
      const edited = await changedBy(rule, known.keys, text, deps);
      const gone = pointers.filter((pointer) => !edited.includes(pointer));
      if (rule.format === "text" && edited.length === 0) return null;
      const after = await formatAside(rule.format).remove(text, gone, optionsOf(rule));
      left = (await keysIn(rule, after, pointers, deps)).map(({ pointer }) => pointer);
      return after;
    };
    // No older version is kept: it would hold what is to go.
    const { written } = await writeTarget(path, produce, writing({ ...rule, backups: 0 }, deps));
    const post = written && rule.post !== undefined ? ({ post: true } as const) : {};
    const keys = pointers.filter((pointer) => !left.includes(pointer));
    return [{ type: "FILE_CLEANED", at: deps.clock.now(), path, why, keys, left, ...post }];
  });
}

/** A rule that has left the configuration, as far as its stream remembers it. */
export function formerRule(name: string, { path, leaving, secret }: RuleSnapshot): FileRule | undefined {
  if (path === null || leaving === null || !isFormatName(leaving.format)) return undefined;
  const { format, mergeKey } = leaving;
  return {
    name,
    path,
    format,
    deleteNulls: false,
    onRemove: "remove",
    ...(secret === null ? {} : { secret }),
    ...(mergeKey === null ? {} : { mergeKey }),
  };
}

async function attempt(path: string, { clock }: FileDeps, work: () => Promise<RuleEvent[]>): Promise<RuleEvent[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    const { code, message, hint = null } = error;
    return [{ type: "FILE_FAILED", at: clock.now(), path, code, message, hint }];
  }
}
