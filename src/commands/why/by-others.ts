import { dotvault } from "../../shell.ts";
import { harmless } from "../../terminal/style.ts";
import { count } from "../../terminal/times.ts";
import { placeOf, tokenWords } from "../../terminal/why/lines.ts";
import type { FileValue, KnownToken, Verdict } from "../../terminal/why/report.ts";
import { notUs, RUN_SYNC, us, verdict } from "./conclusion.ts";
import { type Found, isChanged, isOlder, since, whenWritten } from "./found.ts";

/** Somebody else's doing: theirs is what stands in the file, whatever became of ours. */
export function ofOthers(found: Found): Verdict | undefined {
  const { known, exists, unreadable } = found;
  if (known.value === "stopped") return ofStopped(found);
  if (known.writtenAt === null && known.keys.length === 0) return undefined;
  if (known.value === "cleaned") return undefined;
  const wrote = whenWritten(found);
  if (!exists)
    return notUs("file-gone", `the file was written ${wrote}, and somebody has removed it`, writesAgain(found));
  if (unreadable !== null)
    return isRewritten(unreadable) || known.failure === null ? ofUnreadable(unreadable, wrote) : undefined;
  const changed = found.values.filter(isChanged);
  return changed.length === 0 ? undefined : ofChanged(changed, found);
}

function ofStopped(found: Found): Verdict {
  const { known, rule, now } = found;
  const newer = isOlder(found) ? "; the token that it was written with has been replaced since" : "";
  const text = `by your own word the file is written no more${since(known.answer?.at, now)}${newer}`;
  return notUs("stopped", text, dotvault("file take-back", rule));
}

function ofChanged(changed: readonly FileValue[], found: Found): Verdict {
  const instead = insteadWords(changed, new Date(found.now));
  if (changed.every(({ token }) => isFromLater(token, found))) {
    const text = `the file was written once more, which is not on record${instead}`;
    return us("older-pair", text, found.because ?? RUN_SYNC);
  }
  const kept = keptWords(changed, found);
  const text = `${changedWords(changed)} since it was written ${whenWritten(found)}${instead}${kept}`;
  return notUs("changed-since", text, kept === "" ? writesAgain(found) : dotvault("file take-back", found.rule));
}

function keptWords(changed: readonly FileValue[], { known: { answer, edited } }: Found): string {
  const has = (keys: readonly string[] | undefined) => changed.some(({ pointer }) => keys?.includes(pointer));
  if (has(answer?.keys)) return ", and by your own word it stays so";
  return edited?.kept && has(edited.keys) ? ", and it stays so (on_edit: keep)" : "";
}

/** Issued here after the last write on record: the agent was killed before the next one was. */
function isFromLater(token: KnownToken | null, { secret, known }: Found): boolean {
  return token?.at != null && token.enrolment === secret && token.at.getTime() > (known.writtenAt ?? 0);
}

/** What somebody makes of a file by writing it. */
const REWRITTEN = [
  "files.target-unparsable",
  "files.not-utf8",
  "files.not-a-file",
  "files.too-large",
  "files.encrypted",
];

export function isRewritten({ code }: { readonly code: string }): boolean {
  return REWRITTEN.includes(code);
}

function ofUnreadable(unreadable: NonNullable<Found["unreadable"]>, wrote: string): Verdict {
  const said = harmless(unreadable.message);
  if (isRewritten(unreadable))
    return notUs("changed-since", `somebody has changed the file since it was written ${wrote}: ${said}`, null);
  const text = `the file was written ${wrote}; what stands in it now can't be read: ${said}`;
  return verdict("not-known", null, text, null);
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
