import { happened } from "../log/words.ts";
import { harmless, type Style } from "../style.ts";
import { clock, count, stamp } from "../times.ts";
import { outcomeWords } from "../unanswered.ts";
import type { Cause, KnownToken, Verdict } from "./report.ts";

const STANDING: Readonly<Record<string, (when: string) => string>> = {
  "in-use": () => "in use",
  "to-be-revoked": (when) => `replaced${when}, being revoked`,
  revoked: (when) => `revoked${when}`,
  expired: (when) => `expired${when}`,
  "rotated-away": (when) => `rotated away${when}`,
  refused: (when) => `refused for good${when}`,
  "never-revoked": (when) => (when === "" ? "not in use any more" : `replaced${when}, never revoked`),
  elsewhere: () => "another machine's",
};

/** How a token stands, in the middle of a sentence; `since`: since when it is over. */
export function standingWords(standing: string | null, since: Date | null, now: Date): string {
  const words = STANDING[standing ?? ""];
  return words === undefined ? harmless(standing ?? "") : words(since === null ? "" : ` ${clock(since, now)}`);
}

/** A pointer as a person reads it: `//host/:_authToken` is one key, not a path. */
export function placeOf(pointer: string): string {
  if (pointer === "") return "(all of it)";
  if (!/~[01]/.test(pointer)) return harmless(pointer);
  const parts = pointer.split("/").filter((part) => part !== "");
  return harmless(parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")).join(" › "));
}

/** `a token of jfrog, rotated away 09:56`. */
export function tokenWords({ tokenId, enrolment, standing, since }: KnownToken, now: Date): string {
  if (enrolment === null) return `token ${harmless(tokenId)}, which dotvault does not know`;
  return `${harmless(enrolment)}'s token ${short(tokenId)}, ${standingWords(standing, since, now)}`;
}

function short(tokenId: string): string {
  return harmless(tokenId.length > 12 ? `${tokenId.slice(0, 8)}…` : tokenId);
}

/** Between the beginning and the end of a long story only the ends count. */
const LONGEST = 12;

export function chainLines(chain: readonly Cause[], style: Style): string[] {
  const lines = chain.map(({ at, event, cameOut }) => {
    const came = cameOut === null ? "" : `; ${outcomeWords(cameOut.how, cameOut.took)}`;
    return `  ${style.dim(stamp(at))}  ${happened(event, at)}${came}`;
  });
  if (lines.length <= LONGEST) return lines;
  const left = lines.length - LONGEST + 1;
  return [...lines.slice(0, 4), `  ${style.dim("┆")} ${count(left, "more event")}`, ...lines.slice(4 - LONGEST + 1)];
}

export function verdictLines({ ours, text, hint, run }: Verdict, style: Style): string[] {
  const glyph = ours === null ? style.yellow("!") : (ours && style.red("✗")) || style.green("✓");
  const said = hint === null ? [] : [`  ${harmless(hint)}`];
  return [`${glyph} ${harmless(text)}`, ...said, ...(run === null ? [] : [`  run: ${run}`])];
}
