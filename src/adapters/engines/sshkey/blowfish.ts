/**
 * Blowfish (B. Schneier, 1993) as bcrypt uses it: its tables and the key schedule with and without salt. Only for
 * OpenSSH's key derivation; nothing else should be encrypted with it.
 */
export interface Tables {
  readonly p: Uint32Array;
  /** Four S-boxes of 256 words, one after the other. */
  readonly s: Uint32Array;
}

const pWords = 18;
const sWords = 4 * 256;
let fresh: Uint32Array | undefined;

/** The tables before any key: the first 33,344 binary digits of π behind the point. */
export function freshTables(): Tables {
  fresh ??= fractionOfPi(pWords + sWords);
  return { p: fresh.slice(0, pWords), s: fresh.slice(pWords) };
}

/** Machin's formula, π = 16·atan(1/5) − 4·atan(1/239), in fixed point with 64 bits to spare. */
function fractionOfPi(words: number): Uint32Array {
  const bits = BigInt(words * 32);
  const one = 1n << (bits + 64n);
  const pi = 16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one);
  const digits = ((pi - 3n * one) >> 64n).toString(16).padStart(words * 8, "0");
  return Uint32Array.from({ length: words }, (_, at) => Number.parseInt(digits.slice(at * 8, at * 8 + 8), 16));
}

function arctanOfInverse(n: bigint, one: bigint): bigint {
  let power = one / n;
  let sum = power;
  for (let k = 3n, sign = -1n; power > 0n; k += 2n, sign = -sign) {
    power /= n * n;
    sum += (sign * power) / k;
  }
  return sum;
}

/** The key schedule: mixes the key into P, then replaces P and S by a chain of encryptions of the salt (zeros without one). */
export function expand({ p, s }: Tables, key: Uint32Array, salt?: Uint32Array): void {
  for (let i = 0; i < p.length; i++) p[i] = (p[i] ?? 0) ^ (key[i % key.length] ?? 0);
  const block = new Uint32Array(2);
  let at = 0;
  for (const table of [p, s]) {
    for (let i = 0; i < table.length; i += 2) {
      if (salt !== undefined) {
        block[0] = (block[0] ?? 0) ^ (salt[at++ % salt.length] ?? 0);
        block[1] = (block[1] ?? 0) ^ (salt[at++ % salt.length] ?? 0);
      }
      encipher(p, s, block, 0);
      table[i] = block[0] ?? 0;
      table[i + 1] = block[1] ?? 0;
    }
  }
}

/** Encrypts the two words at `at` in place: sixteen rounds, unrolled by two. */
export function encipher(p: Uint32Array, s: Uint32Array, words: Uint32Array, at: number): void {
  let left = (words[at] ?? 0) ^ (p[0] ?? 0);
  let right = words[at + 1] ?? 0;
  for (let round = 1; round <= 16; round += 2) {
    right ^= mix(s, left) ^ (p[round] ?? 0);
    left ^= mix(s, right) ^ (p[round + 1] ?? 0);
  }
  words[at] = right ^ (p[17] ?? 0);
  words[at + 1] = left;
}

function mix(s: Uint32Array, x: number): number {
  const sum = (s[x >>> 24] ?? 0) + (s[256 + ((x >>> 16) & 255)] ?? 0);
  return ((sum ^ (s[512 + ((x >>> 8) & 255)] ?? 0)) + (s[768 + (x & 255)] ?? 0)) | 0;
}
