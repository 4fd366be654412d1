import type { IntentRule } from "../stream/decide.ts";
import type { SecretRef } from "../stream/secret-ref.ts";
import type { AskCode } from "./context.ts";

/**
 * Everything that the enrolment machine can ask for. The agent journals an intent before it performs it; what came of it
 * is an event (events.ts).
 */
export type Intents = {
  /** Read the stored secret; its pair is sealed here. → SECRET_READ */
  read: Record<string, never>;
  /** Register the login session. → SESSION_OPENED, SESSION_REFUSED, SESSION_EXPIRED */
  openSession: { readonly session: SecretRef; readonly until: number };
  /** Ask whether the person has signed in. → GRANTED, SESSION_GONE, SESSION_REFUSED, SESSION_EXPIRED */
  poll: { readonly session: SecretRef; readonly until: number };
  /** Have a pair of our own issued, by a bootstrap token or by a live pair. → PAIR_ISSUED, MINT_REFUSED, PAIR_UNREADABLE */
  mint: { readonly with: SecretRef | null; readonly description: string };
  /** Claim the lease, which also shows that the store can be written. → CLAIMED, HELD_ELSEWHERE */
  claim: Record<string, never>;
  /** Mark the lease, present the pair. Once. → PAIR_ISSUED, REFUSED, ANSWER_LOST, LEASE_LOST, PAIR_UNREADABLE */
  refresh: { readonly pair: SecretRef; readonly version: number; readonly lease: number };
  /** Does the access token live? → PROBED, PAIR_UNREADABLE */
  probe: { readonly pair: SecretRef };
  /** Write the pair to the store (CAS). → STORED, STORE_CONFLICT, PAIR_UNREADABLE */
  store: {
    readonly pair: SecretRef;
    readonly replaces: readonly string[];
    readonly issuedAt: number | null;
    readonly byPerson: boolean;
  };
  /** Soft-delete exactly this version, if it still holds this pair. → REMOVED, SECRET_MOVED */
  remove: { readonly version: number; readonly digest: string };
  /** Give the lease back. → RELEASED */
  release: { readonly lease: number };
  /** Write the files of this enrolment's rules. → SYNCED */
  sync: { readonly digest: string };
  /** Revoke a token at the service. → REVOKED */
  revoke: { readonly pair: SecretRef; readonly tokenId: string | null; readonly after: number };
  /** Find what unanswered mints left at the service and revoke it. → SWEPT */
  sweep: { readonly with: SecretRef; readonly description: string; readonly keep: string };
  /** Tell the person, if it is news (notice.ts). → NOTIFIED */
  notify: { readonly code: AskCode };
};

export type IntentKind = keyof Intents;
export type Intent = { [K in IntentKind]: { readonly type: K; readonly params: Intents[K] } }[IntentKind];

const only = () => "";

/** How each kind is recovered, and how long it lives. An intent kind without a row does not compile. */
export const INTENT_RULES: { readonly [K in IntentKind]: IntentRule & { subject: (params: Intents[K]) => string } } = {
  read: { once: false, bound: true, subject: only },
  openSession: { once: false, bound: true, subject: (p) => p.session.id },
  poll: { once: false, bound: true, subject: (p) => p.session.id },
  mint: { once: false, bound: true, subject: (p) => p.description },
  claim: { once: false, bound: true, subject: only },
  refresh: { once: true, bound: true, subject: (p) => p.pair.id },
  probe: { once: false, bound: true, subject: (p) => p.pair.id },
  store: { once: false, bound: true, subject: (p) => p.pair.id },
  remove: { once: false, bound: true, subject: (p) => p.digest },
  release: { once: false, bound: false, subject: (p) => String(p.lease) },
  sync: { once: false, bound: false, subject: (p) => p.digest },
  revoke: { once: false, bound: false, subject: (p) => p.pair.id },
  sweep: { once: false, bound: false, subject: (p) => p.description },
  notify: { once: false, bound: false, subject: (p) => p.code },
};
