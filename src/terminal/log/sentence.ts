import { outcomeWords } from "../unanswered.ts";
import type { Entry } from "./entry.ts";
import { setGoing } from "./next.ts";
import { happened } from "./words.ts";

/** An entry in words: what happened, what came out with it, what it set going. */
export function sentence(entry: Entry): string[] {
  const { event, at, cameOut } = entry;
  return [happened(event, at), ...(cameOut ? [outcomeWords(cameOut.how, cameOut.took)] : []), ...setGoing(entry)];
}
