import type { Happened as HappenedAnywhere } from "../stream/happened.ts";
import type { Facts, NoticeCode, OpenPresentation, SecretRef, Settings } from "./context.ts";

/** What the store holds. `found` is null when there is no secret; a secret may be there and not be complete. */
export type StoreFacts = {
  readonly found: Facts | null;
  /** Of its newest version, also when that is deleted. */
  readonly version: number;
  readonly createdAt: number;
  /** The store's clock. */
  readonly serverTime: number;
  /** In [0, 1), from machine and token. */
  readonly spread: number;
  /** It is not what we knew, and no lease was written about that time. */
  readonly withoutLease?: boolean;
  /** The machine that brought it, where that was another one and the lease tells. */
  readonly by?: string;
};

type Happened = HappenedAnywhere & {
  /** The issuer's clock at its answer. */
  readonly serverTime?: number;
};

type Payloads = {
  // the configuration
  CONFIGURED: { readonly settings: Settings };
  PAUSED: object;
  UPGRADED: { readonly from: number; readonly to: number };
  /** The agent started; these intents were open, so their effects may have happened. */
  RESUMED: { readonly open: readonly string[] };

  // a person
  ENROL_ASKED: { readonly session: SecretRef | null; readonly again: boolean };
  ENROL_CANCELLED: object;
  REFRESH_ASKED: object;
  REVOKE_ASKED: object;

  // the clock
  WOKE: { readonly name: string };
  /** This machine's clock was set back, by so many milliseconds, while a login waited. */
  CLOCK_SET_BACK: { readonly by: number };

  // the login
  SESSION_OPENED: object;
  SESSION_REFUSED: { readonly class: string; readonly message: string; readonly hint: string | null };
  SESSION_GONE: { readonly message: string };
  SESSION_EXPIRED: object;
  GRANTED: { readonly bootstrap: SecretRef; readonly tokenId: string | null; readonly user: string | null };

  // the issuer
  PAIR_ISSUED: {
    readonly pair: SecretRef;
    readonly facts: Facts;
    readonly spread: number;
    readonly notices: readonly string[];
  };
  MINT_REFUSED: {
    readonly status: number;
    readonly class: string;
    readonly message: string;
    readonly hint: string | null;
  };
  REFUSED: { readonly status: number; readonly class: string; readonly message: string };
  /** A `once` intent went out and no answer was recorded: a timeout, a reset, a truncated answer, a crash. */
  ANSWER_LOST: {
    readonly intent: string;
    readonly class: string;
    readonly random: number;
    /** When it went out; absent in old histories. */
    readonly sentAt?: number;
  };
  PROBED: { readonly verdict: "alive" | "dead" | "unlisted"; readonly listed: boolean };
  REVOKED: { readonly subject: string; readonly how: string };
  SWEPT: { readonly revoked: readonly string[] };

  // the store
  SECRET_READ: StoreFacts & { readonly pair: SecretRef | null; readonly heldBy: OpenPresentation | null };
  SECRET_SEEN: StoreFacts;
  CLAIMED: { readonly lease: number; readonly doubt: OpenPresentation | null; readonly before?: number };
  HELD_ELSEWHERE: { readonly machine: string; readonly phase: string; readonly retryAt: number };
  LEASE_LOST: object;
  STORED: { readonly version: number; readonly createdAt: number; readonly replaced: SecretRef | null };
  STORE_CONFLICT: StoreFacts;
  /** The row of our sealed pair is damaged or gone: nobody will ever read it. */
  PAIR_UNREADABLE: object;
  REMOVED: object;
  SECRET_MOVED: object;
  RELEASED: object;

  // the files, the desktop
  SYNCED: { readonly written: readonly string[]; readonly failed: readonly string[] };
  /** `known`: it was no news, so nothing was said. */
  NOTIFIED: { readonly code: NoticeCode; readonly known?: true };

  /** A try failed; the intent stays open and is tried again. The first of its class only. */
  FAILED: {
    readonly intent: string;
    readonly class: string;
    readonly message: string;
    readonly hint: string | null;
    readonly sent: "no" | "maybe";
  };
};

export type EventType = keyof Payloads;
/** Everything that can have happened to an enrolment: plain JSON, past tense, with its time. */
export type EnrolmentEvent = { [K in EventType]: { readonly type: K } & Happened & Payloads[K] }[EventType];
export type EventOf<K extends EventType> = Extract<EnrolmentEvent, { type: K }>;
