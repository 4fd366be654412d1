import { happened } from "./log/words.ts";
import { harmless, type Style } from "./style.ts";
import { moment, stamp } from "./times.ts";

/** Why a file is as it is, backwards; for programs as this very document (docs/json.md). */
export interface WhyReport {
  readonly schemaVersion: 1;
  readonly at: Date;
  readonly files: readonly FileStory[];
}

export interface FileStory {
  readonly rule: string;
  readonly path: string;
  readonly secret: string | null;
  /** The managed values, by key; never what they are. */
  readonly values: readonly FileValue[];
  /** What led to the file as it was written last, in order. */
  readonly chain: readonly Cause[];
  /** Of the pair that was written; null where it has no end, or is not known. */
  readonly expiresAt: Date | null;
  readonly storedVersion: number | null;
  readonly verdict: Verdict;
}

export interface FileValue {
  readonly pointer: string;
  /** In the file as it is now; null where it is not there. */
  readonly line: number | null;
  /** `ours`: as dotvault wrote it. `changed`, `gone`: by somebody else. `unknown`: what was written is not on record. */
  readonly state: "ours" | "changed" | "gone" | "unknown";
}

export interface Cause {
  readonly seq: number;
  readonly at: Date;
  /** Of the enrolment or the rule. */
  readonly name: string;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
}

export interface Verdict {
  readonly code:
    | "never-written"
    | "file-gone"
    | "changed-since"
    | "not-written"
    | "older-pair"
    | "expired"
    | "not-us"
    | "not-known"
    | "stopped";
  /** Whether it is dotvault's doing, or undoing. */
  readonly ours: boolean;
  readonly text: string;
  readonly run: string | null;
}

const STATES = { ours: "as it was written", changed: "changed by somebody else", gone: "gone", unknown: "" } as const;

/** `why` for people: the values, the chain that led to them, the verdict. */
export function whyText({ files, at }: WhyReport, style: Style): string {
  return files.map((file) => storyOf(file, at, style)).join("\n");
}

function storyOf({ path, rule, values, chain, expiresAt, verdict }: FileStory, now: Date, style: Style): string {
  const width = Math.max(0, ...values.map(({ pointer }) => pointer.length));
  const glyph = verdict.ours ? style.red("✗") : style.green("✓");
  return [
    `${style.bold(harmless(path))}   rule ${harmless(rule)}`,
    ...values.map(({ pointer, line, state }) => {
      const place = line === null ? "" : `line ${line}`;
      return `  ${harmless(pointer || "(all of it)").padEnd(width)}  ${place.padEnd(8)}  ${STATES[state]}`.trimEnd();
    }),
    ...chain.map(({ at, event }) => `  ${style.dim(stamp(at))}  ${happened(event, at)}`),
    ...(expiresAt === null ? [] : [`  the token in it is good until ${moment(expiresAt, now)}`]),
    `${glyph} ${verdict.text}`,
    ...(verdict.run === null ? [] : [`  run: ${verdict.run}`]),
    "",
  ].join("\n");
}
