import { setTimeout as pause } from "node:timers/promises";
import type { Followed } from "../assembly/follow.ts";
import { LOOK_EVERY } from "../assembly/follow.ts";

/** What became of a login. */
export type Outcome =
  | { readonly kind: "logged-in" }
  | {
      readonly kind: "refused";
      readonly message: string;
      readonly hint: string | null;
      /** A person at the terminal may do better. */
      readonly person: boolean;
    }
  /** The agent goes on trying, where one runs. */
  | { readonly kind: "trouble"; readonly message: string };

/** Follows the session from an event on, to the end of a login. Rejects when `signal` aborts. */
export async function loginOutcome(
  { reader, tend }: Followed,
  stream: string,
  since: number,
  signal?: AbortSignal,
): Promise<Outcome> {
  let [seen, after] = [-1, since];
  for (;;) {
    signal?.throwIfAborted();
    const version = reader.dataVersion();
    if (version !== seen) {
      for (const { seq, event } of reader.events({ stream, afterSeq: after })) {
        after = seq;
        const outcome = outcomeOf(event);
        if (outcome) return outcome;
      }
      const failure = reader.openIntents(stream).find(({ kind }) => kind === "login")?.failure;
      if (failure) return { kind: "trouble", message: failure.message };
      seen = version;
    }
    await pause(LOOK_EVERY);
    await tend?.();
  }
}

function outcomeOf(event: { readonly type: string; readonly [member: string]: unknown }): Outcome | undefined {
  if (event.type === "LOGGED_IN") return { kind: "logged-in" };
  if (event.type === "ANSWER_LOST") return { kind: "trouble", message: "the answer to the login was lost" };
  if (event.type !== "LOGIN_REFUSED") return undefined;
  const hint = typeof event.hint === "string" ? event.hint : null;
  return { kind: "refused", message: String(event.message), hint, person: event.person === true };
}
