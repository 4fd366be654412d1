/** Random bytes: node:crypto's by default, a seeded generator in tests. */
export type Random = (bytes: number) => Buffer;

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";
const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A version 4 UUID (RFC 9562 §5.4), lower case. */
export function uuid(random: Random): string {
  const bytes = Buffer.from(random(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const letters = (alphabet: string, count: number, random: Random): string =>
  Array.from(random(count), (byte) => alphabet[byte % alphabet.length]).join("");

/** The id part of a service id (`jfac@01h…`): 26 lower-case base-32 characters. */
export const instanceId = (random: Random): string => `01${letters(CROCKFORD, 24, random)}`;

/** A reference token: 64 characters that start with `cmVmdGtu` (base64 of "reftkn"). `expires` in seconds, 0 = never. */
export function referenceToken(expires: number, random: Random): string {
  const text = `reftkn:01:${String(expires).padStart(10, "0").slice(0, 10)}:${letters(ALPHANUMERIC, 27, random)}`;
  return Buffer.from(text, "ascii").toString("base64");
}
