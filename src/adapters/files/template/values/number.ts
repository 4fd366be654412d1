import { Fault } from "../errors.ts";

const INTEGER = /^-?\d+$/;
const MAX_INT = 2n ** 63n - 1n;

/**
 * A number of the data. It remembers how it was written: printing gives that back, byte for byte. As in Vault's own Go
 * client (json.Number) it can stand where a text can; unlike there, it also counts.
 */
export class DataNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The exact integer, for a number written as one (`12`, not `12.0` or `1e3`). */
  integer(): bigint | undefined {
    return INTEGER.test(this.text) ? BigInt(this.text) : undefined;
  }

  /** For comparing: exact where it is written as an integer. */
  amount(): bigint | number {
    return this.integer() ?? Number(this.text);
  }

  /** `Int64` of json.Number. */
  int64(): bigint {
    const value = this.integer();
    if (value === undefined) throw new Fault("template.execution", "the number is not written as an integer");
    if (value > MAX_INT || value < -MAX_INT - 1n) throw new Fault("template.execution", "value out of range");
    return value;
  }

  /** `Float64` of json.Number. */
  float64(): number {
    const value = Number(this.text);
    if (!Number.isFinite(value)) throw new Fault("template.execution", "value out of range");
    return value;
  }
}

/** A JavaScript number as JSON would have had it; integers never in float spelling. */
export function spellNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Fault("template.execution", "the data hold a number that JSON can't hold");
  if (Object.is(value, -0)) return "-0";
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

/** -1, 0 or 1; int, float64 and data numbers compare by amount, exactly. */
export function compareAmounts(a: bigint | number, b: bigint | number): -1 | 0 | 1 {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
