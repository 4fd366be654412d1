import { Fault } from "../errors.ts";
import { Sink } from "../limits.ts";
import { type FloatVerb, formatFloat } from "./floats.ts";
import { Missing } from "./missing.ts";
import { DataNumber } from "./number.ts";
import { canBackquote, isPrintable, quote, quoteCharacter } from "./quote.ts";
import { fromData, isList, isMap, sortedKeys, typeName, type Value } from "./value.ts";

/** What stands between `%` and the verb. */
export interface Flags {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `%#v`: as Go source. */
  goSyntax: boolean;
  width: number | undefined;
  precision: number | undefined;
}

export function noFlags(): Flags {
  return {
    minus: false,
    plus: false,
    sharp: false,
    space: false,
    zero: false,
    goSyntax: false,
    width: undefined,
    precision: undefined,
  };
}

const BASES: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
const FLOATS: Readonly<Record<string, { verb: FloatVerb; precision: number }>> = {
  v: { verb: "g", precision: -1 },
  g: { verb: "g", precision: -1 },
  G: { verb: "g", precision: -1 },
  e: { verb: "e", precision: 6 },
  E: { verb: "e", precision: 6 },
  f: { verb: "f", precision: 6 },
  F: { verb: "f", precision: 6 },
};

/** Writes values as Go's fmt does. A missing value is never written: it is a fault that names it. */
export class Printer {
  readonly sink: Sink;
  flags: Flags = noFlags();

  constructor(sink: Sink = new Sink()) {
    this.sink = sink;
  }

  print(value: Value, verb: string): void {
    if (value instanceof Missing) throw absent(value);
    if (verb === "T") this.#pad(this.#cut(typeName(value)));
    else if (isList(value)) this.#list(value, verb);
    else if (isMap(value)) this.#map(value, verb);
    else if (value instanceof DataNumber) this.#dataNumber(value, verb);
    else if (typeof value === "string") this.#text(value, verb, value);
    else if (typeof value === "bigint") this.#integer(value, verb, value);
    else if (typeof value === "number") this.#float(value, verb, value);
    else if (verb === "v" || verb === "t") this.#pad(String(value));
    else this.bad(verb, value);
  }

  /** `%!d(string=x)` */
  bad(verb: string, value: Value): void {
    this.sink.write(`%!${verb}(${typeName(value)}=`);
    this.print(value, "v");
    this.sink.write(")");
  }

  #list(list: readonly unknown[], verb: string): void {
    const [open, between, close] = this.flags.goSyntax ? ["[]interface {}{", ", ", "}"] : ["[", " ", "]"];
    this.sink.write(open);
    list.forEach((item, index) => {
      if (index > 0) this.sink.write(between);
      this.print(fromData(item ?? null, `item ${index} of a list`), verb);
    });
    this.sink.write(close);
  }

  #map(map: Readonly<Record<string, unknown>>, verb: string): void {
    const [open, between, close] = this.flags.goSyntax ? ["map[string]interface {}{", ", ", "}"] : ["map[", " ", "]"];
    this.sink.write(open);
    sortedKeys(map).forEach((key, index) => {
      if (index > 0) this.sink.write(between);
      this.print(key, verb);
      this.sink.write(":");
      this.print(fromData(map[key] ?? null, `field ${quote(key)} of a map`), verb);
    });
    this.sink.write(close);
  }

  /** Text verbs see its spelling, as in Go; number verbs, which Go refuses there, its amount. */
  #dataNumber(value: DataNumber, verb: string): void {
    const integer = value.integer();
    if ("dboOcU".includes(verb) && integer !== undefined) this.#integer(integer, verb, value);
    else if ("eEfFgG".includes(verb)) this.#float(Number(value.text), verb, value);
    else this.#text(value.text, verb, value);
  }

  #text(text: string, verb: string, value: Value): void {
    if (verb === "q" || (verb === "v" && this.flags.goSyntax)) this.#quoted(this.#cut(text));
    else if (verb === "v" || verb === "s") this.#pad(this.#cut(text));
    else if (verb === "x") this.#hexText(text, (digits) => digits);
    else if (verb === "X") this.#hexText(text, (digits) => digits.toUpperCase());
    else this.bad(verb, value);
  }

  #quoted(text: string): void {
    this.#pad(this.flags.sharp && canBackquote(text) ? `\`${text}\`` : quote(text, this.flags.plus));
  }

  #hexText(text: string, inCase: (digits: string) => string): void {
    const bytes = Buffer.from(text).subarray(0, this.flags.precision);
    const prefix = this.flags.sharp && bytes.length > 0 ? inCase("0x") : "";
    const pairs = [...bytes].map((byte) => inCase(byte.toString(16).padStart(2, "0")));
    this.#pad(this.flags.space ? pairs.map((pair) => prefix + pair).join(" ") : prefix + pairs.join(""));
  }

  #integer(integer: bigint, verb: string, value: Value): void {
    const base = BASES[verb];
    if (base !== undefined) this.#digits(integer, base, verb);
    else if (verb === "c") this.#pad(String.fromCodePoint(toPoint(integer)));
    else if (verb === "q") this.#pad(quoteCharacter(toPoint(integer), this.flags.plus));
    else if (verb === "U") this.#unicode(integer);
    else this.bad(verb, value);
  }

  #digits(integer: bigint, base: number, verb: string): void {
    const { precision, width } = this.flags;
    if (precision === 0 && integer === 0n) {
      this.#padSpaces("");
      return;
    }
    const sign = this.#sign(integer < 0n);
    const zeros = precision ?? (this.#zeroPads() ? (width ?? 0) - sign.length : 0);
    const digits = (integer < 0n ? -integer : integer).toString(base).padStart(zeros, "0");
    const all = sign + this.#basePrefix(base, verb, digits) + digits;
    this.#padSpaces(verb === "X" ? all.toUpperCase() : all);
  }

  #basePrefix(base: number, verb: string, digits: string): string {
    if (verb === "O") return "0o";
    if (!this.flags.sharp) return "";
    if (base === 8) return digits.startsWith("0") ? "" : "0";
    return { 2: "0b", 16: "0x" }[base] ?? "";
  }

  #unicode(integer: bigint): void {
    const hex = BigInt.asUintN(64, integer).toString(16).toUpperCase();
    const point = toPoint(integer);
    const shown = this.flags.sharp && integer === BigInt(point) && isPrintable(String.fromCodePoint(point));
    const character = shown ? ` '${String.fromCodePoint(point)}'` : "";
    this.#padSpaces(`U+${hex.padStart(Math.max(4, this.flags.precision ?? 0), "0")}${character}`);
  }

  #float(float: number, verb: string, value: Value): void {
    const how = FLOATS[verb];
    if (how === undefined || !Number.isFinite(float)) {
      this.bad(verb, value);
      return;
    }
    const written = formatFloat(float, how.verb, this.flags.precision ?? how.precision);
    const digits = written.replace(/^-/, "");
    const unsigned = verb === "E" || verb === "G" ? digits.toUpperCase() : digits;
    const sign = this.#sign(float < 0 || Object.is(float, -0));
    const zeros = this.#zeroPads() ? (this.flags.width ?? 0) - sign.length : 0;
    this.#padSpaces(sign + unsigned.padStart(zeros, "0"));
  }

  #sign(negative: boolean): string {
    if (negative) return "-";
    if (this.flags.plus) return "+";
    return this.flags.space ? " " : "";
  }

  #zeroPads(): boolean {
    return this.flags.zero && !this.flags.minus && this.flags.width !== undefined;
  }

  #cut(text: string): string {
    return this.flags.precision === undefined ? text : [...text].slice(0, this.flags.precision).join("");
  }

  #pad(text: string): void {
    this.#padWith(text, this.#zeroPads() ? "0" : " ");
  }

  #padSpaces(text: string): void {
    this.#padWith(text, " ");
  }

  #padWith(text: string, filler: string): void {
    const { width = 0, minus } = this.flags;
    const filling = width > 0 ? filler.repeat(Math.max(0, width - [...text].length)) : "";
    this.sink.write(minus ? text + filling : filling + text);
  }
}

/** The refusal to print nothing. */
export function absent(missing: Missing): Fault {
  const { label } = missing;
  const hint = `where it may be absent, write {{ ${label} | default "…" }}, or {{ if ${label} }} around it`;
  return new Fault("template.absent", missing.describe(), /^[.$]./.test(label) ? hint : undefined);
}

function toPoint(integer: bigint): number {
  const valid = integer >= 0n && integer <= 0x10ffffn && !(integer >= 0xd800n && integer <= 0xdfffn);
  return valid ? Number(integer) : 0xfffd;
}
