import { type Flags, zeroPads } from "./flags.ts";
import { formatFloat } from "./floats.ts";
import { formatBinary, formatHexadecimal } from "./hex-floats.ts";
import { isPrintable } from "./quote.ts";

/** Numbers under the verbs of fmt: with sign, prefix and zeros, but not padded with spaces. */

const BASES: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
/** Digits that `#` keeps in the notations that drop zeros, when no precision is given. */
const SHARP_DIGITS = 6;

/** Undefined when the verb is not one for integers (or is `c` or `q`, which make a character). */
export function spellInteger(integer: bigint, verb: string, flags: Flags): string | undefined {
  if (verb === "U") return unicode(integer, flags);
  const base = BASES[verb];
  if (base === undefined) return undefined;
  if (flags.precision === 0 && integer === 0n) return "";
  const sign = signOf(integer < 0n, flags);
  const zeros = flags.precision ?? leadingZeros(sign, flags);
  const digits = (integer < 0n ? -integer : integer).toString(base).padStart(zeros, "0");
  const all = sign + prefix(base, verb, digits, flags) + digits;
  return verb === "X" ? all.toUpperCase() : all;
}

/** Undefined when the verb is not one for floats. */
export function spellFloat(float: number, verb: string, flags: Flags): string | undefined {
  const written = Number.isFinite(float) ? notation(Math.abs(float), verb, flags.precision) : undefined;
  if (written === undefined) return undefined;
  const unsigned = flags.sharp && verb !== "b" ? withPoint(written, verb, flags.precision) : written;
  const sign = signOf(float < 0 || Object.is(float, -0), flags);
  return sign + unsigned.padStart(leadingZeros(sign, flags), "0");
}

/** The code point, or the replacement character for what is none. */
export function toPoint(integer: bigint): number {
  const valid = integer >= 0n && integer <= 0x10ffffn && !(integer >= 0xd800n && integer <= 0xdfffn);
  return valid ? Number(integer) : 0xfffd;
}

function notation(float: number, verb: string, precision: number | undefined): string | undefined {
  switch (verb) {
    case "v":
    case "g":
      return formatFloat(float, "g", precision ?? -1);
    case "G":
      return formatFloat(float, "g", precision ?? -1).toUpperCase();
    case "e":
      return formatFloat(float, "e", precision ?? 6);
    case "E":
      return formatFloat(float, "e", precision ?? 6).toUpperCase();
    case "f":
    case "F":
      return formatFloat(float, "f", precision ?? 6);
    case "b":
      return formatBinary(float);
    case "x":
      return formatHexadecimal(float, precision ?? -1);
    case "X":
      return formatHexadecimal(float, precision ?? -1).toUpperCase();
    default:
      return undefined;
  }
}

/** `#`: a decimal point in any case, and the zeros that `%g` and its like drop. */
function withPoint(written: string, verb: string, precision: number | undefined): string {
  const cut = written.search(/[xX]/.test(verb) ? /[pP]/ : /[eE]/);
  const body = cut < 0 ? written : written.slice(0, cut);
  const tail = cut < 0 ? "" : written.slice(cut);
  const pointed = body.includes(".") ? body : `${body}.`;
  const wanted = "vgGx".includes(verb) ? (precision ?? SHARP_DIGITS) : 0;
  const counted = body === "0" ? 1 : significant(body);
  return pointed + "0".repeat(Math.max(0, wanted - counted)) + tail;
}

/** Characters from the first one that is no zero; Go counts the `x` of a hexadecimal one, too. */
function significant(body: string): number {
  return body.replace(".", "").replace(/^0+/, "").length;
}

function prefix(base: number, verb: string, digits: string, flags: Flags): string {
  if (verb === "O") return "0o";
  if (!flags.sharp) return "";
  if (base === 8) return digits.startsWith("0") ? "" : "0";
  return { 2: "0b", 16: "0x" }[base] ?? "";
}

function unicode(integer: bigint, flags: Flags): string {
  const hex = BigInt.asUintN(64, integer).toString(16).toUpperCase();
  const point = toPoint(integer);
  const shown = flags.sharp && integer === BigInt(point) && isPrintable(String.fromCodePoint(point));
  const character = shown ? ` '${String.fromCodePoint(point)}'` : "";
  return `U+${hex.padStart(Math.max(4, flags.precision ?? 0), "0")}${character}`;
}

function signOf(negative: boolean, flags: Flags): string {
  if (negative) return "-";
  if (flags.plus) return "+";
  return flags.space ? " " : "";
}

function leadingZeros(sign: string, flags: Flags): number {
  return zeroPads(flags) ? (flags.width ?? 0) - sign.length : 0;
}
