import type { Style } from "./style.ts";
import { harmless } from "./style.ts";

/** What `doctor` found about one thing. */
export interface Finding {
  /** `config`, `journal`, `key`, `agent`, `store`, `service`, `clock`, `proxy`, `token`, `file`. */
  readonly about: string;
  /** Which one: an enrolment, a host, a path; empty where there is only one. */
  readonly name: string;
  /** `bad`: something will not work; `warning`: it works, and is worth a look. */
  readonly verdict: "good" | "warning" | "bad";
  readonly message: string;
  /** The command that mends it, or what to do; null where nothing is wrong. */
  readonly fix: string | null;
}

const GLYPHS = { good: ["✓", "green"], warning: ["!", "yellow"], bad: ["✗", "red"] } as const;

/** `doctor` for people: in the order of the walk, what helps below each finding that needs it. */
export function doctorText(findings: readonly Finding[], style: Style): string {
  const names = findings.map(({ about, name }) => (name === "" ? about : `${about} ${name}`));
  const width = Math.max(0, ...names.map((name) => name.length));
  const lines = findings.flatMap(({ verdict, message, fix }, i) => {
    const [glyph, colour] = GLYPHS[verdict];
    const first = `${style[colour](glyph)} ${(names[i] ?? "").padEnd(width)}  ${harmless(message)}`;
    return fix === null ? [first] : [first, `${" ".repeat(width + 4)}→ ${harmless(fix)}`];
  });
  const count = (verdict: Finding["verdict"]) => findings.filter((finding) => finding.verdict === verdict).length;
  const summary = `${count("bad")} wrong, ${count("warning")} worth a look, ${count("good")} good`;
  return `${[...lines, summary].join("\n")}\n`;
}
