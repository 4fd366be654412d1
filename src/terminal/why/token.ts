import { happened } from "../log/words.ts";
import { harmless, type Style } from "../style.ts";
import { clock, stamp } from "../times.ts";
import { chainLines, standingWords, verdictLines } from "./lines.ts";
import type { TokenPlace, TokenStory } from "./report.ts";

/** One token's story for people. */
export function tokenText(story: TokenStory, now: Date, style: Style): string {
  const { tokenId, enrolment, standing, machine, chain, superseded, revoked, files, verdict } = story;
  const by = machine === null || machine === "this one" ? "" : `, by ${harmless(machine)}`;
  const word = standingWords(standing, null, now);
  return [
    `${style.bold(`token ${harmless(tokenId)}`)}   of ${harmless(enrolment)}${by}: ${word}`,
    ...chainLines(chain, style),
    ...(superseded === null ? [] : [supersededLine(superseded, style)]),
    ...(revoked === null ? [] : [`  ${style.dim(stamp(revoked.at))}  ${endWords(revoked)}`]),
    ...files.map((place) => placeLine(place, now)),
    ...verdictLines(verdict, style),
    "",
  ].join("\n");
}

function supersededLine({ at, by, because }: NonNullable<TokenStory["superseded"]>, style: Style): string {
  const why = because === null ? "" : ` (${happened(because.event, because.at)})`;
  return `  ${style.dim(stamp(at))}  superseded by ${harmless(by)}${why}`;
}

function endWords({ at, how }: NonNullable<TokenStory["revoked"]>): string {
  return happened({ type: "REVOKED", how }, at);
}

function placeLine({ path, from, until, line }: TokenPlace, now: Date): string {
  const wrote =
    from === null ? [] : [`written ${clock(from, now)}${until === null ? "" : `, until ${clock(until, now)}`}`];
  const left = until === null ? "somebody has changed it since" : "not in it any more";
  return `  ${harmless(path)}: ${[...wrote, line === null ? left : `in line ${line} now`].join("; ")}`;
}
