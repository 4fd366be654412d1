import type { CameOut, Event } from "../../terminal/log/entry.ts";

/** Follows one stream's states and events: when an unanswered rotation comes out, and how. */
export class LostAnswers {
  readonly #lostAt = new Map<string, number>();

  /** @param states the state before and after the event */
  heed(
    stream: string,
    event: Event,
    at: number,
    states: { readonly before: string; readonly after: string },
  ): CameOut | null {
    if (event.type === "ANSWER_LOST" && event.intent === "refresh") {
      if (!this.#lostAt.has(stream)) this.#lostAt.set(stream, at);
      return null;
    }
    const lostAt = this.#lostAt.get(stream);
    if (lostAt === undefined || states.after.startsWith("refreshing.doubted")) return null;
    // The lease went meanwhile: the rotation begins anew, and the question is still open.
    if (states.after === "refreshing.claiming") return null;
    this.#lostAt.delete(stream);
    const how = howItCame(event, states);
    return how === null ? null : { how, took: at - lostAt };
  }
}

function howItCame({ type }: Event, { before, after }: { before: string; after: string }): CameOut["how"] | null {
  if (type === "PAIR_ISSUED") return before.endsWith(".minting") ? "minted" : "answered";
  if (after === "revoked") return "refused";
  if (after === "idle.missing") return "gone";
  return /^SECRET_/.test(type) && after.startsWith("active") ? "adopted" : null;
}
