import type { RuleSnapshot } from "../../machines/rule/rule.ts";
import { count, moment } from "../../terminal/times.ts";
import type { FileValue, Verdict } from "../../terminal/why.ts";

/** What was found out about a file. */
export interface Found {
  readonly known: RuleSnapshot;
  readonly exists: boolean;
  /** Why it can't be read, if it can't. */
  readonly unreadable: string | null;
  readonly values: readonly FileValue[];
  /** Digest of the pair that was written; null where the secret is no enrolment's. */
  readonly pair: string | null;
  /** Of the enrolment's pair now. */
  readonly current: string | null;
  readonly expiresAt: number | null;
  readonly now: number;
}

/** Whose doing it is that the file is as it is. Pure; the first that holds. */
export function judge(found: Found): Verdict {
  const { known, exists, unreadable, now } = found;
  const at = new Date(now);
  const written = known.writtenAt === null ? "" : moment(new Date(known.writtenAt), at);
  if (known.failure !== null) {
    const since = moment(new Date(known.failure.since), at);
    return us(
      "not-written",
      `so it is us: the file could not be written since ${since}: ${known.failure.message}`,
      "dotvault sync",
    );
  }
  if (known.value === "stopped") {
    const said = known.answer === null ? "" : ` since ${moment(new Date(known.answer.at), at)}`;
    return them(
      "stopped",
      `so it is not us: by your own word the file is written no more${said}`,
      "dotvault file take-back",
    );
  }
  if (unreadable !== null) return us("not-written", `so it is the file: ${unreadable}`, null);
  if (known.writtenAt === null)
    return us("never-written", "so it is us: nothing was ever written here", "dotvault status");
  if (!exists)
    return them(
      "file-gone",
      `so it is not us: the file was written ${written}, and somebody has removed it`,
      "dotvault sync",
    );
  const changed = found.values.filter(({ state }) => state === "changed" || state === "gone");
  if (changed.length > 0)
    return them(
      "changed-since",
      `so it is not us: ${changedWords(changed)} since it was written ${written}`,
      "dotvault sync",
    );
  return judgePair(found, written, at);
}

function judgePair({ pair, current, expiresAt, values, now }: Found, written: string, at: Date): Verdict {
  if (pair !== null && current !== null && pair !== current) {
    return us("older-pair", `so it is us: there is a newer token than the one written ${written}`, "dotvault sync");
  }
  if (expiresAt !== null && expiresAt <= now) {
    return us(
      "expired",
      `so it is us: the token expired ${moment(new Date(expiresAt), at)}, and there is no newer one`,
      "dotvault status",
    );
  }
  if (values.some(({ state }) => state === "unknown")) {
    return {
      code: "not-known",
      ours: false,
      text: `the file was written ${written}; whether somebody changed it since is not on record`,
      run: null,
    };
  }
  const what = pair === null ? "what the secret held" : "the live token";
  return them("not-us", `so it is not us: the file holds ${what}, written ${written}, untouched since`, null);
}

function changedWords(changed: readonly FileValue[]): string {
  const [first] = changed;
  const place = first?.line == null ? "" : ` (line ${first.line})`;
  const more = changed.length > 1 ? ` and ${count(changed.length - 1, "other value")}` : "";
  const what = first?.state === "gone" ? "taken out" : "changed";
  return `somebody has ${what} ${first?.pointer || "it"}${place}${more}`;
}

function us(code: Verdict["code"], text: string, run: string | null): Verdict {
  return { code, ours: true, text, run };
}

function them(code: Verdict["code"], text: string, run: string | null): Verdict {
  return { code, ours: false, text, run };
}
