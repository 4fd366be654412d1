import type { Context, Doubt } from "./context.ts";

/** The doubt that a rotation is in already, or one that begins. */
export function doubtOf(context: Context, cause: Doubt["cause"], since: number): Doubt {
  return context.doubt ?? newDoubt(cause, since);
}

export function newDoubt(cause: Doubt["cause"], since: number): Doubt {
  return { cause, since, presentations: 0, forbidden: false, deadLooks: 0, pastEnd: false, message: null };
}
