import { formatAside, type MergeResult } from "../../adapters/files/index.ts";
import { DotvaultError } from "../../errors.ts";
import { editedKeys, type Known, type ManagedKey, type RuleSnapshot } from "../../machines/rule/rule.ts";
import type { PreviewDeps } from "./deps.ts";
import { optionsOf } from "./render.ts";
import type { FileRule } from "./rule.ts";

/** What is ours in a text: each managed value that is there, by keyed digest. */
export async function keysIn(
  rule: FileRule,
  text: string,
  pointers: readonly string[],
  { marks }: PreviewDeps,
): Promise<ManagedKey[]> {
  const found = await formatAside(rule.format).values(text, pointers, optionsOf(rule));
  return [...found].map(([pointer, { identity, line }]) => ({ pointer, digest: marks.of(identity), line }));
}

/** Of the values on record, those that somebody else (no rule of ours) has changed or taken away in the text. */
export async function changedBy(
  rule: FileRule,
  { keys, writing }: Known,
  text: string,
  deps: PreviewDeps,
): Promise<string[]> {
  const ours = keys.filter(({ digest }) => digest?.startsWith(`${deps.marks.keyId}:`));
  const pointers = ours.map(({ pointer }) => pointer);
  const found = await keysIn(rule, text, pointers, deps);
  const now = new Map(found.map(({ pointer, digest }) => [pointer, digest ?? ""]));
  const beside = deps.claims?.(rule).flatMap((claim) => claim.keys) ?? [];
  const isOurs = (edited: string) =>
    beside.some(({ pointer, digest }) => pointer === edited && digest === now.get(edited));
  return editedKeys({ keys: ours, writing }, now).filter((edited) => !isOurs(edited));
}

/** What is ours in a text: what is on record, and what was about to be when a crash came behind the write. */
export async function oursIn(
  rule: FileRule,
  { keys, writing }: Known,
  text: string | undefined,
  deps: PreviewDeps,
): Promise<readonly ManagedKey[]> {
  const meant = (writing ?? []).filter(({ pointer }) => !keys.some((key) => key.pointer === pointer));
  if (text === undefined || meant.length === 0) return keys;
  const pointers = meant.map(({ pointer }) => pointer);
  const found = await keysIn(rule, text, pointers, deps);
  return [...keys, ...meant.filter((key) => isAmong(found, key))];
}

/** Whether the same value stands at the same place. */
export function isAmong(keys: readonly ManagedKey[], { pointer, digest }: ManagedKey): boolean {
  return keys.some((key) => key.pointer === pointer && key.digest === digest);
}

/** Of the values on record, those from before a change of the key: whether somebody has changed them can't be told. */
export function untold({ keys }: Known, { marks }: PreviewDeps): string[] {
  const isOther = ({ digest }: ManagedKey) => digest !== null && !digest.startsWith(`${marks.keyId}:`);
  return keys.filter(isOther).map(({ pointer }) => pointer);
}

/**
 * Two rules on one file are merged in their order; where they want different values, the later one is refused. What stays as
 * others write it, by a person's word to either, none of them writes.
 */
export async function refuseContradiction(
  rule: FileRule,
  { content, managed }: MergeResult,
  deps: PreviewDeps & { readonly held?: readonly string[] },
): Promise<void> {
  const all = deps.claims?.(rule) ?? [];
  const claims = all.filter(({ earlier }) => earlier);
  if (claims.length === 0) return;
  const kept = new Set([...(deps.held ?? []), ...all.flatMap((claim) => claim.kept)]);
  const own = new Map((await keysIn(rule, content, managed, deps)).map(({ pointer, digest }) => [pointer, digest]));
  for (const { rule: other, keys } of claims) {
    const clash = keys.find(
      ({ pointer, digest }) => digest !== null && !kept.has(pointer) && own.has(pointer) && own.get(pointer) !== digest,
    );
    if (!clash) continue;
    throw new DotvaultError("files.contradiction", `rule "${other}" writes another value at ${clash.pointer}`, {
      hint: "let one of the two rules write it",
    });
  }
}

/**
 * Values that stay as others write them by a person's word, and of which nothing comparable is on record (they were taken
 * out, or the key has changed since): whatever stands there now is theirs. Those of other rules of the file count, too.
 */
export async function heldBeside(
  rule: FileRule,
  { keys }: Known,
  text: string,
  deps: PreviewDeps & { readonly held?: readonly string[] },
): Promise<string[]> {
  const others = deps.claims?.(rule).flatMap(({ kept }) => kept) ?? [];
  const ours = keys.filter(({ digest }) => digest?.startsWith(`${deps.marks.keyId}:`)).map(({ pointer }) => pointer);
  const unknown = (deps.held ?? []).filter((pointer) => !ours.includes(pointer));
  const held = [...new Set([...unknown, ...others])];
  return held.length === 0 ? [] : (await keysIn(rule, text, held, deps)).map(({ pointer }) => pointer);
}

/** Whether another rule has the same value in the file: with that rule it stays. */
export function isShared(rule: FileRule, pointer: string, { claims }: PreviewDeps): boolean {
  return claims?.(rule).some(({ keys }) => keys.some((key) => key.pointer === pointer)) ?? false;
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
