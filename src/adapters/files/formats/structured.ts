import { DotvaultError } from "../../../errors.ts";
import { applyEdits, type Edit, lineEnding, position } from "./edits.ts";
import {
  type Format,
  type FormatName,
  type MergeOptions,
  type MergeResult,
  refuseLarge,
  type Whose,
} from "./format.ts";
import { identical, merged } from "./guard.ts";
import { defaultMergeKey, isNeeded, refuseBadVersion, refuseEncrypted } from "./jfrog.ts";
import { managedPaths } from "./managed.ts";
import { foreign, type Operation, planChanges, planRemovals, type Wishes } from "./plan.ts";
import { identityOf, isWhole, lookUp, type Placed } from "./pointers.ts";
import { leavingOut, planRemoval, withoutEmpties } from "./removal.ts";
import { isNull, type Tree } from "./tree.ts";

/** A text as its format understands it. */
export interface Reading<F> {
  /** Undefined: nothing in it but white space and comments. */
  readonly root: Tree<F> | undefined;
  /** What belongs to others beyond the tree (documents behind ours, remarks) and stays as it is. */
  readonly rest: string;
}

/** What a format with keys brings: reading, and edits for planned operations. All else is common to them. */
export interface Syntax<F> {
  readonly name: FormatName;
  /** Throws `files.target-unparsable` or `files.rendered-unparsable` with the place. The text has no byte order mark. */
  read(text: string, whose: Whose): Reading<F>;
  edits(text: string, root: Tree<F>, operations: readonly Operation<F>[]): Edit[];
  /** The rendering with the names that the target has for the same things; throws where that would be a guess. */
  meet?(root: Tree<F>, want: Tree<F>, where: (offset: number) => string): Tree<F>;
  /** What a tree means once keys were taken from it, where that is more than their absence. */
  settle?(root: Tree<F>): Tree<F>;
}

const BOM = "\uFEFF";

/** Makes a format of a syntax: read, plan, splice, guard. */
export function structured<F>(syntax: Syntax<F>): Format {
  return {
    name: syntax.name,
    merge: (before, rendered, options) => {
      refuseLarge(before ?? "", "target");
      refuseLarge(rendered, "rendered");
      return shallow(() => merge(syntax, before, rendered, options));
    },
    values: (text, pointers, options) => {
      refuseLarge(text, "target");
      return shallow(() => values(syntax, withoutBom(text), pointers, mergeKeyOf(options)));
    },
    remove: (text, pointers, options) => {
      refuseLarge(text, "target");
      return shallow(() => remove(syntax, text, pointers, options));
    },
  };
}

function shallow<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(error);
    throw error;
  }
}

function values<F>(
  syntax: Syntax<F>,
  text: string,
  pointers: readonly string[],
  mergeKey: string | undefined,
): Map<string, Placed> {
  const { root } = syntax.read(text, "target");
  const found = new Map<string, Placed>();
  for (const pointer of pointers) {
    const node = root && lookUp(root, pointer);
    if (node && isWhole(node, mergeKey))
      found.set(pointer, { identity: identityOf(node), line: text.slice(0, node.start).split("\n").length });
  }
  return found;
}

function remove<F>(syntax: Syntax<F>, asked: string, pointers: readonly string[], options: MergeOptions): string {
  const bom = asked.startsWith(BOM) ? BOM : "";
  const text = withoutBom(asked);
  const before = syntax.read(text, "target");
  refuseEncrypted(before.root, options.basename);
  if (!before.root) return asked;
  const { root } = before;
  const whole = pointers.filter((pointer) => {
    const node = lookUp(root, pointer);
    return node && isWhole(node, mergeKeyOf(options)) && !isNeeded(pointer, options.basename);
  });
  const { operations, expected } = planRemoval(root, whole, {
    keeps: (part, node) => hasRemark(text, part, node),
    mergeKey: mergeKeyOf(options),
  });
  if (operations.length === 0) return asked;
  const removed = spliced(syntax, text, before.root, operations);
  const after = reread(syntax, text, removed);
  const settled = syntax.settle?.(expected) ?? expected;
  const [meant, outcome] = [withoutEmpties(settled), after.root && withoutEmpties(after.root)];
  const isMeant = meant && outcome ? identical(meant, outcome) : !meant && !outcome;
  const rest = after.root ? after.rest : removed;
  if (collapsed(rest) !== collapsed(before.rest) || !isMeant) throw guarded(text, removed);
  return bom + removed;
}

function mergeKeyOf({ mergeKey, basename }: MergeOptions): string | undefined {
  return mergeKey ?? defaultMergeKey(basename);
}

function collapsed(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Whether somebody's remark stands in a map or list, or beside its key. */
function hasRemark<F>(text: string, part: Range, node: Tree<F>): boolean {
  const key = "keyEnd" in part ? [{ start: part.start, end: Number(part.keyEnd) }] : [];
  const values = [...key, ...leavesOf(node)].toSorted((a, b) => a.start - b.start);
  let between = "";
  let at = part.start;
  for (const { start, end } of values) {
    between += text.slice(at, Math.max(at, start));
    at = Math.max(at, end);
  }
  return /[#;]|\/[/*]/.test(between + text.slice(at, Math.max(at, part.end)));
}

type Range = { readonly start: number; readonly end: number; readonly keyEnd?: number };

/** Source ranges of scalars with their keys: what may hold a sign of a remark and is none. */
function leavesOf<F>(node: Tree<F>): Range[] {
  if (node.kind === "list") return node.items.flatMap(leavesOf);
  if (node.kind !== "map") return [node];
  return node.entries.flatMap(({ start, keyEnd, end, value }) =>
    value.kind === "scalar" || value.kind === "alias" ? [{ start, end }] : [{ start, end: keyEnd }, ...leavesOf(value)],
  );
}

function merge<F>(syntax: Syntax<F>, before: string | undefined, output: string, options: MergeOptions): MergeResult {
  const bom = before?.startsWith(BOM) ? BOM : "";
  const rendered = withoutBom(output);
  const all = syntax.read(rendered, "rendered").root;
  if (!all) return { content: before ?? "", changed: false, managed: [] };
  const wishes = {
    mergeKey: mergeKeyOf(options),
    deleteNulls: !!options.deleteNulls,
  };
  const old = before === undefined ? undefined : withoutBom(before);
  const root = old === undefined ? undefined : syntax.read(old, "target").root;
  refuseEncrypted(root, options.basename);
  const start = old !== undefined && root ? old : joined(old ?? "", rendered);
  const { text, want } = rewrite(syntax, start, all, {
    ...wishes,
    where: (offset) => position(start, offset),
    leave: options.leave ?? [],
    basename: options.basename,
  });
  const managed = managedPaths(want, wishes);
  if (before !== undefined && text === old) return { content: before, changed: false, managed };
  refuseLarge(text, "target");
  return { content: bom + text, changed: true, managed };
}

/** A file without a value of its own keeps its comments and gets the whole rendering. */
function joined(old: string, rendered: string): string {
  if (old.trim() === "") return rendered;
  const eol = lineEnding(old);
  return `${old}${old.endsWith("\n") ? "" : eol}${rendered.replaceAll(/\r?\n/g, eol)}`;
}

function rewrite<F>(
  syntax: Syntax<F>,
  start: string,
  rendered: Tree<F>,
  wishes: Wishes & { readonly leave: readonly string[]; readonly basename: string | undefined },
): { readonly text: string; readonly want: Tree<F> } {
  const first = syntax.read(start, "target");
  const root = required(first.root);
  refuseOtherKind(root, rendered, wishes.where);
  const want = leavingOut(syntax.meet?.(root, rendered, wishes.where) ?? rendered, wishes.leave);
  const pruned = spliced(syntax, start, root, planRemovals(root, want, wishes));
  const second = pruned === start ? root : required(reread(syntax, start, pruned).root);
  const text = spliced(syntax, pruned, second, planChanges(second, want, wishes));
  const after = text === start ? first : reread(syntax, start, text);
  const outcome = required(after.root);
  const plan = (now: Tree<F>) => [...planRemovals(now, want, wishes), ...planChanges(now, want, wishes)];
  if (text !== start && !isAsMeant(first, after, merged(root, want, wishes), plan)) throw guarded(start, text);
  refuseBadVersion(outcome, wishes.basename);
  return { text, want };
}

/** What is there now must be what was meant, leave the rest alone, and need no further change. */
function isAsMeant<F>(
  before: Reading<F>,
  after: Reading<F>,
  expected: Tree<F>,
  plan: (root: Tree<F>) => readonly Operation<F>[],
): boolean {
  const outcome = required(after.root);
  return after.rest === before.rest && identical(outcome, expected) && plan(outcome).length === 0;
}

function spliced<F>(syntax: Syntax<F>, text: string, root: Tree<F>, operations: readonly Operation<F>[]): string {
  return operations.length === 0 ? text : applyEdits(text, syntax.edits(text, root, operations));
}

/** Reads what we made; that it can't be read is our fault, not the file's. */
function reread<F>(syntax: Syntax<F>, before: string, text: string): Reading<F> {
  try {
    return syntax.read(text, "target");
  } catch (cause) {
    throw guarded(before, text, cause);
  }
}

function required<F>(root: Tree<F> | undefined): Tree<F> {
  if (!root) throw guarded("", "");
  return root;
}

function refuseOtherKind(root: Tree<unknown>, want: Tree<unknown>, where: Wishes["where"]): void {
  if (root.kind === want.kind || isNull(root)) return;
  throw foreign(`the file holds a ${root.kind} at its top (${where(root.start)}), the template renders a ${want.kind}`);
}

function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(1) : text;
}

function tooDeep(cause: RangeError): DotvaultError {
  return new DotvaultError("files.too-deep", "the file or the template's output is nested too deeply", { cause });
}

/** Names the place of the first change, since the file is as it was. */
function guarded(before: string, after: string, cause?: unknown): DotvaultError {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  const what = `the change at ${position(before, at)} would reach more than the managed keys; nothing was written`;
  return new DotvaultError("files.guard", what, {
    hint: "write the keys into the file by hand once, and report the file's shape (without its secrets)",
    cause,
  });
}
