import { harmless } from "../style.ts";
import { count, relative, span } from "../times.ts";
import { outcomeWords, sentWords } from "../unanswered.ts";
import { circleAsides, circleFootnotes } from "./circle.ts";
import type { EnrolmentReport } from "./report.ts";
import { SITUATIONS } from "./situations.ts";
import { life, said, type Telling, type Told, tellRetry } from "./telling.ts";
import { termsFootnotes } from "./terms.ts";

type Enrolment = EnrolmentReport;

/** What `status` says of an enrolment. The first line stands beside its name. */
export function tellEnrolment(enrolment: Enrolment, telling: Telling): Told {
  const { word, first, more = [] } = SITUATIONS[enrolment.situation](enrolment, telling);
  const { retries } = enrolment;
  const retried = retries.filter(({ step }) => !CLEANING.includes(step)).flatMap((retry) => tellRetry(retry, telling));
  const head = retried.length > 0 ? [...retried, ...life(enrolment, telling)] : first;
  const last = [...(more.at(-1) ?? []), ...helped(enrolment)];
  const lines = [[...head, ...asides(enrolment)], ...more.slice(0, -1), ...footnotes(enrolment, telling), last];
  return { word, lines: lines.filter((line) => line.length > 0) };
}

/** Steps that go on behind an enrolment that is well. */
const CLEANING = ["revoke", "sweep", "release", "notify"];

/** What else belongs into the first line. */
function asides(enrolment: Enrolment): string[] {
  const { situation, files, cleanups } = enrolment;
  const written = situation === "active" && files.length > 0 ? [count(files.length, "file")] : [];
  const old = cleanups.length > 0 ? [`${count(cleanups.length, "old token")} still to be revoked`] : [];
  return [...written, ...circleAsides(enrolment), ...old];
}

function footnotes(enrolment: Enrolment, telling: Telling): string[][] {
  const { retries, clockSkewSeconds: skew, notices, stranger } = enrolment;
  const cleaning = retries.filter(({ step }) => CLEANING.includes(step));
  return [
    ...cleaning.map((retry) => [`revoking: ${tellRetry(retry, telling).join(" · ")}`]),
    ...outcomeTold(enrolment, telling),
    ...(skew === null ? [] : [[skewWords(enrolment.label, skew)]]),
    ...(stranger === null ? [] : strangerWords(stranger, telling)),
    ...circleFootnotes(enrolment, telling.now),
    ...termsFootnotes(enrolment),
    ...notices.map((notice) => [`note: ${harmless(notice)}`]),
  ];
}

function strangerWords({ did, version, since }: NonNullable<Enrolment["stranger"]>, { now }: Telling): string[][] {
  return [
    [
      `note: version ${version} was ${did} without the lease ${relative(since, now)}, by hand or by a program that knows none`,
    ],
    ["such a one (the dotvault in Go, say) may use up or remove the token of all machines: run one of them only"],
  ];
}

function skewWords(label: string, skew: number): string {
  const direction = skew > 0 ? "behind" : "ahead of";
  return `this machine's clock is ${span(skew * 1000)} ${direction} ${label}'s; reckoned with`;
}

function helped({ ask, run }: Enrolment): string[] {
  return [...said(ask?.hint), ...(run === null ? [] : [`run: ${run}`])];
}

/** How one without an answer came out is told for a day. */
const OUTCOME_TOLD = 24 * 60 * 60_000;

function outcomeTold({ unanswered }: Enrolment, { now }: Telling): string[][] {
  const { outcome, outcomeAt, lostAt } = unanswered ?? {};
  if (!unanswered || !outcome || !outcomeAt || !lostAt) return [];
  if (now.getTime() - outcomeAt.getTime() > OUTCOME_TOLD) return [];
  const came = outcomeWords(outcome, outcomeAt.getTime() - lostAt.getTime());
  return [[sentWords(unanswered, now)], [came]];
}
