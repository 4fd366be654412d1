import { parts } from "./hex-floats.ts";

/** Floats as Go's strconv writes them: exact decimals, rounded half to even. */

/** Significant decimal digits without trailing zeros, and the power of ten of the first one. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/** How a float is written: `%e`, `%f` or `%g`. */
export type FloatVerb = "e" | "f" | "g";

const SHORTEST = -1;
/** No float64 has more decimal digits than this; what is asked for beyond is zeros. */
const LONGEST = 1100;
/** Where `%g` turns to an exponent when it writes the shortest form. */
const SHORTEST_LIMIT = 6;

/** @param precision digits after the point (`g`: significant digits); -1 = as many as tell the value apart */
export function formatFloat(value: number, verb: FloatVerb, precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return sign + unsigned(Math.abs(value), verb, precision);
}

function unsigned(value: number, verb: FloatVerb, precision: number): string {
  if (verb === "g") return general(value, precision);
  if (verb === "e") {
    const decimal = precision === SHORTEST ? shortest(value) : rounded(value, precision + 1);
    return scientific(decimal, precision === SHORTEST ? decimal.digits.length - 1 : precision);
  }
  if (precision === SHORTEST) return positional(shortest(value));
  const places = Math.min(precision, LONGEST);
  return withPoint(scaled(value, places), places) + "0".repeat(precision - places);
}

function general(value: number, precision: number): string {
  const short = precision === SHORTEST;
  const wanted = precision === 0 ? 1 : precision;
  const decimal = short ? shortest(value) : rounded(value, wanted);
  const { digits, exponent } = decimal;
  const holds = short ? SHORTEST_LIMIT : generalLimit(digits.length, exponent + 1, wanted);
  if (exponent < -4 || exponent >= holds) return scientific(decimal, digits.length - 1);
  return positional(decimal);
}

function generalLimit(count: number, point: number, precision: number): number {
  return precision > count && count >= point ? count : precision;
}

function shortest(value: number): Decimal {
  return toDecimal(value.toExponential());
}

function toDecimal(exponential: string): Decimal {
  const [mantissa = "0", exponent = "0"] = exponential.split("e");
  return { digits: mantissa.replace(".", "").replace(/(?<=.)0+$/, ""), exponent: Number(exponent) };
}

/** To so many significant digits. */
function rounded(value: number, count: number): Decimal {
  if (value === 0) return { digits: "0", exponent: 0 };
  const wanted = Math.min(count, LONGEST);
  const guess = shortest(value).exponent;
  const first = scaled(value, wanted - 1 - guess).toString();
  const low = first.length < wanted;
  const digits = low ? scaled(value, wanted - guess).toString() : first;
  const exponent = guess + digits.length - wanted - (low ? 1 : 0);
  return { digits: digits.replace(/(?<=.)0+$/, ""), exponent };
}

/** value · 10^places, rounded half to even; `places` may be negative. */
function scaled(value: number, places: number): bigint {
  const { mantissa, power } = parts(value);
  const numerator = mantissa * (power > 0 ? 2n ** BigInt(power) : 1n) * (places > 0 ? 10n ** BigInt(places) : 1n);
  const divisor = (power < 0 ? 2n ** BigInt(-power) : 1n) * (places < 0 ? 10n ** BigInt(-places) : 1n);
  const quotient = numerator / divisor;
  const twice = (numerator % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

function withPoint(amount: bigint, places: number): string {
  if (places === 0) return amount.toString();
  const digits = amount.toString().padStart(places + 1, "0");
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function positional({ digits, exponent }: Decimal): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

function scientific({ digits, exponent }: Decimal, places: number): string {
  const fraction = digits.slice(1).padEnd(places, "0");
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits[0]}${fraction === "" ? "" : `.${fraction}`}e${exponent < 0 ? "-" : "+"}${power}`;
}
