import type { EnrolmentReport } from "../status/report.ts";
import { harmless } from "../style.ts";
import { count } from "../times.ts";
import type { Because } from "./because.ts";

/** Who, of all that a live credential is for, does not take it, or that nobody vouches for it; null: nothing of the kind is known. */
export function ofCircle({ platforms, trust }: Pick<EnrolmentReport, "platforms" | "trust">): Because | null {
  const [refusing, ...alsoRefusing] = platforms.filter(({ accepted }) => accepted === false);
  if (refusing !== undefined) {
    const text = `${harmless(refusing.url)} does not accept it: ${harmless(refusing.message ?? refusing.reason ?? "")}`;
    return tell("platform-refuses", text + others(alsoRefusing.length), refusing.hint);
  }
  const [away, ...alsoAway] = platforms.filter(({ failure }) => failure !== null);
  if (away !== undefined) {
    const text = `${harmless(away.url)} could not be asked: ${harmless(away.failure?.message ?? "")}`;
    return tell("platform-away", text + others(alsoAway.length), null);
  }
  if (trust === null || trust.certificate !== null || trust.reason === "reference-token") return null;
  return tell("not-vouched", `nobody vouches for it: ${harmless(trust.message ?? trust.reason ?? "")}`, null);
}

function others(more: number): string {
  return more === 0 ? "" : ` (and ${count(more, "other platform")})`;
}

function tell(code: string, text: string, hint: string | null): Because {
  return { code, text, hint: hint === null ? null : harmless(hint), run: null };
}
