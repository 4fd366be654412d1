import { readTarget } from "../../adapters/files/read.ts";
import { DotvaultError } from "../../errors.ts";
import type { JournalReader, Recorded } from "../../journal/port.ts";
import { type RuleSnapshot, ruleSnapshot } from "../../machines/rule/rule.ts";
import { RULE } from "../../machines/stream/names.ts";
import { dateOf } from "../../terminal/times.ts";
import type { Cause, FileStory } from "../../terminal/why/report.ts";
import { type Asked, becauseOf, circleOf, contextOf, inUse, isBlind, type WhyRule } from "./asked.ts";
import { causesOf, endStory, inOrder, pairStory, UNTOLD } from "./chain.ts";
import { knownTokens } from "./known.ts";
import { valuesOf } from "./values.ts";
import { type Found, judge } from "./verdict.ts";

export type { WhyRule };

/** The story of one rule's file: what it holds by key, what led to it, and whose doing it is. Reads the file; changes nothing. */
export async function fileStory(rule: WhyRule, asked: Asked): Promise<FileStory> {
  const { reader, now } = asked;
  const known = ruleSnapshot(reader.head(RULE + rule.name)?.snapshot);
  const context = contextOf(reader, rule.secret);
  const looked = await look(rule, known, asked);
  const pair = known.from?.pair ?? null;
  const current = inUse(context)?.digest ?? null;
  const story = pair === null || rule.secret === undefined ? UNTOLD : pairStory(reader, rule.secret, pair);
  const found: Found = {
    rule: rule.name,
    secret: rule.secret ?? null,
    known,
    ...looked,
    pair,
    ofEnrolment: context !== undefined,
    current,
    expiresAt: story.expiresAt,
    because: becauseOf(asked, rule.secret),
    circle: circleOf(asked, rule.secret),
    isBlind: isBlind(asked),
    now,
  };
  const since = pair === current || rule.secret === undefined ? [] : sinceThen(reader, rule.secret, current);
  return {
    rule: rule.name,
    path: rule.path,
    secret: rule.secret ?? null,
    values: looked.values,
    chain: inOrder([...story.chain, ...since, ...ownChain(reader, rule.name)]),
    expiresAt: dateOf(story.expiresAt),
    tokenId: story.tokenId,
    storedVersion: known.from?.version ?? story.storedVersion,
    verdict: judge(found),
  };
}

/** What became of the enrolment since the file's pair: another one, or none any more. */
function sinceThen(reader: JournalReader, enrolment: string, current: string | null): readonly Cause[] {
  return current === null ? endStory(reader, enrolment) : pairStory(reader, enrolment, current).chain;
}

type Looked = Pick<Found, "exists" | "unreadable" | "values" | "strays">;

/** A file that can't be read, or is not of its format any more, is told as such. */
async function look(rule: WhyRule, known: RuleSnapshot, asked: Asked): Promise<Looked> {
  try {
    const { content } = await readTarget(rule.path);
    if (content === undefined) return { exists: false, values: [], strays: [], unreadable: null };
    const values = await valuesOf(rule, known.keys, content, asked);
    const strays = values.length === 0 ? await knownTokens(content, asked) : [];
    return { exists: true, values, strays, unreadable: null };
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    return { exists: true, values: [], strays: [], unreadable: { code: error.code, message: error.message } };
  }
}

/** Not worth a line. */
const QUIET = ["FILE_WRITING", "POST_RAN", "FILE_NARROWED"];

/** The last write, what it put right, and everything that befell the file since. */
function ownChain(reader: JournalReader, rule: string): Cause[] {
  const events: Recorded[] = [];
  for (const recorded of reader.events({ stream: RULE + rule, newestFirst: true })) {
    const last = events.at(-1)?.event;
    if (last?.type === "FILE_WRITTEN" && (recorded.event.type !== "FILE_EDITED" || recorded.event.at !== last.at))
      break;
    events.push(recorded);
    if (last?.type === "FILE_WRITTEN") break;
  }
  return causesOf(
    events.reverse().filter(({ event }) => !QUIET.includes(event.type)),
    rule,
  );
}
