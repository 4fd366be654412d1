import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify as stringifyToml } from "smol-toml";
import type { FormatName } from "../../src/adapters/files/index.ts";

/** A real file of somebody's package, or one of our own where no package has one. */
export interface Sample {
  /** Below test/corpus. */
  readonly file: string;
  readonly format: FormatName;
  /** What the file is called where it is used. */
  readonly name: string;
  readonly registry: string;
  readonly package?: string;
  readonly version?: string;
  readonly licence: string;
  readonly note?: string;
}

export type Tree = { readonly [key: string]: unknown };

const folder = join(import.meta.dirname, "..", "corpus");

export function samples(): readonly Sample[] {
  return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
}

export function textOf({ file }: Sample): string {
  return readFileSync(join(folder, file), "utf8");
}

/** Texts that mean the same in every format, with or without quotes. */
const SIMPLE = /^[A-Za-z][\w./:@+-]*$/;
/** Keys that stand for more than one line, or are no plain keys. */
const LIST_LIKE =
  /^(?:identityfile|certificatefile|localforward|remoteforward|dynamicforward|sendenv|setenv|include|host|match)\b/;

/** The part of a tree whose texts can be changed without a doubt: every one whose number fits. */
export function simpleTexts(tree: unknown, every: number, counter = { n: 0 }): Tree {
  const found: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(isTree(tree) ? tree : {})) {
    if (isTree(value) && !isForAllMachines(key, value)) {
      const inner = simpleTexts(value, every, counter);
      if (Object.keys(inner).length > 0) found[key] = inner;
    } else if (typeof value === "string" && SIMPLE.test(value) && !LIST_LIKE.test(key) && counter.n++ % every === 0) {
      found[key] = value;
    }
  }
  return found;
}

/** netrc's `default`, which is never ours. */
function isForAllMachines(key: string, value: Tree): boolean {
  return key === "default" && "login" in value;
}

export function mapTexts(tree: Tree, change: (text: string) => string): Tree {
  const entries = Object.entries(tree).map(([key, value]) => [
    key,
    isTree(value) ? mapTexts(value, change) : change(String(value)),
  ]);
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Changes of every kind: some old texts, a new key beside them, a new section. */
export function additions(format: FormatName, tree: unknown): Tree {
  const first = Object.entries(isTree(tree) ? tree : {}).find(([name, value]) => name !== "" && isTree(value))?.[0];
  if (format === "netrc")
    return { ...(first && { [first]: { account: "added" } }), "new.example.com": { login: "added" } };
  if (format === "ssh_config") {
    return { ...(first && { [first]: { tag: "added" } }), "host new.example.com": { user: "added", port: "2222" } };
  }
  return { ...(first && { [first]: { dotvault_added: "added" } }), "dotvault-new": { key: "added" } };
}

/** A rendering that holds a tree of texts. */
export function render(format: FormatName, tree: Tree): string {
  if (format === "toml") return stringifyToml(tree);
  if (format === "json" || format === "yaml") return JSON.stringify(tree, undefined, 1);
  const { "": top, ...sections } = tree as Record<string, Record<string, string>>;
  const lines = (pairs: Record<string, string> = {}) =>
    Object.entries(pairs).map(([key, value]) => `${key}${format === "ini" ? "=" : " "}${value}`);
  const header = { ini: (name: string) => `[${name}]`, netrc: (name: string) => `machine ${name}` }[format as string];
  const blocks = Object.entries(sections).map(([name, pairs]) => [header?.(name) ?? name, ...lines(pairs)]);
  return [lines(top), ...blocks]
    .flat()
    .map((line) => `${line}\n`)
    .join("");
}
