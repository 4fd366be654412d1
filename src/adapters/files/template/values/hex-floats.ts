/** Floats by their bits, as Go's strconv writes them. */

const FRACTION_BITS = 52n;
const FRACTION_DIGITS = 13;

/** value = mantissa · 2^power, exactly (IEEE 754 binary64). */
export function parts(value: number): { mantissa: bigint; power: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> FRACTION_BITS) & 0x7ffn);
  const fraction = bits & (2n ** FRACTION_BITS - 1n);
  return biased === 0
    ? { mantissa: fraction, power: -1074 }
    : { mantissa: fraction | (2n ** FRACTION_BITS), power: biased - 1075 };
}

/** `4503599627370496p-52` */
export function formatBinary(value: number): string {
  const { mantissa, power } = parts(value);
  return `${mantissa}p${power < 0 ? "" : "+"}${power}`;
}

/** `0x1.8p+00`; precision is digits after the point, -1 = as many as there are. */
export function formatHexadecimal(value: number, precision: number): string {
  const { mantissa, exponent } = normalised(value);
  const places = precision < 0 ? FRACTION_DIGITS : Math.min(precision, FRACTION_DIGITS);
  const cut = roundHalfEven(mantissa, BigInt(4 * (FRACTION_DIGITS - places)));
  const carried = cut >= 2n << BigInt(4 * places);
  const digits = (carried ? cut / 2n : cut).toString(16).padStart(places + 1, "0");
  const fraction = precision < 0 ? digits.slice(1).replace(/0+$/, "") : digits.slice(1).padEnd(precision, "0");
  const power = exponent + (carried ? 1 : 0);
  const shown = String(Math.abs(power)).padStart(2, "0");
  return `0x${digits[0]}${fraction === "" ? "" : `.${fraction}`}p${power < 0 ? "-" : "+"}${shown}`;
}

/** One bit before the point. */
function normalised(value: number): { mantissa: bigint; exponent: number } {
  if (value === 0) return { mantissa: 0n, exponent: 0 };
  const { mantissa, power } = parts(value);
  const short = Number(FRACTION_BITS) + 1 - mantissa.toString(2).length;
  return { mantissa: mantissa << BigInt(short), exponent: power + Number(FRACTION_BITS) - short };
}

function roundHalfEven(value: bigint, bits: bigint): bigint {
  const rest = BigInt.asUintN(Number(bits), value) * 2n;
  const half = 1n << bits;
  const down = value >> bits;
  return rest > half || (rest === half && down % 2n === 1n) ? down + 1n : down;
}
