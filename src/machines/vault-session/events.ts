import type { Happened } from "../stream/happened.ts";
import type { SecretRef } from "../stream/secret-ref.ts";
import type { Life, Settings } from "./context.ts";

type Payloads = {
  // the configuration
  CONFIGURED: { readonly settings: Settings };
  /** It names another server now. */
  LEFT: object;
  UPGRADED: { readonly from: number; readonly to: number };

  // a person
  TOKEN_BROUGHT: { readonly source: "env" | "file"; readonly id: string };
  /** What they had brought is gone, and there is no other. */
  TOKEN_GONE: object;
  /** `person`: by somebody at a terminal, in a process of their own. */
  LOGIN_ASKED: { readonly person: boolean };
  LOGIN_GIVEN_UP: object;

  // work that needs the server
  TOKEN_NEEDED: object;
  /** The server does not know the token: expired, revoked, mistyped. Asked about, never guessed. */
  TOKEN_DIED: { readonly id: string };
  /** Our sealed copy can't be opened. */
  TOKEN_UNREADABLE: { readonly id: string };
  /** What a login presents is another than what was refused. */
  CREDENTIALS_CHANGED: object;

  // the server
  LOGGED_IN: { readonly token: SecretRef; readonly life: Life; readonly who: string | null };
  LOGIN_KEPT: { readonly kept: SecretRef };
  LOGIN_REFUSED: {
    readonly mark: string;
    /** Absent in old histories, as in NOT_RENEWED. */
    readonly class?: string;
    readonly message: string;
    readonly hint: string | null;
    /** A person at the terminal may do better. */
    readonly person: boolean;
  };
  RENEWED: { readonly id: string; readonly life: Life };
  /** It lives, and gets no more time. */
  NOT_RENEWED: { readonly id: string; readonly class?: string; readonly message: string };
  /** `life` null: the policy keeps it to itself. */
  LOOKED_UP: { readonly id: string; readonly life: Life | null; readonly who: string | null };
  /** A token that is not wanted any more is revoked; `gone`: the server did not know it. */
  GIVEN_BACK: { readonly id: string; readonly how: "revoked" | "gone" };
  /** It was not, and is not tried again: it lives on to its end. */
  NOT_GIVEN_BACK: { readonly id: string; readonly class: string; readonly message: string };
  /** A login went out and no answer was recorded: a timeout, a reset, a crash. */
  ANSWER_LOST: {
    readonly intent: string;
    readonly class: string;
    readonly sentAt: number;
    /** In [0, 1). */
    readonly random: number;
  };

  // the clock
  WOKE: { readonly name: string };

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
/** Everything that can have happened to a session: plain JSON, past tense, with its time. */
export type SessionEvent = { [K in EventType]: { readonly type: K } & Happened & Payloads[K] }[EventType];
export type EventOf<K extends EventType> = Extract<SessionEvent, { type: K }>;
