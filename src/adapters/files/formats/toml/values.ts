import { decimalIdentity } from "../tree.ts";

const DECIMAL = /^[+-]?(?:0|[1-9](?:_?\d)*)$/;
const PREFIXED = /^0(?:x[\da-fA-F](?:_?[\da-fA-F])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$/;
const FLOAT = /^[+-]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?$/;
const SPECIAL = /^[+-]?(?:inf|nan)$/;
const TIME = /^\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;
const DATE = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?)?$/;

/** See `ScalarNode.identity`; undefined for what is no value. Whole numbers and floats are different things in TOML. */
export function bareIdentity(raw: string): string | undefined {
  if (raw === "true" || raw === "false") return raw;
  const digits = raw.replaceAll("_", "");
  if (DECIMAL.test(raw)) return `i:${BigInt(digits.replace(/^\+/, ""))}`;
  if (PREFIXED.test(raw)) return `i:${BigInt(digits)}`;
  if (FLOAT.test(raw)) return `f:${decimalIdentity(digits)}`;
  if (SPECIAL.test(raw)) return `f:${raw.replace(/^\+/, "")}`;
  return TIME.test(raw) || DATE.test(raw) ? `d:${raw.toUpperCase().replace(" ", "T")}` : undefined;
}

const ESCAPE = /\\(?:([btnfre"\\]|[ \t]*\n\s*)|u([\da-fA-F]{4})|U([\da-fA-F]{8})|x([\da-fA-F]{2}))/y;
const NAMED: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\x1b",
  '"': '"',
  "\\": "\\",
};

/** The text of a basic string's inside (`\` before a line break joins lines); or the offset of an escape that is none. */
export function unescaped(inside: string): string | number {
  const pieces: string[] = [];
  let at = 0;
  for (let next = inside.indexOf("\\"); next >= 0; next = inside.indexOf("\\", at)) {
    ESCAPE.lastIndex = next;
    const [, named, ...codes] = ESCAPE.exec(inside) ?? [];
    const code = codes.find((hex) => hex !== undefined);
    const char = code === undefined ? named && (NAMED[named] ?? "") : fromCode(Number.parseInt(code, 16));
    if (char === undefined) return next;
    pieces.push(inside.slice(at, next), char);
    at = ESCAPE.lastIndex;
  }
  return pieces.join("") + inside.slice(at);
}

function fromCode(code: number): string | undefined {
  const scalar = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return scalar ? String.fromCodePoint(code) : undefined;
}
