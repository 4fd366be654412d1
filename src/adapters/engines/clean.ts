import { stripVTControlCharacters } from "node:util";

/** Long runs that look like a credential, also one that we don't know: a JWT, a reference token, a UUID, any 40 characters. */
const tokenLike =
  /eyJ[\w-]{6,}[\w.-]*|cmVmdGtu\w+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[\w+/=.~-]{40,}/gi;

const shortestSecret = 8;

/**
 * Text of a service as one line for a terminal: no escape sequences, no control or direction characters, none of the given
 * secrets, nothing that looks like one, at most `most` characters, no full stop.
 */
export function cleanLine(text: string, secrets: readonly string[] = [], most = 200): string {
  // Cleaned before hidden: an escape sequence in the middle of a token must not save it from being recognised.
  const line = stripVTControlCharacters(text.slice(0, 20_000))
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .trim();
  const hidden = hide(line, secrets).replace(tokenLike, "…");
  const short = hidden.length > most ? `${hidden.slice(0, most - 1).trimEnd()}…` : hidden;
  return short.replace(/[.\s]+$/, "");
}

function hide(line: string, secrets: readonly string[]): string {
  const longestFirst = secrets.filter((secret) => secret.length >= shortestSecret).sort((a, b) => b.length - a.length);
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, "…"), line);
}
