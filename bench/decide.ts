import { initialSnapshot } from "../src/machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../src/machines/enrolment/events.ts";
import { after, type Standing, step } from "../src/machines/enrolment/step.ts";
import type { Figure } from "./journal.ts";
import { history } from "./support/history.ts";
import { timed } from "./support/numbers.ts";

const subject = { stream: "enrolment/jfrog", origin: "https://mycompany.jfrog.io", label: "dotvault ada@laptop jfrog" };
const rounds = 15;

/** A recorded history, as JSON, through today's machine with all bookkeeping: what `dotvault replay` does per event. */
export async function benchDecide(): Promise<Figure[]> {
  const recorded = history(subject, 1000, Date.UTC(2026, 0)).map(({ event, closes }) => ({
    text: JSON.stringify(event),
    closes,
  }));
  const times = Array.from({ length: rounds }, () => timed(() => replay(recorded)));
  // The one absolute aim: the fastest round is the one that nothing else on the machine got in the way of.
  const rate = (1000 * recorded.length) / Math.min(...times);
  return [{ name: "replay: events through the machine", value: rate, unit: "1/s", aim: "≥ 20,000" }];
}

function replay(recorded: readonly { text: string; closes: string | undefined }[]): Standing {
  let standing: Standing = { stream: subject.stream, version: 0, snapshot: initialSnapshot(), open: [], wakes: [] };
  for (const { text, closes } of recorded) {
    const taken = step(standing, JSON.parse(text) as EnrolmentEvent, closes);
    standing = after(standing, taken, closes);
  }
  return standing;
}
