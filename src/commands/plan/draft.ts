import { basename } from "node:path";
import { formatFor, readTarget } from "../../adapters/files/index.ts";
import { optionsOf } from "../../agent/rule-file/render.ts";
import type { FileRule } from "../../agent/rule-file/rule.ts";
import type { JournalReader } from "../../journal/port.ts";
import { type RuleSnapshot, ruleSnapshot } from "../../machines/rule/rule.ts";
import { RULE } from "../../machines/stream/names.ts";
import type { KeyPlan } from "../../terminal/plan/report.ts";

/** A file as it will be, rule after rule. */
export interface Draft {
  text: string | undefined;
  isRead: boolean;
  facts: { readonly mode: number } | undefined;
  /** What the rules so far want, by pointer. */
  readonly claims: { readonly rule: FileRule; readonly values: ReadonlyMap<string, string> }[];
  /** All that write it. */
  readonly rules: readonly FileRule[];
}

export async function read(path: string, file: Draft): Promise<void> {
  if (file.isRead) return;
  const { content, facts } = await readTarget(path);
  Object.assign(file, { text: content, facts, isRead: true });
}

/** Stands for what comes of the secret. */
export const HIDDEN = "dotvault0plan0";

/** What is added stands where it does once all rules have had their turn. */
export function placed(keys: readonly KeyPlan[], rule: FileRule, { text }: Draft): KeyPlan[] {
  const added = keys.filter(({ change }) => change === "added").map(({ pointer }) => pointer);
  if (text === undefined || added.length === 0) return [...keys];
  const found = formatFor(rule.format).values(text, added, { ...optionsOf(rule), basename: basename(rule.path) });
  return keys.map((key) => (key.change === "added" ? { ...key, line: found.get(key.pointer)?.line ?? key.line } : key));
}

/** Another rule's on record, or by its turn before this one. */
export function isOfAnother(pointer: string, rule: FileRule, file: Draft, reader: JournalReader | undefined): boolean {
  if (file.claims.some(({ values }) => values.has(pointer))) return true;
  const others = file.rules.filter(({ name }) => name !== rule.name);
  return others.some((other) => recordOf(other, reader).keys.some((key) => key.pointer === pointer));
}

/** What the journal knows of the rule in this file. */
function recordOf({ name, path }: FileRule, reader: JournalReader | undefined): Pick<RuleSnapshot, "keys" | "answer"> {
  const known = ruleSnapshot(reader?.head(RULE + name)?.snapshot);
  return known.path === path ? known : { keys: [], answer: null };
}

/** The earlier of two rules has its value; as the agent refuses the later one. Only what can be told without the secrets. */
export function contradicted(
  rule: FileRule,
  values: ReadonlyMap<string, string>,
  { claims, rules }: Draft,
  reader: JournalReader | undefined,
): string | null {
  const kept = new Set(rules.flatMap((each) => recordOf(each, reader).answer?.keys ?? []));
  for (const claim of claims) {
    const [pointer] =
      [...values].find(([at, wanted]) => !kept.has(at) && differs(claim.values.get(at), wanted, claim.rule, rule)) ??
      [];
    if (pointer !== undefined)
      return `it is not written: the rule ${claim.rule.name} comes before it, and wants another value at ${pointer || "the whole file"}`;
  }
  return null;
}

/** What comes of two secrets, or of two fields of one, may be the same. */
function differs(first: string | undefined, second: string, one: FileRule, other: FileRule): boolean {
  if (first === undefined || first === second) return false;
  const [mine, theirs] = [hiddenIn(first), hiddenIn(second)];
  return mine === theirs && (mine === "" || one.secret === other.secret);
}

function hiddenIn(value: string): string {
  return (value.match(new RegExp(`${HIDDEN}[A-Za-z0-9]*`, "g")) ?? []).join(" ");
}
