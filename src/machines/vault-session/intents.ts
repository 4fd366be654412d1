import type { IntentRule } from "../stream/decide.ts";
import type { SecretRef } from "../stream/secret-ref.ts";
import type { Way } from "./context.ts";

/** A token in question: brought tokens have no sealed copy. */
export type About = { readonly id: string; readonly ref: SecretRef | null };

/** Everything that the session can ask for. */
export type Intents = {
  /** Log in with a method that needs nobody. Once. → LOGGED_IN, LOGIN_KEPT, LOGIN_REFUSED, ANSWER_LOST */
  login: { readonly kept: SecretRef | null };
  /** Ask for more time. → RENEWED, NOT_RENEWED, TOKEN_DIED */
  renew: About;
  /** Ask whether the token lives, and how long. → LOOKED_UP, TOKEN_DIED */
  lookup: About;
  /**
   * Revoke a token that is not wanted any more, where it came from; given up after `until`, milliseconds since the epoch.
   * → GIVEN_BACK, NOT_GIVEN_BACK
   */
  giveBack: { readonly id: string; readonly ref: SecretRef; readonly way: Way; readonly until: number };
};

export type IntentKind = keyof Intents;
export type Intent = { [K in IntentKind]: { readonly type: K; readonly params: Intents[K] } }[IntentKind];

/** An intent kind without a row does not compile. */
export const INTENT_RULES: { readonly [K in IntentKind]: IntentRule & { subject: (params: Intents[K]) => string } } = {
  login: { once: true, bound: true, subject: ({ kept }) => kept?.id ?? "" },
  renew: { once: false, bound: true, subject: ({ id }) => id },
  lookup: { once: false, bound: true, subject: ({ id }) => id },
  giveBack: { once: false, bound: false, subject: ({ id }) => id },
};
