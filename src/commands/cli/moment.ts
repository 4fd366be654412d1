import { DotvaultError } from "../../errors.ts";
import { parseSince } from "./since.ts";

const DAY_AND_TIME = /^(?:(today|yesterday|\d{4}-\d\d-\d\d)(?: |$))?(?:(\d{1,2}):(\d\d)(?::(\d\d))?)?$/;

const DATE = /^\d/;

/**
 * A moment: what `--since` takes, or a day and a time of it (local): `14:05`, `yesterday 14:05`, `2026-11-21 14:05:30`. The
 * minute or second that is named counts as a whole, as far as it has passed. Milliseconds since the epoch. Throws `usage.at`.
 */
export function parseMoment(text: string, now: number): number {
  const [whole, day, hours, minutes, seconds] = DAY_AND_TIME.exec(text.trim()) ?? [];
  if (!whole || hours === undefined) return since(text, now);
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 59) throw noMoment(text);
  const begin = dayOf(day, now).setHours(Number(hours), Number(minutes), Number(seconds ?? 0), 0);
  const end = begin + (seconds === undefined ? 60_000 : 1_000) - 1;
  return begin <= now && now < end ? now : end;
}

function dayOf(day: string | undefined, now: number): Date {
  if (day !== undefined && DATE.test(day)) return new Date(since(day, now));
  const date = new Date(now);
  if (day === "yesterday") date.setDate(date.getDate() - 1);
  return date;
}

function since(text: string, now: number): number {
  try {
    return parseSince(text, now);
  } catch {
    throw noMoment(text);
  }
}

function noMoment(text: string): DotvaultError {
  return new DotvaultError("usage.at", `--at: "${text}" is no moment`, {
    hint: 'say how long ago (2h, 3d), a time (14:05, "yesterday 14:05", "2026-11-21 14:05"), or an RFC 3339 time',
  });
}
