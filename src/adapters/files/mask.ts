/** What stands in a credential's place. */
export const MASK = "••••";

/** Shorter texts are not searched for: they would black out half the file. */
const SHORTEST = 4;

/** The body of PEM keys, JWTs, UUIDs, and long runs that mix letters and digits (reference tokens, API keys). */
const LOOKS_SECRET = [
  /-----BEGIN [A-Z ]*KEY-----[\s\S]*?(?:-----END [A-Z ]*KEY-----|$)/g,
  /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g,
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
];
const LONG_RUN = /[\w+~-][\w+/=~-]{19,}/g;

/** Masks the given credentials, as they are and as JSON spells them, and what looks like one. Lines stay lines. */
export function mask(text: string, secrets: readonly string[]): string {
  const known = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), ...secret.split("\n")]);
  const longestFirst = [...new Set(known)]
    .filter(({ length }) => length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  const masked = longestFirst.reduce((rest, secret) => rest.replaceAll(secret, cover), text);
  const plain = LOOKS_SECRET.reduce((rest, pattern) => rest.replaceAll(pattern, cover), masked);
  return plain.replaceAll(LONG_RUN, (run) => (/\d/.test(run) && /[A-Za-z]/.test(run) ? MASK : run));
}

/** Shorter ones are names and numbers; masking them would hide the text. */
const SHORTEST_FIELD = 8;

/** Every longer text of a document: which of them are secret only its owner knows. */
export function longTexts(value: unknown): string[] {
  if (typeof value === "string") return value.length < SHORTEST_FIELD ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(longTexts);
}

/** Masks an old line behind the place where the new one holds a credential: an old password looks like nothing. */
export function maskLike(line: string, examples: readonly string[]): string {
  for (const example of examples) {
    const at = example.indexOf(MASK);
    const lead = example.slice(0, Math.max(at, 0));
    if (lead.trim() !== "" && line.startsWith(lead)) return lead + MASK;
  }
  return line;
}

function cover(secret: string): string {
  return secret.replaceAll(/[^\n]+/g, MASK);
}
