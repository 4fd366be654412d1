import { Fault } from "../errors.ts";
import { Sink } from "../limits.ts";
import { type Flags, noFlags, zeroPads } from "./flags.ts";
import { Missing } from "./missing.ts";
import { DataNumber } from "./number.ts";
import { spellFloat, spellInteger, toPoint } from "./numerals.ts";
import { canBackquote, quote, quoteCharacter } from "./quote.ts";
import { fromData, isList, isMap, sortedKeys, typeName, type Value } from "./value.ts";

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
    const spelled = spellInteger(integer, verb, this.flags);
    if (spelled !== undefined) this.#padWith(spelled, " ");
    else if (verb === "c") this.#pad(String.fromCodePoint(toPoint(integer)));
    else if (verb === "q") this.#pad(quoteCharacter(toPoint(integer), this.flags.plus));
    else this.bad(verb, value);
  }

  #float(float: number, verb: string, value: Value): void {
    const spelled = spellFloat(float, verb, this.flags);
    if (spelled !== undefined) this.#padWith(spelled, " ");
    else this.bad(verb, value);
  }

  #cut(text: string): string {
    return this.flags.precision === undefined ? text : [...text].slice(0, this.flags.precision).join("");
  }

  #pad(text: string): void {
    this.#padWith(text, zeroPads(this.flags) ? "0" : " ");
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
