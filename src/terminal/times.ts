/** How times are said to a person: the local clock, and how far away. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
/** A day and month without a year are read as the nearest ones. */
const YEAR_IS_CLEAR = 180 * DAY;

/** Of milliseconds since the epoch, where there are any. */
export function dateOf(time: number | null | undefined): Date | null {
  return time === null || time === undefined ? null : new Date(time);
}

/** `14:20` on the same day, `21 Nov 09:40` near by, `21 Nov 2028` far away; local time. */
export function clock(time: Date, now: Date): string {
  const hours = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (isSameDay(time, now)) return hours;
  return isNear(time, now) ? `${date(time, now)} ${hours}` : date(time, now);
}

/** `14:02:11` on the same day, else with the day before it. */
export function second(time: Date, now: Date): string {
  const exact = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return isSameDay(time, now) ? exact : `${date(time, now)} ${exact}`;
}

/** `12 Dec`; with the year where it is far away. */
export function date(time: Date, now: Date): string {
  return isNear(time, now) ? day(time) : `${day(time)} ${time.getFullYear()}`;
}

/** `21 Nov 09:40:07`, for lists in which every second counts. */
export function stamp(time: Date): string {
  const date = day(time).padStart(6);
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** `42 s`, `6 min`, `5 h`, `28 d`: one unit, rounded; days from two on. */
export function span(milliseconds: number): string {
  const length = Math.abs(milliseconds);
  if (Math.round(length / SECOND) < 60) return `${Math.round(length / SECOND)} s`;
  if (Math.round(length / MINUTE) < 60) return `${Math.round(length / MINUTE)} min`;
  if (Math.round(length / HOUR) < 48) return `${Math.round(length / HOUR)} h`;
  return `${Math.round(length / DAY)} d`;
}

/** `0.8 s` where tenths count, else as {@link span}. */
export function seconds(milliseconds: number): string {
  return milliseconds < 10 * SECOND ? `${(Math.max(0, milliseconds) / SECOND).toFixed(1)} s` : span(milliseconds);
}

/** `in 6 min`, `3 h ago`, `now`. */
export function relative(time: Date, now: Date): string {
  const away = time.getTime() - now.getTime();
  if (Math.abs(away) < SECOND / 2) return "now";
  return away > 0 ? `in ${span(away)}` : `${span(away)} ago`;
}

/** `14:20 (in 6 min)`. */
export function moment(time: Date, now: Date): string {
  return `${clock(time, now)} (${relative(time, now)})`;
}

/** `4:12`, a countdown. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / SECOND));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** `1st`, `2nd`, `3rd`, `4th`, `11th`. */
export function ordinal(count: number): string {
  const teen = count % 100 >= 11 && count % 100 <= 13;
  const ending = teen ? undefined : ["th", "st", "nd", "rd"][count % 10];
  return `${count}${ending ?? "th"}`;
}

/** `1 file`, `2 files`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function isSameDay(time: Date, now: Date): boolean {
  return day(time) === day(now) && time.getFullYear() === now.getFullYear();
}

function isNear(time: Date, now: Date): boolean {
  return Math.abs(time.getTime() - now.getTime()) < YEAR_IS_CLEAR;
}

function day(time: Date): string {
  return `${time.getDate()} ${MONTHS[time.getMonth()]}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
