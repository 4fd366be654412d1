import type { RuleSnapshot } from "../../machines/rule/rule.ts";
import { harmless } from "../../terminal/style.ts";
import { count, moment } from "../../terminal/times.ts";
import type { Because } from "../../terminal/why/because.ts";
import { placeOf, tokenWords } from "../../terminal/why/lines.ts";
import type { FileValue, Verdict } from "../../terminal/why/report.ts";

/** What was found out about a file. */
export interface Found {
  readonly rule: string;
  readonly known: RuleSnapshot;
  readonly exists: boolean;
  /** Why it can't be read, if it can't. */
  readonly unreadable: { readonly code: string; readonly message: string } | null;
  readonly values: readonly FileValue[];
  /** Digest of the pair that was written; null where the secret is no enrolment's. */
  readonly pair: string | null;
  /** It renders an enrolment's credential. */
  readonly ofEnrolment: boolean;
  /** Of the enrolment's pair now; null: it has none. */
  readonly current: string | null;
  readonly expiresAt: number | null;
  /** What stands in the way of a newer credential. */
  readonly because: Because | null;
  /** Others may have changed the store, and nobody looks at it. */
  readonly isBlind: boolean;
  readonly now: number;
}

/** Whose doing it is that the file is as it is. Pure; the first that holds. */
export function judge(found: Found): Verdict {
  return ofOthers(found) ?? ofWriting(found) ?? ofCredential(found) ?? ofDoubt(found) ?? wellDone(found);
}

/** Somebody else's doing: theirs is what stands in the file, whatever became of ours. */
function ofOthers(found: Found): Verdict | undefined {
  const { known, exists, unreadable, rule, now } = found;
  if (known.value === "stopped") {
    const newer = isOlder(found) ? "; the token that it was written with has been replaced since" : "";
    const text = `by your own word the file is written no more${since(known.answer?.at, now)}${newer}`;
    return notUs("stopped", text, `dotvault file take-back ${rule}`);
  }
  if (known.writtenAt === null && known.keys.length === 0) return undefined;
  if (known.value === "cleaned") return undefined;
  const [wrote, again] = [whenWritten(found), writesAgain(found)];
  if (!exists) return notUs("file-gone", `the file was written ${wrote}, and somebody has removed it`, again);
  if (unreadable !== null) return ofUnreadable(unreadable, wrote);
  const changed = found.values.filter(({ state }) => state === "changed" || state === "gone");
  if (changed.length === 0) return undefined;
  const kept = changed.some(({ pointer }) => known.answer?.keys.includes(pointer))
    ? ", and by your own word it stays so"
    : "";
  const instead = insteadWords(changed, new Date(now));
  const text = `${changedWords(changed)} since it was written ${wrote}${instead}${kept}`;
  return notUs("changed-since", text, kept === "" ? again : `dotvault file take-back ${rule}`);
}

/** What somebody makes of a file by writing it. */
const REWRITTEN = [
  "files.target-unparsable",
  "files.not-utf8",
  "files.not-a-file",
  "files.too-large",
  "files.encrypted",
];

function ofUnreadable({ code, message }: NonNullable<Found["unreadable"]>, wrote: string): Verdict {
  const said = harmless(message);
  if (REWRITTEN.includes(code))
    return notUs("changed-since", `somebody has changed the file since it was written ${wrote}: ${said}`, null);
  const text = `the file was written ${wrote}; what stands in it now can't be read: ${said}`;
  return verdict("not-known", null, text, null);
}

/** It was never written, or not any more. */
function ofWriting(found: Found): Verdict | undefined {
  const { known, now, because } = found;
  const { failure } = known;
  if (failure !== null) {
    const at = since(failure.since, now);
    const newer = isOlder(found) ? ", so the newest token is not in it" : "";
    const text = `the file could not be written${at}${newer}: ${harmless(failure.message)}`;
    return us("not-written", text, { code: failure.code, text: "", hint: failure.hint, run: "dotvault sync" });
  }
  if (known.value === "cleaned")
    return us("cleaned", `what dotvault wrote was taken out again${ends(because)}`, because);
  if (known.writtenAt === null && known.keys.length === 0)
    return us("never-written", `nothing was ever written here${ends(because)}`, because ?? RUN_STATUS);
  if (known.value !== "missing") return undefined;
  const text = `the secret ${harmless(known.secret ?? "")} is gone from the store${since(known.missingSince, now)}; the file holds the last one`;
  return us("secret-gone", text, because);
}

/** The credential in it is not, or not any more, the one that should be. */
function ofCredential(found: Found): Verdict | undefined {
  const { pair, current, ofEnrolment, expiresAt, because, now } = found;
  if (!ofEnrolment || pair === null) return undefined;
  const wrote = whenWritten(found);
  if (current === null) return us("ended", `the token in the file, written ${wrote}, is over${ends(because)}`, because);
  if (isOlder(found)) {
    const why = because === null ? "" : `, and it is not in the file yet${ends(because)}`;
    return us("older-pair", `there is a newer token than the one written ${wrote}${why}`, because ?? RUN_SYNC);
  }
  if (expiresAt !== null && expiresAt <= now) {
    const when = moment(new Date(expiresAt), new Date(now));
    const why = because === null ? ", and there is no newer one" : ` and was not replaced${ends(because)}`;
    return us("expired", `the token expired ${when}${why}`, because ?? RUN_STATUS);
  }
  if (because !== null && OVERTAKEN.includes(because.code)) {
    const text = `the file holds the token written ${wrote}, which may be over: ${because.text}`;
    return us(because.code, text, because);
  }
  return undefined;
}

/** There may be a newer pair than the one in use here. */
const OVERTAKEN = ["in-doubt", "held-elsewhere"];

/** What can't be told from here. */
function ofDoubt(found: Found): Verdict | undefined {
  const { values, because, isBlind, pair, ofEnrolment } = found;
  const wrote = whenWritten(found);
  if (values.some(({ state }) => state === "unknown"))
    return verdict(
      "not-known",
      null,
      `the file was written ${wrote}; whether somebody changed it since is not on record`,
      null,
    );
  if (ofEnrolment && pair === null) {
    const text = "the file was found as the rule wants it, before dotvault had ever written it";
    return verdict("not-known", null, text, null);
  }
  if (!isBlind) return undefined;
  const text = `as far as is known here it is not us: the file holds the newest token, written ${wrote}, untouched since; but${ends(because).replace(/^, because/, "")}, and others may have replaced it`;
  return verdict("not-known", null, text, because);
}

/** The service may have ended it by itself, which only it can tell. */
function wellDone(found: Found): Verdict {
  const { pair, known } = found;
  const secret = known.secret === null ? "what its template says" : "what the secret holds";
  const what = pair === null ? secret : "the live token";
  const text = `so it is not us: the file holds ${what}, written ${whenWritten(found)}, untouched since`;
  const ask = pair === null ? null : "is it refused all the same? the service tells why: dotvault doctor";
  return { code: "not-us", ours: false, text, because: null, hint: ask, run: null };
}

function isOlder({ pair, current }: Found): boolean {
  return pair !== null && current !== null && pair !== current;
}

function whenWritten({ known, now }: Found): string {
  return known.writtenAt === null ? "earlier" : moment(new Date(known.writtenAt), new Date(now));
}

function since(at: number | null | undefined, now: number): string {
  return at == null ? "" : ` since ${moment(new Date(at), new Date(now))}`;
}

function ends(because: Because | null): string {
  return because === null ? "" : `, because ${because.text}`;
}

function changedWords(changed: readonly FileValue[]): string {
  const first = changed.find(({ token }) => token !== null) ?? changed[0];
  const place = first?.line == null ? "" : ` (line ${first.line})`;
  const more = changed.length > 1 ? ` and ${count(changed.length - 1, "other value")}` : "";
  return `somebody has ${first?.state === "gone" ? "taken out" : "changed"} ${placeOf(first?.pointer ?? "")}${place}${more}`;
}

/** Which token stands there instead. */
function insteadWords(changed: readonly FileValue[], now: Date): string {
  const token = changed.find((value) => value.token?.enrolment != null)?.token;
  return token == null ? "" : `: ${tokenWords(token, now)}, stands there now`;
}

/** A sync is the agent for a moment, so that one is missing is no hindrance. */
function writesAgain({ because }: Found): string {
  return because === null || because.run === null || because.code === "no-agent" ? "dotvault sync" : because.run;
}

const RUN_STATUS = { code: "status", text: "", hint: null, run: "dotvault status" } as const;
const RUN_SYNC = { ...RUN_STATUS, code: "sync", run: "dotvault sync" };
const MADE_UP: readonly string[] = [RUN_STATUS.code, RUN_SYNC.code];

/** Not dotvault's fault, and yet not in a file as it should be. */
const WHOSE: Readonly<Record<string, string>> = {
  refused: "the service",
  "un-enrolled": "your own word",
  paused: "the configuration",
  "no-session": "the login to Vault",
};

function us(code: string, text: string, because: Because | null): Verdict {
  return verdict(code, true, `so it is ${WHOSE[because?.code ?? ""] ?? "us"}: ${text}`, because);
}

function notUs(code: string, text: string, run: string | null): Verdict {
  return { code, ours: false, text: `so it is not us: ${text}`, because: null, hint: null, run };
}

function verdict(code: string, ours: boolean | null, text: string, because: Because | null): Verdict {
  const name = because === null || MADE_UP.includes(because.code) ? null : because.code;
  return { code, ours, text, because: name, hint: because?.hint ?? null, run: because?.run ?? null };
}

/** How a credential by itself stands. Pure. */
export function judgeCredential(
  { because, expiresAt, exists, now }: Pick<Found, "because" | "expiresAt" | "now" | "exists">,
  isBlind: boolean,
): Verdict {
  if (!exists) return us("none", `there is no credential${ends(because)}`, because ?? RUN_STATUS);
  const end = expiresAt === null ? "it never expires" : moment(new Date(expiresAt), new Date(now));
  if (expiresAt !== null && expiresAt <= now)
    return us(
      "expired",
      `the token expired ${end}${ends(because) || ", and there is no newer one"}`,
      because ?? RUN_STATUS,
    );
  if (because !== null && OVERTAKEN.includes(because.code))
    return us(because.code, `the token may be over: ${because.text}`, because);
  if (isBlind && because !== null) {
    const text = `as far as is known here it is not us: the token is live; but ${because.text}, and others may have replaced it`;
    return verdict("not-known", null, text, because);
  }
  const later =
    because === null || because.code === "under-way" ? "" : `; it is not replaced when its time comes${ends(because)}`;
  return { ...notUs("not-us", `the token is live${later}`, because?.run ?? null), because: because?.code ?? null };
}
