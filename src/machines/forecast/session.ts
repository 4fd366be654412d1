import { stateName } from "../stream/state-name.ts";
import type { Open } from "../stream/step.ts";
import { type Context, currentToken, type Life, type Source, type Token } from "../vault-session/context.ts";
import { type SessionSnapshot, type Standing, step } from "../vault-session/decide.ts";
import type { SessionEvent } from "../vault-session/events.ts";
import type { Beginning as AnyBeginning, Due, Played, Span } from "./simulation.ts";
import { simulate } from "./simulation.ts";

export type SessionBeginning = AnyBeginning<SessionSnapshot>;

/** One thing that will happen to the session with the store's server. */
export type SessionForeseen = { readonly at: number } /** The token gets more time. */ & (
  | { readonly code: "session-renewal" }
  /** dotvault logs in by itself. */
  | { readonly code: "session-login" }
  | { readonly code: "session-ends"; readonly source: Source }
  /** Nobody is logged in, or will be by itself. `refused`: what dotvault presents was refused. */
  | { readonly code: "session-ask"; readonly refused: boolean }
  | { readonly code: "retry" | "open"; readonly step: string }
);

export interface SessionFuture {
  readonly seen: readonly SessionForeseen[];
  /** From then on nothing can be read from the store, nor written to it; null: that does not come. */
  readonly outFrom: number | null;
}

/**
 * The session run forward on a simulated clock, in a calm world: the server renews as it did, and takes every login that
 * needs nobody; no person logs in. How old it lets a token become is its own secret: a renewal that gives no more time is not
 * foreseen. Pure.
 */
export function forecastSession(beginning: SessionBeginning, during: Span, ...asleep: readonly Span[]): SessionFuture {
  const future = new Future(during);
  simulate(future, needed(beginning, during.from), during, asleep);
  return { seen: future.seen.toSorted((a, b) => a.at - b.at), outFrom: future.outFrom };
}

/** There is always work that needs the server. */
function needed(beginning: SessionBeginning, at: number): SessionBeginning {
  const { standing } = beginning;
  if (stateName(standing.snapshot.value) !== "signedOut") return beginning;
  const taken = step(standing, { type: "TOKEN_NEEDED", at });
  const open = taken.begins.map((intent) => ({ ...intent, failed: false, lost: false }));
  const after = {
    ...standing,
    version: standing.version + 1,
    snapshot: taken.snapshot,
    open: [...standing.open, ...open],
  };
  return { ...beginning, standing: after, open: [...beginning.open, ...open] };
}

class Future implements Played<SessionSnapshot, SessionEvent> {
  readonly seen: SessionForeseen[] = [];
  readonly step = step;
  outFrom: number | null = null;
  /** Since then there is no token. */
  #lostAt: number;
  #last: Life | null = null;
  readonly #during: Span;
  readonly #ended = new Set<string>();

  constructor(during: Span) {
    this.#during = during;
    this.#lostAt = during.from;
  }

  woke(name: string, at: number): SessionEvent {
    return { type: "WOKE", at, name };
  }

  outcome({ snapshot }: Standing, { id, kind, params }: Open, at: number): SessionEvent | null {
    const about = "id" in params ? String(params.id) : "";
    const token = tokenOf(snapshot.context, about);
    switch (kind) {
      case "login":
        return loggedIn(id, at, this.#last ?? currentToken(snapshot.context)?.life ?? null);
      case "renew":
        return renewed(about, at, token?.life ?? null);
      case "lookup":
        return isOver(token, at)
          ? { type: "TOKEN_DIED", at, id: about }
          : { type: "LOOKED_UP", at, id: about, life: token?.life ?? null, who: null };
      case "giveBack":
        return { type: "GIVEN_BACK", at, id: about, how: "revoked" };
      default:
        return null;
    }
  }

  /** A token ends by itself, and nothing came before that. */
  passing({ snapshot: { context, value } }: Standing, until: number): void {
    const token = currentToken(context);
    if (token === null) {
      this.#tellOut(context, stateName(value));
      return;
    }
    this.#last = token.life ?? this.#last;
    const at = token.life?.expiresAt ?? null;
    if (at === null || at > until || at < this.#during.from || this.#ended.has(token.id)) return;
    this.#ended.add(token.id);
    this.seen.push({ at, code: "session-ends", source: token.source });
  }

  happened({ type, at }: SessionEvent, { before, due }: { readonly before: SessionSnapshot; readonly due: Due }): void {
    if ("intent" in due && due.failed) this.seen.push({ at, code: "retry", step: due.intent.kind });
    if (type === "RENEWED") this.seen.push({ at, code: "session-renewal" });
    if (type === "LOGGED_IN") this.seen.push({ at, code: "session-login" });
    if (currentToken(before.context) !== null) this.#lostAt = at;
  }

  undecided({ kind }: Open, at: number): void {
    this.seen.push({ at, code: "open", step: kind });
  }

  /** There is no token, and none comes by itself. */
  #tellOut({ settings, refusal }: Context, state: string): void {
    const isAlone = settings !== null && settings.method !== null && !settings.needsPerson;
    if ((isAlone && refusal === null) || state === "signingIn.person" || this.outFrom !== null) return;
    this.outFrom = this.#lostAt;
    this.seen.push({ at: this.#lostAt, code: "session-ask", refused: refusal !== null });
  }
}

function tokenOf({ brought, login }: Context, id: string): Token | null {
  return [brought, login].find((token) => token?.id === id) ?? null;
}

function isOver(token: Token | null, at: number): boolean {
  const end = token?.life?.expiresAt ?? null;
  return end !== null && end <= at;
}

/** A token that lives as long as the one before it did; what the first one gets nobody knows. */
function loggedIn(intent: string, at: number, life: Life | null): SessionEvent | null {
  if (life === null) return null;
  const token = { id: `${intent}.0`, kind: "vaultToken", digest: `forecast ${intent}` } as const;
  return { type: "LOGGED_IN", at, token, life: lifeFrom(life, at), who: null };
}

function renewed(id: string, at: number, life: Life | null): SessionEvent {
  if (life !== null && life.expiresAt !== null && life.expiresAt <= at) return { type: "TOKEN_DIED", at, id };
  return { type: "RENEWED", at, id, life: life === null ? { ...ENDLESS, renewable: true } : lifeFrom(life, at) };
}

const ENDLESS = { expiresAt: null, dueAt: null } as const;

/** It is due at two thirds of what the server gave. */
function lifeFrom({ expiresAt, dueAt, renewable }: Life, at: number): Life {
  if (expiresAt === null || dueAt === null) return { ...ENDLESS, renewable };
  const length = (expiresAt - dueAt) * 3;
  return { expiresAt: at + length, dueAt: at + (length * 2) / 3, renewable };
}
