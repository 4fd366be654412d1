import { parseDuration } from "../../config/durations.ts";
import { DotvaultError } from "../../errors.ts";
import type { Span } from "../../machines/forecast/forecast.ts";
import { parseSince } from "../since.ts";

const DAY = 24 * 60 * 60_000;
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/**
 * A time away from the network: `fri..mon` (from the start of the next Friday, or now on a Friday, to the end of the Monday
 * after it), `now..2026-12-01`, `tomorrow..3d`. Local time. Throws `usage.offline`.
 */
export function parseOffline(text: string, now: number): Span {
  const [begins = "", ends = "", ...more] = text.toLowerCase().split("..");
  if (ends === "" || more.length > 0) throw noSpan(text);
  const from = Math.max(now, edge(begins, now, text).start);
  const until = edge(ends, from, text).end;
  if (until <= from) throw noSpan(text);
  return { from, until };
}

/** The first and the last moment of what was named; of days, those that come at or after `now`. */
function edge(named: string, now: number, text: string): { readonly start: number; readonly end: number } {
  const word = named.trim();
  if (word === "now") return { start: now, end: now };
  const days = daysUntil(word, now);
  if (days !== undefined) return { start: midnight(now, days), end: midnight(now, days + 1) };
  const duration = parseDuration(word);
  if (duration.ok && duration.value >= 0) return { start: now + duration.value, end: now + duration.value };
  return date(word, now, text);
}

function daysUntil(word: string, now: number): number | undefined {
  if (word === "today" || word === "tomorrow") return word === "today" ? 0 : 1;
  const weekday = WEEKDAYS.findIndex((name) => word.length >= name.length && FULL[name].startsWith(word));
  return weekday === -1 ? undefined : (weekday - new Date(now).getDay() + 7) % 7;
}

const FULL = {
  sun: "sunday",
  mon: "monday",
  tue: "tuesday",
  wed: "wednesday",
  thu: "thursday",
  fri: "friday",
  sat: "saturday",
} as const;

/** A day is meant with all of it, a time as it stands. */
function date(word: string, now: number, text: string): { readonly start: number; readonly end: number } {
  try {
    const start = parseSince(word.toUpperCase(), now);
    return { start, end: /^\d{4}-\d\d-\d\d$/.test(word) ? midnight(start, 1) : start };
  } catch {
    throw noSpan(text);
  }
}

/** By the calendar: a day need not have 24 hours. */
function midnight(now: number, days: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

function noSpan(text: string): DotvaultError {
  return new DotvaultError("usage.offline", `--offline: "${text}" is no span of time`, {
    hint: "say from when to when: fri..mon, now..3d, 2026-12-24..2026-12-31",
  });
}

/** How far `next` looks ahead: a week, and beyond the time offline. */
export function horizon(now: number, offline: Span | undefined): Span {
  return { from: now, until: Math.max(now + 7 * DAY, offline === undefined ? 0 : offline.until + DAY) };
}
