import { second, seconds } from "./times.ts";

/** A rotation that was sent and whose answer was not recorded. */
export interface Unanswered {
  readonly sentAt: Date;
  /** Presentations without an answer. */
  readonly times: number;
}

/** How it came out: `answered`: the same pair, asked again, was rotated. */
export type Outcome = "answered" | "minted" | "adopted" | "gone" | "refused";

/** `a rotation was sent at 14:02:11 and no answer was recorded`. */
export function sentWords({ sentAt, times }: Unanswered, now: Date): string {
  const often = times > 1 ? ` (${times} times)` : "";
  return `a rotation was sent at ${second(sentAt, now)} and no answer was recorded${often}`;
}

const OUTCOMES: { readonly [O in Outcome]: string } = {
  answered: "asked again: the old pair still works, nothing was lost",
  minted: "the old pair was used up, but its access token lives: a new pair was minted with it, nothing was lost",
  adopted: "the store has a newer pair: it is in use now, nothing was lost",
  gone: "the secret is gone from the store meanwhile",
  refused: "asked again: the service refused for good, so the new pair is lost",
};

/** `asked again: the old pair still works, nothing was lost (0.8 s)`; the time is what it took to find out. */
export function outcomeWords(how: Outcome, milliseconds: number): string {
  return `${OUTCOMES[how]} (${seconds(milliseconds)})`;
}
