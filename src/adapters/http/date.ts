/** `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that servers may send (RFC 9110 §5.6.7). */
const imfFixdate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Reads an HTTP-date as milliseconds since the epoch; undefined for anything else. */
export function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined || !imfFixdate.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3) as milliseconds from now: seconds, or an HTTP-date relative to the answer's own
 * `Date`, so that no clock of ours is involved.
 */
export function parseRetryAfter(text: string | undefined, serverTime: number | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = parseHttpDate(text);
  return at === undefined || serverTime === undefined ? undefined : Math.max(0, at - serverTime);
}
