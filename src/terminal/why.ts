import { harmless, type Style } from "./style.ts";
import { count, moment } from "./times.ts";
import { chainLines, placeOf, tokenWords, verdictLines } from "./why/lines.ts";
import type { CredentialStory, FileStory, FileValue, OtherFile, WhyReport } from "./why/report.ts";
import { tokenText } from "./why/token.ts";

const STATES = { ours: "as it was written", changed: "changed by somebody else", gone: "gone", unknown: "" } as const;

/** `why` for people: what is in question, the chain that led to it, the verdict. */
export function whyText(report: WhyReport, style: Style): string {
  const { at, enrolments, tokens, files, others } = report;
  const told = new Set(enrolments.flatMap(({ chain }) => chain.map(({ seq }) => seq)));
  return [
    ...enrolments.map((story) => credentialText(story, at, style)),
    ...tokens.map((story) => tokenText(story, at, style)),
    ...files.map((story) => fileText(story, told, at, style)),
    ...others.map((other) => otherText(other, at, style)),
  ].join("\n");
}

function credentialText(story: CredentialStory, now: Date, style: Style): string {
  const { name, user, chain, storedVersion, store, expiresAt, rotatesAt, verdict } = story;
  const kept = storedVersion === null ? [] : [`version ${storedVersion}${store === null ? "" : ` in ${store}`}`];
  const rotates = rotatesAt === null ? [] : [`rotates ${moment(rotatesAt, now)}`];
  const end = expiresAt === null ? [] : [`${expiresAt > now ? "good until" : "ended"} ${moment(expiresAt, now)}`];
  const facts = [...(user === null ? [] : [`of ${harmless(user)}`]), ...kept, ...end, ...rotates];
  return [
    style.bold(harmless(name)),
    ...chainLines(chain, style),
    ...(facts.length > 0 ? [`  ${facts.join(" · ")}`] : []),
    ...verdictLines(verdict, style),
    "",
  ].join("\n");
}

function fileText(
  { path, rule, values, chain, expiresAt, verdict }: FileStory,
  told: ReadonlySet<number>,
  now: Date,
  style: Style,
): string {
  const isWell = (verdict.code === "not-us" || verdict.code === "not-known") && expiresAt !== null;
  return [
    `${style.bold(harmless(path))}   rule ${harmless(rule)}`,
    ...valueLines(values, now),
    ...chainLines(
      chain.filter(({ seq }) => !told.has(seq)),
      style,
    ),
    ...(isWell ? [`  the token in it is good until ${moment(expiresAt, now)}`] : []),
    ...verdictLines(verdict, style),
    "",
  ].join("\n");
}

/** Those that say something, and how many others are as they should be. */
function valueLines(values: readonly FileValue[], now: Date): string[] {
  const isTold = ({ state, token }: FileValue) => state !== "ours" || token !== null;
  const chosen = values.some(isTold) ? values.filter(isTold) : values.slice(0, 1);
  const width = Math.max(0, ...chosen.map(({ pointer }) => placeOf(pointer).length));
  const rest = values.length - chosen.length;
  return [
    ...chosen.map(({ pointer, line, state, token }) => {
      const at = line ?? (pointer === "" ? token?.line : null);
      const place = at == null ? "" : `line ${at}`;
      const what = token === null ? "" : tokenWords(token, now);
      const said = [STATES[state], what].filter((part) => part !== "").join(": ");
      return `  ${placeOf(pointer).padEnd(width)}  ${place.padEnd(8)}  ${said}`.trimEnd();
    }),
    ...(rest > 0 ? [`  and ${count(rest, "other value")} as ${rest === 1 ? "it was" : "they were"} written`] : []),
  ];
}

function otherText({ path, tokens, verdict }: OtherFile, now: Date, style: Style): string {
  return [
    `${style.bold(harmless(path))}   not written by dotvault`,
    ...tokens.map((token) => `  line ${token.line}  ${tokenWords(token, now)}`),
    ...verdictLines(verdict, style),
    "",
  ].join("\n");
}
