import { formatAside } from "../../adapters/files/index.ts";
import { type Known, keptOf, type ManagedKey, type RuleSnapshot } from "../../machines/rule/rule.ts";
import type { PreviewDeps, Rendering } from "./deps.ts";
import { changedBy, heldBeside, isAmong, isShared, keysIn, oursIn, refuseContradiction, untold } from "./keys.ts";
import { optionsOf, textAside } from "./render.ts";
import type { FileRule } from "./rule.ts";

/** What a sync makes of a file. */
export interface Made {
  /** Undefined: there is nothing to write. */
  readonly content: string | undefined;
  readonly edited: readonly string[];
  /** Of those, the ones that stay so. */
  readonly left: readonly string[];
  /** What they had become. */
  readonly found: readonly ManagedKey[];
  readonly keys: readonly ManagedKey[];
}

/** The text that a sync would give the file, and what of it is ours; nothing is written. Throws DotvaultError when the rule can't be written. */
export async function previewRule(
  rule: FileRule,
  known: RuleSnapshot,
  { fields, text }: { readonly fields: Rendering["fields"]; readonly text: string | undefined },
  deps: PreviewDeps,
): Promise<{ readonly content: string | undefined; readonly keys: readonly ManagedKey[] }> {
  const before = known.path === rule.path ? known : NOTHING;
  const rendered = await textAside(rule, deps.environment, fields);
  const keeps = (edited: readonly string[]) => keptOf(edited, rule.onEdit ?? "overwrite", known);
  const held = known.answer?.keys ?? [];
  const { content = text, keys } = await make(rule, before, rendered, text, { ...deps, mayLag: true, keeps, held });
  return { content, keys };
}

const NOTHING: Known = { keys: [], writing: null };

/** A file's text without a rule's values. */
export interface Unmade {
  /** Undefined: there is nothing to take out; null: the file goes, since it was wholly ours. */
  readonly content: string | null | undefined;
  readonly gone: readonly string[];
  /** What somebody else has a part in stays. */
  readonly left: readonly string[];
}

/** Takes a rule's values out of a text. */
export async function unmake(
  rule: FileRule,
  known: Known,
  text: string | undefined,
  deps: PreviewDeps,
): Promise<Unmade> {
  const ours = (await oursIn(rule, known, text, deps)).map(({ pointer }) => pointer);
  const pointers = ours.filter((pointer) => !isShared(rule, pointer, deps));
  if (text === undefined || pointers.length === 0) return { content: undefined, gone: pointers, left: [] };
  const stays = [...(await changedBy(rule, known, text, deps)), ...untold(known, deps)];
  if (rule.format === "text" && stays.length === 0) return { content: null, gone: pointers, left: [] };
  const going = pointers.filter((pointer) => !stays.includes(pointer));
  const content = await formatAside(rule.format).remove(text, going, optionsOf(rule));
  const left = (await keysIn(rule, content, pointers, deps)).map(({ pointer }) => pointer);
  return { content, gone: pointers.filter((pointer) => !left.includes(pointer)), left };
}

/** The file's new text, what somebody else has changed in the old one, and what is ours in the new one. */
export async function make(
  rule: FileRule,
  known: Known,
  rendered: string,
  text: string | undefined,
  deps: PreviewDeps & {
    readonly mayLag: boolean;
    readonly keeps: (edited: readonly string[]) => readonly string[];
    readonly held?: readonly string[];
  },
): Promise<Made> {
  const format = formatAside(rule.format);
  const options = optionsOf(rule);
  const wanted = await format.merge(text, rendered, options);
  await refuseContradiction(rule, wanted, deps);
  const isStale = ({ pointer }: ManagedKey) => !wanted.managed.includes(pointer) && !isShared(rule, pointer, deps);
  const stale = rule.strict ? (await oursIn(rule, known, text, deps)).filter(isStale) : [];
  if (!wanted.changed && stale.length === 0) {
    const keys = deps.mayLag ? await keysIn(rule, wanted.content, wanted.managed, deps) : [];
    return { content: undefined, edited: [], left: [], found: [], keys };
  }
  const edited = text === undefined ? [] : await changedBy(rule, known, text, deps);
  const stays = [...edited, ...untold(known, deps)];
  const gone = stale.map(({ pointer }) => pointer).filter((pointer) => !stays.includes(pointer));
  const base = text === undefined || gone.length === 0 ? text : await format.remove(text, gone, options);
  const beside = text === undefined ? [] : await heldBeside(rule, known, text, deps);
  const leave = [...new Set([...deps.keeps(edited), ...beside])];
  const isAsWanted = base === text && leave.length === 0;
  const { content, managed } = isAsWanted ? wanted : await format.merge(base, rendered, { ...options, leave });
  const left = await leftKeys(rule, known, { leave, content, wanted: wanted.content }, deps);
  const keys = [...(await keysIn(rule, content, managed, deps)), ...left];
  const found = text === undefined || edited.length === 0 ? [] : await keysIn(rule, text, edited, deps);
  return {
    content: content === text ? undefined : content,
    edited,
    left: edited.filter((key) => leave.includes(key)),
    found,
    keys,
  };
}

/** What stays is compared with what we wrote before; but what we would write now is ours, whoever wrote it. */
async function leftKeys(
  rule: FileRule,
  known: Known,
  { leave, content, wanted }: { readonly leave: readonly string[]; readonly content: string; readonly wanted: string },
  deps: PreviewDeps,
): Promise<ManagedKey[]> {
  const left = known.keys.filter(({ pointer }) => leave.includes(pointer));
  if (left.length === 0) return [];
  const pointers = left.map(({ pointer }) => pointer);
  const [here, meant] = await Promise.all([
    keysIn(rule, content, pointers, deps),
    keysIn(rule, wanted, pointers, deps),
  ]);
  const ours = here.filter((key) => isAmong(meant, key));
  return left.map((key) => ours.find(({ pointer }) => pointer === key.pointer) ?? key);
}
