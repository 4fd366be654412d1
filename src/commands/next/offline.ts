import { parseDuration } from "../../config/durations.ts";
import { DotvaultError } from "../../errors.ts";
import type { Span } from "../../machines/forecast/forecast.ts";
import { parseSince } from "../cli/since.ts";

const DAY = 24 * 60 * 60_000;
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/**
 * A time away from the network: `fri..mon` (from the start of the next Friday, or now on a Friday, to the end of the Monday
 * after it), `now..2026-12-01`, `fri 17:00..mon 9:00`, `tomorrow..3d`. Local time. Throws `usage.offline`.
 */
export function parseOffline(text: string, now: number): Span {
  const [begins = "", ends = "", ...more] = text.toLowerCase().split("..");
  if (begins.trim() === "" || ends.trim() === "" || more.length > 0) throw noSpan(text, "is no span of time");
  const begin = edge(begins, now, text).start;
  const from = Math.max(now, begin);
  const end = edge(ends, from, text);
  const until = end.end <= from && end.weekly ? midnight(end.end, 7, timeOfDay(end.end)) : end.end;
  if (until <= begin) throw noSpan(text, "ends before it begins");
  if (until <= now) throw noSpan(text, "is over already");
  return { from, until };
}

interface Edge {
  readonly start: number;
  readonly end: number;
  /** It comes again every week. */
  readonly weekly?: true;
}

const DAY_AND_TIME = /^([a-z]+|\d{4}-\d\d-\d\d)?[ t@]?(\d{1,2}):(\d\d)$/;

/** The first and the last moment of what was named; of days, those that come at or after `now`. */
function edge(named: string, now: number, text: string): Edge {
  const word = named.trim();
  if (word === "now") return at(now);
  const duration = parseDuration(word);
  if (duration.ok && duration.value >= 0) return at(now + duration.value);
  const [, day = "", hours, minutes] = DAY_AND_TIME.exec(word) ?? [];
  if (hours === undefined || minutes === undefined) return dayOf(word, now) ?? at(moment(word, now, text));
  const time = Number(hours) * 60 + Number(minutes);
  if (Number(hours) > 24 || Number(minutes) > 59 || time > 24 * 60) throw noSpan(text, "is no span of time");
  if (day === "") return at([0, 1].map((days) => midnight(now, days, time)).find((each) => each > now) ?? now);
  const { start, weekly } = dayOf(day, now) ?? { start: moment(day, now, text) };
  return { ...at(midnight(start, 0, time)), ...(weekly && { weekly }) };
}

function at(moment: number): Edge {
  return { start: moment, end: moment };
}

/** A day is meant with all of it. */
function dayOf(word: string, now: number): Edge | undefined {
  if (word === "today" || word === "tomorrow") return wholeDay(now, word === "today" ? 0 : 1);
  const weekday = WEEKDAYS.findIndex((name) => word.length >= name.length && FULL[name].startsWith(word));
  if (weekday !== -1) return { ...wholeDay(now, (weekday - new Date(now).getDay() + 7) % 7), weekly: true };
  return /^\d{4}-\d\d-\d\d$/.test(word) ? named(word, now) : undefined;
}

function named(word: string, now: number): Edge | undefined {
  try {
    return wholeDay(parseSince(word, now), 0);
  } catch {
    return undefined;
  }
}

function wholeDay(moment: number, days: number): Edge {
  return { start: midnight(moment, days), end: midnight(moment, days + 1) };
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

/** An RFC 3339 time. */
function moment(word: string, now: number, text: string): number {
  try {
    return parseSince(word.toUpperCase(), now);
  } catch {
    throw noSpan(text, "is no span of time");
  }
}

/** By the calendar: a day need not have 24 hours. @param minutes of that day, by its clock */
function midnight(now: number, days: number, minutes = 0): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, 0, minutes).getTime();
}

function timeOfDay(moment: number): number {
  const date = new Date(moment);
  return date.getHours() * 60 + date.getMinutes();
}

function noSpan(text: string, what: string): DotvaultError {
  return new DotvaultError("usage.offline", `--offline: "${text}" ${what}`, {
    hint: "say from when to when: fri..mon, now..3d, fri 17:00..mon 9:00, 2026-12-24..2026-12-31",
  });
}

/** How far `next` looks ahead: a week, and beyond the time offline. */
export function horizon(now: number, offline: Span | undefined): Span {
  return { from: now, until: Math.max(now + 7 * DAY, offline === undefined ? 0 : offline.until + DAY) };
}
