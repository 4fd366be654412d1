import { parseDuration } from "../../config/durations.ts";
import { DotvaultError } from "../../errors.ts";

/**
 * A point in the past: how long ago (`2h`, `1h30m`, `3d`), a date (its midnight, local time), or an RFC 3339 time.
 * Milliseconds since the epoch. Throws `usage.since`.
 */
export function parseSince(text: string, now: number): number {
  const duration = parseDuration(text);
  if (duration.ok && duration.value >= 0) return now - duration.value;
  const time = parseTime(text.trim());
  if (!Number.isNaN(time)) return time;
  throw new DotvaultError("usage.since", `--since: "${text}" is no time`, {
    hint: "say how long ago (90m, 2h, 3d), a date (2026-11-21), or an RFC 3339 time (2026-11-21T09:40:00Z)",
  });
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function parseTime(text: string): number {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year !== undefined) return midnight(Number(year), Number(month), Number(day));
  return RFC3339.test(text) ? Date.parse(text) : Number.NaN;
}

/** A day that the calendar lacks is none, rather than one of the next month. */
function midnight(year: number, month: number, day: number): number {
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : Number.NaN;
}
