import type { Fields, PairFacts } from "../port.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * What a person should know of a credential that was issued, beside the one that stood `before`.
 *
 * @param askedMs the life that we asked for, if we did
 * @param rotation a token without a refresh token can be followed by a minted one all the same
 */
export function notices(
  facts: PairFacts,
  fields: Fields,
  before: Fields,
  askedMs?: number,
  rotation: "refresh" | "remint" = "refresh",
): string[] {
  const life =
    facts.issuedAt === undefined || facts.expiresAt === undefined ? undefined : facts.expiresAt - facts.issuedAt;
  const found: string[] = [];
  if (!facts.refreshable && rotation === "refresh")
    found.push("JFrog gave no refresh token: this token can't be rotated");
  if (askedMs !== undefined && life !== undefined && life < askedMs - minute)
    found.push(`asked for a token of ${span(askedMs)}, JFrog gave ${span(life)}`);
  if (askedMs !== undefined && life === undefined)
    found.push(`asked for a token of ${span(askedMs)}, JFrog gave one without an end`);
  if (before.reference_token !== undefined && fields.reference_token === undefined)
    found.push("JFrog gave no new reference token");
  return found;
}

function span(milliseconds: number): string {
  if (milliseconds >= 2 * day) return `${Math.floor(milliseconds / day)} d`;
  if (milliseconds >= 2 * hour) return `${Math.floor(milliseconds / hour)} h`;
  return milliseconds >= 2 * minute
    ? `${Math.floor(milliseconds / minute)} min`
    : `${Math.floor(milliseconds / 1000)} s`;
}
