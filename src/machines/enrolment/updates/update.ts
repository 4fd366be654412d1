import type { Ask, AskCode, Cleanup, Context, Pair, SecretRef } from "../context.ts";
import type { EnrolmentEvent, StoreFacts } from "../events.ts";

const SPENT_KEPT = 8;
const ORPHANS_KEPT = 8;

/** What an event changes in the context; pure, one function a fact. */
export type Update<E> = (args: { readonly context: Context; readonly event: E }) => Partial<Context>;

/** Clears what belongs to a step that is over. */
export const settled = { held: null, doubt: null, heldBy: null, asked: false } as const;

/** A mint that is given up without an answer may have succeeded. */
export function givenUp({ mint, fresh, orphans }: Context): Pick<Context, "mint" | "orphans"> {
  if (!mint || fresh) return { mint: null, orphans };
  return { mint: null, orphans: [...orphans, mint.description].slice(-ORPHANS_KEPT) };
}

export function pairOf(event: StoreFacts, ref: SecretRef | null): Pair | null {
  if (event.found === null) return null;
  return {
    ...event.found,
    spread: event.spread,
    stored: { version: event.version, createdAt: event.createdAt },
    ref,
  };
}

export function cleanup(
  token: { readonly ref: SecretRef | null; readonly tokenId?: string | null } | null,
  why: Cleanup["why"],
  since: number,
): Cleanup[] {
  return token?.ref ? [{ ref: token.ref, tokenId: token.tokenId ?? null, why, since }] : [];
}

export function hintOf(event: EnrolmentEvent): string | null {
  return "hint" in event ? event.hint : null;
}

export function ask(code: AskCode, since: number, message: string | null = null, hint: string | null = null): Ask {
  return { code, since, message, hint };
}

export function remember(spent: readonly string[], digest: string): readonly string[] {
  return [...spent.filter((known) => known !== digest), digest].slice(-SPENT_KEPT);
}

/** Only an issuer's clock that is off by more than a header's whole second counts. */
export function skewed(
  context: Context,
  event: { readonly at: number; readonly serverTime?: number },
): { skew: number } {
  if (event.serverTime === undefined) return { skew: context.skew };
  const skew = event.serverTime - event.at;
  return { skew: Math.abs(skew) < 2_000 ? 0 : skew };
}
