import { dotvault } from "../../shell.ts";
import { harmless } from "../style.ts";
import type { EnrolmentReport, TermsReport } from "./report.ts";

/** Where the configuration wants a credential to be another than the one in use: it was changed since, or not granted. */
export function termsFootnotes({ name, terms, notices }: EnrolmentReport): string[][] {
  // What was not granted is told as a notice already.
  if (terms === null || notices.some((notice) => notice.startsWith("asked for the "))) return [];
  const help =
    terms.changesWith === "rotation"
      ? `it changes with the next rotation; at once: ${dotvault("refresh", name)}`
      : `run: ${dotvault("enrol", name, "--again")}`;
  return differences(terms).map((what) => [`note: ${what}`, help]);
}

/** `scope: the configuration asks for …, this token has …`. */
export function differences({ asked, granted }: Pick<TermsReport, "asked" | "granted">): string[] {
  return (["scope", "audience"] as const).flatMap((term) => {
    const [wanted, given] = [asked[term], granted[term]];
    if (wanted === null || given === null || wanted === given) return [];
    return [`${term}: the configuration asks for ${harmless(wanted)}, this token has ${harmless(given)}`];
  });
}
