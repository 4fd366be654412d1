import { type Flags, noFlags } from "./flags.ts";
import { DataNumber } from "./number.ts";
import { Printer } from "./printer.ts";
import { typeName, type Value } from "./value.ts";

/** Largest width and precision, as in Go. */
const LARGEST = 1_000_000n;
const FLAGS: Readonly<Record<string, keyof Flags>> = {
  "#": "sharp",
  "0": "zero",
  "+": "plus",
  "-": "minus",
  " ": "space",
};
const SIMPLE = /[^%]+/y;
const DIGITS = /\d+/y;
const INDEX = /\[([^\]]*)\]/y;

/** Go's Sprintf. What does not fit is written into the text as Go does: `%!d(string=x)`. */
export function sprintf(format: string, args: readonly Value[]): string {
  return new Formatter(format, args).run();
}

/** Go's Sprint: spaces between neighbours of which none is a text. */
export function sprint(args: readonly Value[]): string {
  const printer = new Printer();
  args.forEach((arg, index) => {
    const before = args[index - 1];
    if (before !== undefined && !isText(before) && !isText(arg)) printer.sink.write(" ");
    printer.print(arg, "v");
  });
  return printer.sink.text();
}

/** Go's Sprintln: spaces between all, and a line end. */
export function sprintln(args: readonly Value[]): string {
  const printer = new Printer();
  args.forEach((arg, index) => {
    if (index > 0) printer.sink.write(" ");
    printer.print(arg, "v");
  });
  printer.sink.write("\n");
  return printer.sink.text();
}

function isText(value: Value): boolean {
  return typeof value === "string" || value instanceof DataNumber;
}

class Formatter {
  readonly #format: string;
  readonly #args: readonly Value[];
  readonly #printer = new Printer();
  #at = 0;
  #next = 0;
  #reordered = false;
  #goodIndex = true;
  #afterIndex = false;

  constructor(format: string, args: readonly Value[]) {
    this.#format = format;
    this.#args = args;
  }

  run(): string {
    while (this.#at < this.#format.length) {
      this.#write(this.#take(SIMPLE) ?? "");
      if (this.#format[this.#at] !== "%") continue;
      this.#at++;
      this.#directive();
    }
    this.#extra();
    return this.#printer.sink.text();
  }

  #directive(): void {
    this.#printer.flags = noFlags();
    this.#goodIndex = true;
    this.#afterIndex = false;
    this.#readFlags();
    this.#readIndex();
    this.#readWidth();
    this.#readPrecision();
    if (!this.#afterIndex) this.#readIndex();
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#at) ?? 0x25);
    if (this.#at >= this.#format.length) {
      this.#write("%!(NOVERB)");
      return;
    }
    this.#at += verb.length;
    this.#verb(verb);
  }

  #verb(verb: string): void {
    if (verb === "%") {
      this.#write("%");
      return;
    }
    if (!this.#goodIndex) {
      this.#write(`%!${verb}(BADINDEX)`);
      return;
    }
    const arg = this.#args[this.#next];
    if (arg === undefined) {
      this.#write(`%!${verb}(MISSING)`);
      return;
    }
    this.#next++;
    const { flags } = this.#printer;
    if (verb === "v") {
      flags.goSyntax = flags.sharp;
      flags.sharp = false;
      flags.plus = false;
    }
    this.#printer.print(arg, verb);
  }

  #readFlags(): void {
    for (;;) {
      const flag = FLAGS[this.#format[this.#at] ?? ""];
      if (flag === undefined) return;
      this.#printer.flags = { ...this.#printer.flags, [flag]: true };
      this.#at++;
    }
  }

  /** `[n]`: the n-th argument is next. */
  #readIndex(): void {
    this.#afterIndex = false;
    if (this.#format[this.#at] !== "[") return;
    this.#reordered = true;
    const inside = this.#take(INDEX)?.slice(1, -1);
    if (inside === undefined) this.#at++;
    const index = /^\d+$/.test(inside ?? "") ? Number(inside) : 0;
    if (index < 1 || index > this.#args.length) {
      this.#goodIndex = false;
      return;
    }
    this.#next = index - 1;
    this.#afterIndex = true;
  }

  #readWidth(): void {
    const { flags } = this.#printer;
    if (this.#format[this.#at] === "*") {
      const width = this.#starred();
      if (width === undefined) {
        this.#write("%!(BADWIDTH)");
        return;
      }
      flags.width = Math.abs(width);
      if (width < 0) Object.assign(flags, { minus: true, zero: false });
      return;
    }
    flags.width = this.#readNumber();
    if (this.#afterIndex && flags.width !== undefined) this.#goodIndex = false;
  }

  #readPrecision(): void {
    if (this.#format[this.#at] !== "." || this.#at + 1 >= this.#format.length) return;
    this.#at++;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#readIndex();
    if (this.#format[this.#at] !== "*") {
      this.#printer.flags.precision = this.#readNumber() ?? 0;
      return;
    }
    const precision = this.#starred();
    if (precision === undefined || precision < 0) this.#write("%!(BADPREC)");
    else this.#printer.flags.precision = precision;
  }

  /** `*`: the next argument is the number. */
  #starred(): number | undefined {
    this.#at++;
    this.#afterIndex = false;
    const arg = this.#args[this.#next];
    if (arg === undefined) return undefined;
    this.#next++;
    const integer = arg instanceof DataNumber ? arg.integer() : arg;
    if (typeof integer !== "bigint" || integer > LARGEST || integer < -LARGEST) return undefined;
    return Number(integer);
  }

  /** A number that is too large spoils the rest of the format, as in Go. */
  #readNumber(): number | undefined {
    const digits = this.#take(DIGITS);
    if (digits === undefined) return undefined;
    if (BigInt(digits.slice(0, 9)) <= LARGEST && digits.length < 9) return Number(digits);
    this.#at = this.#format.length;
    return undefined;
  }

  #extra(): void {
    if (this.#reordered || this.#next >= this.#args.length) return;
    this.#printer.flags = noFlags();
    this.#write("%!(EXTRA ");
    this.#args.slice(this.#next).forEach((arg, index) => {
      this.#write(`${index > 0 ? ", " : ""}${typeName(arg)}=`);
      this.#printer.print(arg, "v");
    });
    this.#write(")");
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#format)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #write(text: string): void {
    this.#printer.sink.write(text);
  }
}
