import { basename } from "node:path";
import { formatFor, readTarget } from "../../adapters/files/index.ts";
import type { Marks } from "../../agent/rule-file/deps.ts";
import type { FileRule } from "../../agent/rules.ts";
import { DotvaultError } from "../../errors.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { Snapshot } from "../../machines/enrolment/decide.ts";
import { type RuleSnapshot, ruleSnapshot } from "../../machines/rule/rule.ts";
import type { Cause, FileStory, FileValue, Verdict } from "../../terminal/why.ts";
import { causeOf, pairStory } from "./chain.ts";
import { type Found, judge } from "./verdict.ts";

/** What has to be known of a rule to tell its file's story. */
export type WhyRule = Pick<FileRule, "name" | "path" | "format" | "secret" | "mergeKey">;

/** The story of one rule's file: what it holds by key, what led to it, and whose doing it is. Reads the file; changes nothing. */
export async function fileStory(
  rule: WhyRule,
  reader: JournalReader,
  { marks, now }: { readonly marks: Marks | undefined; readonly now: number },
): Promise<FileStory> {
  const known = ruleSnapshot(reader.head(`rule/${rule.name}`)?.snapshot);
  const { exists, values, unreadable } = await looked(rule, known, marks);
  const pair = known.from?.pair ?? null;
  const story = pair === null || rule.secret === undefined ? undefined : pairStory(reader, rule.secret, pair);
  const enrolment = reader.head(`enrolment/${rule.secret ?? ""}`)?.snapshot as unknown as Snapshot | undefined;
  const found: Found = {
    known,
    exists,
    unreadable,
    values,
    pair,
    current: enrolment?.context.fresh?.digest ?? enrolment?.context.current?.digest ?? null,
    expiresAt: story?.expiresAt ?? null,
    now,
  };
  return {
    rule: rule.name,
    path: rule.path,
    secret: rule.secret ?? null,
    values,
    chain: [...(story?.chain ?? []), ...ownChain(reader, rule.name)],
    expiresAt: story?.expiresAt == null ? null : new Date(story.expiresAt),
    storedVersion: known.from?.version ?? story?.storedVersion ?? null,
    verdict: judge(found) satisfies Verdict,
  };
}

type Looked = Pick<Found, "exists" | "unreadable" | "values">;

/** A file that can't be read, or is not of its format any more, is told as such. */
async function looked(rule: WhyRule, known: RuleSnapshot, marks: Marks | undefined): Promise<Looked> {
  try {
    const { content } = await readTarget(rule.path);
    const values = content === undefined ? [] : valuesOf(rule, known, content, marks);
    return { exists: content !== undefined, values, unreadable: null };
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    return { exists: true, values: [], unreadable: error.message };
  }
}

/** Each managed value as the file has it now, held against the digest of what was written. */
function valuesOf(rule: WhyRule, known: RuleSnapshot, text: string, marks: Marks | undefined): FileValue[] {
  const pointers = known.keys.map(({ pointer }) => pointer);
  const options = {
    basename: basename(rule.path),
    ...(rule.mergeKey === undefined ? {} : { mergeKey: rule.mergeKey }),
  };
  const found = formatFor(rule.format).values(text, pointers, options);
  return known.keys.map(({ pointer, digest }) => {
    const now = found.get(pointer);
    if (!now) return { pointer, line: null, state: "gone" };
    if (!marks || !digest?.startsWith(`${marks.keyId}:`)) return { pointer, line: now.line, state: "unknown" };
    return { pointer, line: now.line, state: marks.of(now.identity) === digest ? "ours" : "changed" };
  });
}

/** The last write, and everything that befell the file since. */
function ownChain(reader: JournalReader, rule: string): Cause[] {
  const events = [...reader.events({ stream: `rule/${rule}` })];
  const written = events.findLastIndex(({ event }) => event.type === "FILE_WRITTEN");
  return events.slice(Math.max(0, written)).map((recorded) => causeOf(recorded, rule));
}
