import type { FixedValues, Rule, Validators } from "./config.ts";
import type { RuleSection } from "./keys.ts";
import { type Findings, quote } from "./problems.ts";
import { placeInFile } from "./template-place.ts";
import { offsetOf } from "./tree.ts";

/** A rule as it is run, beside what was written. */
export interface Run {
  readonly section: RuleSection;
  readonly rule: Rule;
  /** The file, however its path is spelled. */
  readonly file: string;
}

interface Context {
  readonly findings: Findings;
  readonly text: string;
  readonly fixedValues: Validators["fixedValues"];
}

/** Rules of one file whose templates want different values at one place, whatever the secrets hold: the later one is refused. */
export function warnOfContradictions(runs: readonly Run[], context: Context): void {
  for (const rules of Map.groupBy(runs, ({ file }) => file).values()) {
    if (rules.length < 2 || rules[0]?.rule.target.format === "text") continue;
    const earlier: { readonly name: string; readonly values: FixedValues }[] = [];
    for (const run of rules) {
      const values = context.fixedValues(run.rule.target);
      const clash = earlier.flatMap((other) => clashOf(values, other) ?? [])[0];
      if (clash) warn(run, clash, context);
      earlier.push({ name: run.rule.name, values });
    }
  }
}

interface Clash {
  readonly pointer: string;
  readonly line: number;
  readonly other: string;
}

function clashOf(
  values: FixedValues,
  other: { readonly name: string; readonly values: FixedValues },
): Clash | undefined {
  for (const [pointer, { identity, line }] of values) {
    const theirs = other.values.get(pointer);
    if (theirs !== undefined && theirs.identity !== identity) return { pointer, line, other: other.name };
  }
  return undefined;
}

function warn({ section, rule }: Run, { pointer, line, other }: Clash, { findings, text }: Context): void {
  const scalar = section.values.target.tree.entries.get("template")?.value;
  const offset =
    scalar?.kind === "scalar"
      ? placeInFile(text, scalar, line, 1)
      : offsetOf(section.tree, ["target", "path"], "value");
  findings.warn("config.target-conflict", offset, {
    what: `rule ${quote(rule.name)} writes another value at ${quote(pointer)} than rule ${quote(other)}: it is refused`,
    hint: "let one of the two rules write it",
  });
}
