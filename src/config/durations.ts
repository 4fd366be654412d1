import { type Parsed, quote } from "./problems.ts";

const unitNanoseconds = new Map<string, bigint>([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);
const dayNanoseconds = 24n * 3_600_000_000_000n;
/** Go's `time.Duration` is an int64 of nanoseconds. */
const largestNanoseconds = 2n ** 63n - 1n;
const longestText = 100;
const unitsHint = "units are ns, us, ms, s, m, h, and whole days as in 30d";
const spelledOut = new Map([
  ["min", "m"],
  ["sec", "s"],
  ["hr", "h"],
  ["hour", "h"],
  ["minute", "m"],
  ["second", "s"],
  ["day", "d"],
]);

/** The pattern of what {@link parseDuration} accepts without a sign, for JSON Schema. */
export const durationPattern = "^([0-9]+d|0|(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$";

/**
 * Reads a duration: Go's `time.ParseDuration` (https://pkg.go.dev/time#ParseDuration: `1h30m`, `1.5h`, `300ms`, `-5m`, `0`),
 * or whole days alone (`30d`). The value is in milliseconds, with a fraction only where finer units were written.
 */
export function parseDuration(text: string): Parsed<number> {
  const written = text.trim();
  if (written === "") return wrong("an empty duration", unitsHint);
  if (written.length > longestText) return wrong(`a duration of more than ${longestText} characters`);
  const [, sign = "", amount = ""] = /^([+-]?)(.*)$/su.exec(written) ?? [];
  const nanoseconds = amount === "0" ? { ok: true as const, value: 0n } : readAmount(amount, written);
  if (!nanoseconds.ok) return nanoseconds;
  if (nanoseconds.value > largestNanoseconds) return wrong(`${quote(written)} is longer than 292 years`);
  return { ok: true, value: milliseconds(sign === "-" ? -nanoseconds.value : nanoseconds.value) };
}

function readAmount(amount: string, written: string): Parsed<bigint> {
  const days = /^(\d+)d$/.exec(amount);
  if (days) return { ok: true, value: BigInt(days[1] ?? "0") * dayNanoseconds };
  if (amount === "") return wrong(`${quote(written)} is not a duration`);
  let total = 0n;
  for (const [part, whole = "", fraction = "", unit = ""] of amount.matchAll(/(\d*)(?:\.(\d*))?([^\d.]*)/gu)) {
    if (part === "") continue;
    if (whole === "" && fraction === "") return wrong(`${quote(written)} is not a duration`, "say 15m, 6h or 30d");
    const scale = unitNanoseconds.get(unit);
    if (scale === undefined) return wrongUnit(unit, amount, written);
    total += BigInt(whole || "0") * scale + (BigInt(fraction || "0") * scale) / 10n ** BigInt(fraction.length);
  }
  return { ok: true, value: total };
}

function wrongUnit(unit: string, amount: string, written: string): Parsed<never> {
  if (unit === "") return wrong(`${quote(written)} has no unit`, "say 900s, 15m, 6h or 30d");
  if (unit === "d")
    return wrong("only whole days alone are understood", "say hours for the rest: 36h instead of 1d12h");
  const meant = spelledOut.get(unit.trim().toLowerCase().replace(/s$/, ""));
  const alone = /^(\d+)\D+$/u.exec(amount)?.[1];
  const nearest = meant !== undefined && alone !== undefined ? { nearest: `${alone}${meant}` } : {};
  return { ok: false, what: `unknown unit ${quote(unit)} in ${quote(written)}`, hint: unitsHint, ...nearest };
}

function wrong(what: string, hint?: string): Parsed<never> {
  return hint === undefined ? { ok: false, what } : { ok: false, what, hint };
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1_000_000;
}
