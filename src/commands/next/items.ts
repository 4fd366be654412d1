import type { JournalReader } from "../../journal/port.ts";
import type { Snapshot } from "../../machines/enrolment/decide.ts";
import { upcast } from "../../machines/enrolment/upcast.ts";
import { type Beginning, type Foreseen, forecast, type Span } from "../../machines/forecast/forecast.ts";
import { streamOf } from "../../machines/stream/names.ts";
import { dotvault } from "../../shell.ts";
import type { Expiring, NextItem } from "../../terminal/next.ts";
import { dateOf } from "../../terminal/times.ts";
import type { ConfiguredEnrolment } from "../status/configured.ts";
import { beganWith } from "./begin.ts";

/** What is asked about. */
export interface Question {
  readonly during: Span;
  readonly offline: Span | undefined;
  readonly agentRuns: boolean;
  /** Where nobody is logged in to the store from some time on. */
  readonly out: Out | null;
}

export interface Out {
  readonly from: number;
  /** What the person has to run. */
  readonly run: string | null;
}

export interface Future {
  readonly items: readonly NextItem[];
  readonly expiring: readonly Expiring[];
}

/** What lies before one enrolment. */
export function futureOf(
  reader: JournalReader | undefined,
  enrolment: ConfiguredEnrolment,
  question: Question,
): Future {
  const beginning = reader && beginningOf(reader, enrolment.name, question.agentRuns);
  if (!beginning) return { items: [newItem(enrolment, question.during.from)], expiring: [] };
  const seen = forecast(beginning, question.during, ...asleep(question));
  return {
    items: folded(seen.map((each) => itemOf(each, enrolment, question.out))),
    expiring: expiringOf(seen, enrolment, question),
  };
}

/** Without its store an enrolment does nothing. */
function asleep({ offline, out, during }: Question): Span[] {
  return [...(offline ? [offline] : []), ...(out ? [{ from: out.from, until: during.until }] : [])];
}

/** Where the journal has left an enrolment; undefined: it knows none of that name. */
export function beginningOf(reader: JournalReader, name: string, agentRuns: boolean): Beginning | undefined {
  const stream = streamOf(name);
  const head = reader.head(stream);
  if (!head) return undefined;
  const snapshot = upcast(head.snapshot as unknown as Snapshot, head.machineVersion);
  return beganWith(reader, { stream, version: head.version, snapshot }, agentRuns);
}

function itemOf(seen: Foreseen, { name, label }: ConfiguredEnrolment, out: Out | null): NextItem {
  const { at, code } = seen;
  // Who is to bring a token for the store runs nothing.
  const bringsOne = code === "token-ends" && seen.rotates && out !== null && at >= out.from && out.run === null;
  const who = bringsOne ? "you" : (BY_OTHERS[code] ?? "dotvault");
  return { ...once(at), name, code, about: aboutOf(seen), who, label, run: runOf(seen, name, out) };
}

/** No agent has seen it yet. */
function newItem({ name, label, alone }: ConfiguredEnrolment, at: number): NextItem {
  const item = { ...once(at), name, about: null, label };
  if (alone) return { ...item, code: "enrol", who: "dotvault", run: null };
  return { ...item, code: "new", who: "you", run: dotvault("enrol", name) };
}

/** An item that comes once. */
export function once(at: number): Pick<NextItem, "at" | "times" | "every"> {
  return { at: new Date(at), times: 1, every: null };
}

const BY_OTHERS: Partial<Record<NextItem["code"], NextItem["who"]>> = {
  ask: "you",
  "token-ends": "service",
  "login-ends": "service",
};

function aboutOf(seen: Foreseen): string | null {
  if (seen.code === "ask") return seen.ask;
  return "step" in seen ? seen.step : null;
}

/** What a token that ends needs is said by the `ask` beside it, or nothing: a rotation comes later. */
function runOf(seen: Foreseen, name: string, out: Out | null): string | null {
  if (seen.code === "ask") return dotvault("enrol", name);
  if (seen.code === "token-ends" && !seen.rotates) return dotvault("enrol", name, "--again");
  if (seen.code === "token-ends" && out !== null && seen.at >= out.from) return out.run;
  return seen.code === "login-ends" ? dotvault("enrol", name) : null;
}

/** What comes again and again is one line. */
export function folded(items: readonly NextItem[]): NextItem[] {
  const kinds = Map.groupBy(items, ({ code, about }) => `${code} ${about}`);
  return [...kinds.values()].flatMap((same) => {
    const [first, second] = same;
    if (!first || !second || same.length < 3) return same;
    const every = second.at.getTime() - first.at.getTime();
    return [{ ...first, times: same.length, every }];
  });
}

/** Of the tokens that end while offline: would it help to renew them now? */
function expiringOf(
  seen: readonly Foreseen[],
  { name }: ConfiguredEnrolment,
  { offline, during, out }: Question,
): Expiring[] {
  if (!offline) return [];
  const isOut = out !== null && out.from <= during.from;
  return seen.flatMap((each): Expiring[] => {
    if (each.code !== "token-ends" || each.at < offline.from || each.at >= offline.until) return [];
    const renewed = each.rotates && each.life !== null && !isOut ? during.from + each.life : null;
    const run = each.rotates ? dotvault("refresh", name) : dotvault("enrol", name, "--again");
    return [
      {
        name,
        at: new Date(each.at),
        renewedUntil: dateOf(renewed),
        helps: renewed !== null && renewed >= offline.until,
        run: each.rotates && isOut ? (out.run ?? run) : run,
      },
    ];
  });
}
