/** A lifetime as the issuer stated it; milliseconds since the epoch by the issuer's clock. */
export interface Lifetime {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * When a credential is due for rotation: half its life, plus up to a twentieth of it so that a fleet enrolled in one hour
 * does not rotate in one hour. Never before the half.
 *
 * @param spread in [0, 1), fixed per machine and token
 */
export function halfLife({ issuedAt, expiresAt }: Lifetime, spread: number): number {
  const life = Math.max(0, expiresAt - issuedAt);
  return Math.ceil(issuedAt + life / 2 + (clampUnit(spread) * life) / 20);
}

/** From here on a person is asked in time: an eighth of the life is left. */
export function lastEighth({ issuedAt, expiresAt }: Lifetime): number {
  return Math.ceil(expiresAt - Math.max(0, expiresAt - issuedAt) / 8);
}

function clampUnit(value: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), 1) : 0;
}
