import { ANSWERS, type Case } from "./cases.ts";
import type { Record } from "./run.ts";

/** One case and what came of it. */
export interface Line {
  readonly played: Case;
  readonly record: Record;
}

const INTRO = `# Ambiguous and refused: what the agent does

Generated from the records of test/contract/rotation-matrix.test.ts (\`UPDATE=1 node --test test/contract/rotation-matrix.test.ts\` writes it):
the real agent, journal, store and platform over HTTP, on a clock that the test moves. In every line it is asserted that nothing that
was received is lost, that nothing was removed which was never refused, that a used-up pair was presented at most once per lost answer (once
more past its end), and that no token of an unanswered mint is left.

*presented*: refresh requests, in brackets those with a pair that was used up or revoked already · *probed*: looks whether the access token
lives · *minted*: mint requests · *ends*: \`status\` while it is under way → at the end · *told*: what the person is asked for, and notes.
`;

const HEAD = "| the answer is | presented | probed | minted | removed | ends | told |\n|---|---|---|---|---|---|---|";

const TITLES = {
  refresh: "## `rotation: refresh` (the default)",
  remint: "## `rotation: remint`: the answers are those to the mint",
} as const;

/** docs/ambiguous.md. Circumstances that come to the same, answer by answer, share a table. */
export function page(lines: readonly Line[]): string {
  const parts = (["refresh", "remint"] as const).map((rotation) => {
    const tables = tablesOf(lines.filter(({ played }) => played.rotation === rotation));
    return [TITLES[rotation], ...tables].join("\n\n");
  });
  return `${[INTRO.trimEnd(), ...parts].join("\n\n")}\n`;
}

function tablesOf(lines: readonly Line[]): string[] {
  const byName = Map.groupBy(lines, ({ played }) => played.circumstance.name);
  const tables = new Map<string, string[]>();
  for (const [name, group] of byName) {
    const rows = ANSWERS.flatMap((answer) => group.filter(({ played }) => played.answer === answer).map(row)).join(
      "\n",
    );
    tables.set(rows, [...(tables.get(rows) ?? []), name]);
  }
  return [...tables].map(([rows, names]) => `${names.map((name) => `**${name}**`).join(" ·\n")}\n\n${HEAD}\n${rows}`);
}

function row({ played, record }: Line): string {
  const { presented, spent, probes, mints, removed, meanwhile, end, told } = record;
  const cells = [
    played.answer,
    spent === 0 ? presented : `${presented} (${spent})`,
    probes,
    mints,
    removed === 0 ? "" : "yes",
    meanwhile === end ? end : `${meanwhile} → ${end}`,
    told.join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}
