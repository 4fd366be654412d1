import { createHash } from "node:crypto";
import fc from "fast-check";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const alphabet = fc.constantFrom(...LETTERS);
const small = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789");
const random = (length: number) => fc.string({ unit: alphabet, minLength: length, maxLength: length });
const quiet = (length: number) => fc.string({ unit: small, minLength: length, maxLength: length });

/**
 * What must never leave a machine, each of its own: tokens of every kind, sessions, login URLs, hosts, users, paths, contents of
 * files, answers of Vault that repeat what was presented, templates, names of enrolments, rules, policies and namespaces; and
 * secrets in the shape of what we let through ourselves.
 */
export const plants: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    ...[random(40), fc.uuid(), random(24).map((text) => `s.${text}`), random(60).map((text) => `hvs.${text}`)],
    ...[random(60).map((text) => `eyJ${text}.${text.slice(7)}.${text.slice(11)}`)],
    ...[fc.uuid().map((session) => `https://acme.jfrog.io/ui/login?jfClientSession=${session}`)],
    ...[random(20).map((text) => `https://ada:${text}@acme.jfrog.io/${text}`)],
    ...[
      quiet(12).map((text) => `https://${text}.corp.example:8200`),
      quiet(12),
      quiet(12).map((it) => `${it}@corp.eu`),
    ],
    ...[quiet(14).map((text) => `/home/${text}/.npmrc`), random(16).map((text) => `//host/:_authToken=${text}\n"\\ü`)],
    ...[random(26).map((text) => `Vault answered 403: invalid token hvs.${text}`)],
    ...[quiet(13).map((text) => `{{ with .${text} }}{{ . }}{{ end }}`), quiet(15).map((text) => `team-${text}/admin`)],
    // Like a failure's class, a mark on a token, a version, an alias.
    ...[quiet(20).map((text) => `vault.${text}`), quiet(10).map((text) => `ci #${text}`)],
    ...[random(20).map((text) => `jfrog.refused.${text}`), quiet(10).map((text) => `0.1.0-${text}`)],
    ...[quiet(10).map((text) => `secret-1${text}`)],
  )
  // One of them in every place, or each somewhere.
  .chain((texts) => fc.oneof(...texts.map((text) => fc.constant([text])), fc.constant(texts)));

/** The value with plants in every text of it, in the names of its members, and in members that nobody knows. */
export function planted(value: unknown, texts: readonly string[], keep: readonly string[] = []): unknown {
  let next = 0;
  const take = () => texts[next++ % texts.length] as string;
  const plant = (part: unknown): unknown => {
    if (typeof part === "string") return take();
    if (part instanceof Date || typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return [...part.map(plant), take()];
    const members = Object.entries(part).map(([name, inner]) => [name, keep.includes(name) ? inner : plant(inner)]);
    return { ...Object.fromEntries(members), [take()]: take(), note: take() };
  };
  return plant(value);
}

/** Too short to be told from chance; a part of this length is one part too much. */
const PART = 8;
/** In texts that we choose ourselves, and so no find. */
const OURS = [
  "jfClientSession",
  "https://acme.jfrog.io",
  "jfrog.refused",
  "authToken",
  "answered",
  "invalid token",
  "secret-1",
];

/** Where a document holds one of the texts, whole or in parts, in any spelling, or a digest of it. */
export function findPlant(document: string, texts: readonly string[]): string | undefined {
  const places = new Map<string, string>();
  for (const text of texts)
    for (const spelled of spellings(text)) for (const part of parts(spelled)) places.set(part, text);
  const quiet = document.toLowerCase();
  for (let at = 0; at + PART <= quiet.length; at++) {
    const found = places.get(quiet.slice(at, at + PART));
    if (found !== undefined) return `${found} at ${JSON.stringify(document.slice(Math.max(0, at - 80), at + 60))}`;
  }
  return undefined;
}

function parts(text: string): string[] {
  const quiet = OURS.reduce((rest, ours) => rest.replaceAll(ours.toLowerCase(), "\n"), text.toLowerCase());
  const all = quiet.split("\n").flatMap((piece) => {
    return Array.from({ length: Math.max(0, piece.length - PART + 1) }, (_, at) => piece.slice(at, at + PART));
  });
  // Digits alone may be of a time.
  return all.filter((part) => /[a-z]/.test(part));
}

function spellings(text: string): string[] {
  const bytes = Buffer.from(text);
  const shifted = [0, 1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), bytes])
      .toString("base64")
      .slice(by * 2),
  );
  const reversed = [...text].reverse().join("");
  const digests = ["md5", "sha1", "sha256", "sha512"].flatMap((name) => {
    const digest = createHash(name).update(text).digest();
    return [digest.toString("hex"), digest.toString("base64"), digest.toString("base64url")];
  });
  return [
    ...[
      text,
      reversed,
      encodeURIComponent(text),
      JSON.stringify(text),
      bytes.toString("hex"),
      bytes.toString("base64url"),
    ],
    ...shifted,
    ...digests,
  ];
}
