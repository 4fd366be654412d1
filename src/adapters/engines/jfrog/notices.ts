import type { Fields, PairFacts } from "../port.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** What was asked of JFrog; a refresh asks for no life, scope or audience. */
export interface Wish {
  /** Milliseconds. */
  readonly life?: number;
  /** As canonicalScope spells it. */
  readonly scope?: string | undefined;
  /** As canonicalAudience spells it. */
  readonly audience?: string | undefined;
  readonly reference: boolean;
  /** A token without a refresh token can be followed by a minted one all the same. */
  readonly rotation: "refresh" | "remint";
}

/** What a person should know of a credential that was issued. */
export function notices(facts: PairFacts, fields: Fields, wish: Wish): string[] {
  return [...aboutRotation(facts, fields, wish), ...aboutLife(facts, wish), ...aboutRights(facts, fields, wish)];
}

function aboutRotation({ refreshable }: PairFacts, fields: Fields, { rotation }: Wish): string[] {
  if (refreshable || rotation === "remint") return [];
  return [
    fields.refresh_token === undefined
      ? "JFrog gave no refresh token: this token can't be rotated"
      : "its audience leaves out jfac@*: this token can neither be rotated nor revoked",
  ];
}

function aboutLife({ issuedAt, expiresAt }: PairFacts, { life: askedMs }: Wish): string[] {
  const life = issuedAt === undefined || expiresAt === undefined ? undefined : expiresAt - issuedAt;
  const found: string[] = [];
  if (askedMs !== undefined && life !== undefined && life < askedMs - minute)
    found.push(`asked for a token of ${span(askedMs)}, JFrog gave ${span(life)}`);
  if (askedMs !== undefined && life === undefined)
    found.push(`asked for a token of ${span(askedMs)}, JFrog gave one without an end`);
  return found;
}

function aboutRights({ scope, audience }: PairFacts, fields: Fields, wish: Wish): string[] {
  const found: string[] = [];
  if (wish.scope !== undefined && scope !== undefined && scope !== wish.scope)
    found.push(`asked for the scope ${wish.scope}, JFrog gave ${scope}`);
  if (wish.audience !== undefined && audience !== undefined && audience !== wish.audience)
    found.push(`asked for the audience ${wish.audience}, JFrog gave ${audience}`);
  if (wish.reference && fields.reference_token === undefined) found.push("JFrog gave no reference token");
  return found;
}

export function span(milliseconds: number): string {
  if (milliseconds >= 2 * day) return `${Math.floor(milliseconds / day)} d`;
  if (milliseconds >= 2 * hour) return `${Math.floor(milliseconds / hour)} h`;
  return milliseconds >= 2 * minute
    ? `${Math.floor(milliseconds / minute)} min`
    : `${Math.floor(milliseconds / 1000)} s`;
}
