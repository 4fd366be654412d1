import { harmless } from "../style.ts";
import { count, relative } from "../times.ts";
import type { EnrolmentReport, PlatformReport } from "./report.ts";

type Told = Pick<EnrolmentReport, "platforms" | "trust">;

/** What belongs into an enrolment's first line: how many platforms accept its credential, and who vouches for it. */
export function circleAsides({ platforms, trust }: Told): string[] {
  const having = (what: boolean | null) => platforms.filter(({ accepted }) => accepted === what).length;
  const unknown = having(null) === 0 ? "" : `, ${having(null)} not known yet`;
  const beside =
    platforms.length === 0
      ? []
      : [`${having(true)} of ${count(platforms.length, "other platform")} accept it${unknown}`];
  return [...beside, ...(trust?.certificate ? [`vouched for by ${harmless(trust.certificate.name)}`] : [])];
}

/** What is not as it should be, a line each. */
export function circleFootnotes({ platforms, trust }: Told, now: Date): string[][] {
  const unvouched =
    trust !== null && trust.certificate === null ? [harmless(trust.message ?? ""), "nothing is deleted"] : [];
  return [...platforms.flatMap((platform) => platformLines(platform, now)), unvouched];
}

function platformLines({ url, accepted, message, hint, failure, since }: PlatformReport, now: Date): string[][] {
  const hints = hint === null ? [] : [[harmless(hint)]];
  const refusal = accepted === false ? [[`${url}: ${harmless(message ?? "")}`, ...ago(since, now)], ...hints] : [];
  const trouble = failure === null ? [] : [[`another platform: ${harmless(failure.message)}`, "it is tried again"]];
  return [...refusal, ...trouble];
}

function ago(since: Date | null, now: Date): string[] {
  return since === null ? [] : [`since ${relative(since, now)}`.replace(/^since now$/, "just now")];
}
