import { type JournalOptions, openJournal } from "../../src/journal/journal.ts";
import type { Append } from "../../src/journal/port.ts";
import { foldRule, initialRule, type RuleEvent } from "../../src/machines/rule/rule.ts";
import { intent } from "./journal.ts";

/** What is written, in order: an append, or a compaction of what is older than a moment. */
export type Step = { readonly append: Append } | { readonly compact: number };

const BEGIN = 1_795_000_000_000;

/** The time of a step; the clock is set back by some seconds now and then, and stands still at times. */
function timeOf(step: number): number {
  const [round, within] = [Math.floor(step / 12), step % 12];
  return BEGIN + 60_000 * step - (within === 7 ? 150_000 : 0) - (within === 9 ? 60_000 : 0) - 1000 * round;
}

/**
 * Two streams, of which one goes on: what it stands on is kept every few events, also where something is open. The other one
 * rests when the first compaction comes.
 */
export function keptLife(): Step[] {
  const [going, resting] = [lifeOf("rule/going"), lifeOf("rule/resting")];
  const first = Array.from({ length: 34 }, (_, step) => (step % 4 === 3 ? resting(step) : going(step)));
  const second = Array.from({ length: 14 }, (_, step) => going(34 + step));
  return [...first, { compact: timeOf(33) }, ...second, { compact: timeOf(40) }, going(48)];
}

function lifeOf(stream: string): (step: number) => Step {
  let snapshot = initialRule;
  let version = 0;
  return (step) => {
    const at = timeOf(step);
    const event = { type: "FILE_FAILED", at, path: "/f", code: `c${step}`, message: "m", hint: "h" } as RuleEvent;
    snapshot = foldRule(snapshot, event) ?? snapshot;
    const base = { stream, expectedVersion: version, machineVersion: 1, state: snapshot.value };
    return { append: { ...base, event, snapshot, ...besides(stream, version++) } as unknown as Append };
  };
}

/** Something is open after two of three events; a wake is set anew by each fourth. */
function besides(stream: string, version: number): Partial<Append> {
  const opened = version % 3 === 0 ? { intents: [intent(`${stream} ${version}`)] } : {};
  const closed = version % 3 === 2 ? { closes: `${stream} ${version - 2}` } : {};
  return { ...opened, ...closed, ...(version % 4 === 0 ? { wakes: [{ name: "due", at: 10 + version }] } : {}) };
}

/** Opens a journal by the clock of the life; `take` takes a step of it, at the version that the stream is at. */
export function openLife(options: Omit<JournalOptions, "clock">, from = 0) {
  let now = keptLife()
    .slice(0, from)
    .reduce((at, step) => ("append" in step ? step.append.event.at : at), 0);
  const journal = openJournal({ ...options, clock: () => now });
  const take = (step: Step) => {
    if ("compact" in step) return void journal.compact(step.compact);
    now = step.append.event.at;
    journal.append(step.append);
  };
  return { journal, take };
}
