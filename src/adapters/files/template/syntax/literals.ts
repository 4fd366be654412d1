import { quote } from "../values/quote.ts";

/** A literal that Go would refuse; the message is Go's own. */
export class BadLiteral extends Error {}

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;
const INTEGER = /^([+-]?)(0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;
const DECIMAL = /^[+-]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]_?([\da-fA-F_]*)\.?([\da-fA-F_]*)[pP]([+-]?\d[\d_]*)$/;

/**
 * A number as Go types an untyped constant: `bigint` is an int, `number` a float64, `"overflow"` an integer between int
 * and uint64, which Go accepts until it is used.
 */
export function parseNumber(text: string): bigint | number | "overflow" {
  const integer = parseInteger(text);
  if (integer !== undefined) {
    if (integer > MAX_UINT || integer < MIN_INT) throw new BadLiteral(`integer overflow: ${quote(text)}`);
    return integer > MAX_INT ? "overflow" : integer;
  }
  if (text.endsWith("i")) throw new BadLiteral(`complex numbers are not supported: ${text}`);
  const float = parseFloat64(text);
  if (float === undefined) throw new BadLiteral(`illegal number syntax: ${quote(text)}`);
  if (!/[.eEpP]/.test(text)) throw new BadLiteral(`integer overflow: ${quote(text)}`);
  return float;
}

function parseInteger(text: string): bigint | undefined {
  const [, sign, digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const plain = digits.replaceAll("_", "");
  const value = BigInt(/^0\d/.test(plain) ? `0o${plain.slice(1)}` : plain);
  return sign === "-" ? -value : value;
}

function parseFloat64(text: string): number | undefined {
  const value = DECIMAL.test(text) ? Number(text.replaceAll("_", "")) : parseHexFloat(text);
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}

/** `0x1.8p3`. */
function parseHexFloat(text: string): number | undefined {
  const [, sign, whole, fraction, exponent] = HEXADECIMAL.exec(text) ?? [];
  if (whole === undefined || fraction === undefined || exponent === undefined) return undefined;
  const digits = (whole + fraction).replaceAll("_", "");
  if (digits === "" || digits.length > 13) return undefined;
  const scale = Number(exponent.replaceAll("_", "")) - 4 * fraction.replaceAll("_", "").length;
  return (sign === "-" ? -1 : 1) * Number(`0x${digits}`) * 2 ** scale;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92 };
const ESCAPE = /\\(?:([abfnrtv\\'"])|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3}))/y;

/** A code point, or one byte (`\xff`, `\377`) of a text in UTF-8. */
type Unit = { readonly code: number; readonly byte: boolean; readonly end: number };

/** The text of a `"…"` or `` `…` `` literal. */
export function unquote(literal: string): string {
  const body = literal.slice(1, -1);
  if (literal.startsWith("`")) return body.replaceAll("\r", "");
  if (!body.includes("\\")) return body;
  const bytes: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const unit = readUnit(body, at, '"');
    bytes.push(unit.byte ? Buffer.of(unit.code) : Buffer.from(String.fromCodePoint(unit.code)));
    at = unit.end;
  }
  return decode(Buffer.concat(bytes));
}

/** The code point of a `'…'` literal. */
export function unquoteCharacter(literal: string): bigint {
  const body = literal.slice(1, -1);
  if (body === "" || body === "'") throw new BadLiteral("invalid syntax");
  const unit = readUnit(body, 0, "'");
  if (unit.end !== body.length) throw new BadLiteral(`malformed character constant: ${literal}`);
  return BigInt(unit.code);
}

function readUnit(text: string, at: number, mark: string): Unit {
  if (text[at] !== "\\") {
    const code = text.codePointAt(at) ?? 0;
    return { code, byte: false, end: at + (code > 0xffff ? 2 : 1) };
  }
  ESCAPE.lastIndex = at;
  const [all, short, hex, u4, u8, octal] = ESCAPE.exec(text) ?? [];
  if (all === undefined) throw new BadLiteral("invalid syntax");
  const end = at + all.length;
  if (short !== undefined) return { code: shortCode(short, mark), byte: false, end };
  const point = u4 ?? u8;
  if (point !== undefined) return { code: validPoint(Number.parseInt(point, 16)), byte: false, end };
  const code = hex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex, 16);
  if (code > 255) throw new BadLiteral("invalid syntax");
  return { code, byte: true, end };
}

function shortCode(short: string, mark: string): number {
  const code = ESCAPES[short];
  if (code !== undefined) return code;
  if (short !== mark) throw new BadLiteral("invalid syntax");
  return mark.charCodeAt(0);
}

function validPoint(code: number): number {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new BadLiteral("invalid syntax");
  return code;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BadLiteral("the text is not valid UTF-8");
  }
}
