import type { TokenLine, Told } from "./lineage.ts";

/** A token as the service lists it. Times: milliseconds since the epoch. */
export interface ListedToken {
  readonly tokenId: string;
  readonly description: string | null;
  readonly issuedAt: number | null;
  readonly expiresAt: number | null;
  readonly user: string | null;
}

/**
 * How a token stands.
 *
 * - `in-use`: the enrolment's own; `to-be-revoked`: the agent sees to it
 * - `revoked`, `expired`, `rotated-away`: it is over
 * - `refused`: the service refused it for good
 * - `never-revoked`: superseded, and nothing is recorded that ended it
 * - `orphan`: a mint of this journal made it, and its answer never came
 * - `elsewhere`: of another machine, or rotated by one; `foreign`: not dotvault's
 */
export type Standing =
  | "in-use"
  | "to-be-revoked"
  | "revoked"
  | "expired"
  | "rotated-away"
  | "refused"
  | "never-revoked"
  | "orphan"
  | "elsewhere"
  | "foreign";

/** What an enrolment has in hand. */
export interface InHand {
  readonly inUse: readonly (string | null | undefined)[];
  readonly toBeRevoked: readonly (string | null | undefined)[];
  /**
   * When the credential in use was issued; null: that is not known, or the credential has no id by which the service's list
   * would tell it.
   */
  readonly since: number | null;
  /** What the description of its mints begins with. */
  readonly label: string | null;
  /** Ids of tokens that this journal's other enrolments know. */
  readonly others: ReadonlySet<string>;
}

/** How a token of the lineage stands. `listed`: whether the service lists it; null: that is not known. */
export function standingOf(token: TokenLine, inHand: InHand, listed: boolean | null, now: number): Standing {
  const { tokenId, digest, revoked, expiresAt, supersededBy, rotatedAway, how, refusedAt } = token;
  const names = [tokenId, digest].filter((name) => name !== null);
  const isOver = expiresAt !== null && expiresAt <= now;
  // What the agent has in hand ends, too, also while no agent looks.
  if (names.some((name) => inHand.inUse.includes(name))) return isOver ? "expired" : "in-use";
  if (hasEnded(revoked)) return "revoked";
  if (refusedAt !== undefined && listed !== true) return "refused";
  if (isOver) return "expired";
  if (names.some((name) => inHand.toBeRevoked.includes(name))) return "to-be-revoked";
  if (rotatedAway && listed !== true) return "rotated-away";
  return how === "adopted" && supersededBy === null ? "elsewhere" : "never-revoked";
}

const ENDED: readonly string[] = ["revoked", "already", "dead", "expired"];

/** Whether what came of its revocation is the end of a token. */
export function hasEnded(revoked: TokenLine["revoked"]): boolean {
  return revoked !== null && ENDED.includes(revoked.how);
}

/** How a token stands that the service lists and the lineage does not know. */
export function standingOfListed(token: ListedToken, { descriptions }: Told, inHand: InHand): Standing {
  if (inHand.inUse.includes(token.tokenId)) return "in-use";
  if (inHand.others.has(token.tokenId)) return "elsewhere";
  const isOurs = token.description?.startsWith(`${inHand.label} #`) && descriptions.includes(token.description);
  if (!isOurs) return token.description?.startsWith("dotvault ") ? "elsewhere" : "foreign";
  // What is younger than the credential in use has come of it by a rotation, perhaps another machine's.
  const isYounger = inHand.since === null || token.issuedAt === null || token.issuedAt > inHand.since;
  return isYounger ? "elsewhere" : "orphan";
}

/** What `token revoke --orphans` revokes: what the service still lists and nobody uses any more. */
export function isLeftOver(standing: Standing, listed: boolean | null): boolean {
  return listed === true && (standing === "orphan" || standing === "never-revoked");
}
