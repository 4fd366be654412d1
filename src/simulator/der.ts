/** A minimal DER writer (X.690): just what a root certificate needs. */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const digits = base(bytes, 256);
  return Buffer.from([0x80 | digits.length, ...digits]);
}

function base(value: number, radix: number): number[] {
  const digits = [value % radix];
  for (let rest = Math.floor(value / radix); rest > 0; rest = Math.floor(rest / radix)) digits.unshift(rest % radix);
  return digits;
}

function encode(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

export const sequence = (...items: readonly Buffer[]): Buffer => encode(TAG.sequence, Buffer.concat(items));
export const set = (...items: readonly Buffer[]): Buffer => encode(TAG.set, Buffer.concat(items));
export const explicit = (tag: number, item: Buffer): Buffer => encode(0xa0 | tag, item);
export const octetString = (content: Uint8Array): Buffer => encode(TAG.octetString, content);
export const utf8 = (text: string): Buffer => encode(TAG.utf8, Buffer.from(text, "utf8"));
export const nothing = (): Buffer => encode(TAG.null, Buffer.alloc(0));
export const yes = (): Buffer => encode(TAG.boolean, Buffer.from([0xff]));

/** A bit string; `unused` counts the spare bits of its last byte. */
export const bitString = (content: Uint8Array, unused = 0): Buffer =>
  encode(TAG.bitString, Buffer.concat([Buffer.from([unused]), content]));

/** An integer from its unsigned big-endian bytes, in the shortest form that stays positive. */
export function unsigned(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? Buffer.from([0]) : Buffer.from(bytes.subarray(start));
  return encode(TAG.integer, (digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const arcs = [first * 40 + second, ...rest].flatMap((arc) =>
    base(arc, 128).map((digit, index, all) => (index < all.length - 1 ? digit | 0x80 : digit)),
  );
  return encode(TAG.oid, Buffer.from(arcs));
}

/** A time in milliseconds since the epoch: UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export function time(at: number): Buffer {
  const date = new Date(at);
  const text = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
  const short = date.getUTCFullYear() >= 1950 && date.getUTCFullYear() < 2050;
  return short
    ? encode(TAG.utcTime, Buffer.from(text.slice(2), "ascii"))
    : encode(TAG.generalizedTime, Buffer.from(text, "ascii"));
}
