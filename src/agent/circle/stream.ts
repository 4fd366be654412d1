import type { Journal, JsonObject, NewIntent } from "../../journal/port.ts";
import {
  CIRCLE_VERSION,
  type CircleEvent,
  type CircleSnapshot,
  circleSnapshot,
  foldCircle,
} from "../../machines/circle/circle.ts";
import { CIRCLE } from "../../machines/stream/names.ts";
import { isDiskTrouble } from "../durably.ts";
import type { Log } from "../ports.ts";

export type CircleJournal = Pick<Journal, "head" | "heads" | "append" | "openIntents" | "reschedule">;
type WithoutTime<E> = E extends unknown ? Omit<E, "at"> : never;
export type NewCircleEvent = WithoutTime<CircleEvent>;

export const TRY = "tryPlatform";

/** The stream of one enrolment's circle. What can't be journaled now is found out again later. */
export class CircleStream {
  readonly #stream: string;
  readonly #journal: CircleJournal;
  readonly #clock: { now(): number };
  readonly #log: Log;

  constructor(name: string, journal: CircleJournal, clock: { now(): number }, log: Log) {
    this.#stream = CIRCLE + name;
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
  }

  snapshot(): CircleSnapshot {
    return circleSnapshot(this.#journal.head(this.#stream)?.snapshot);
  }

  /** The open intent to try a platform. */
  open(url: string) {
    return this.#journal.openIntents(this.#stream).find(({ subject }) => subject === url);
  }

  /** Whatever is open is for a circle that was another one: every platform is shown the credential anew. */
  configure(circle: Pick<NewCircleEvent & { readonly type: "CIRCLE_CONFIGURED" }, "platforms" | "trust">): void {
    const withdraws = this.#journal.openIntents(this.#stream).map(({ id }) => id);
    this.record({ type: "CIRCLE_CONFIGURED", ...circle }, { withdraws });
  }

  /** The credential is new: an intent for each platform, in place of those for the one before. */
  begin(event: NewCircleEvent & { readonly type: "TRIALS_BEGUN" }, urls: readonly string[]): void {
    const version = this.#journal.head(this.#stream)?.version ?? 0;
    const intents = urls.map((url, index) => ({
      id: `${this.#stream}#${version + 1}.${index}`,
      kind: TRY,
      subject: url,
      params: { url, pair: event.pair },
      once: false,
      dueAt: this.#clock.now(),
    }));
    this.record(event, { intents, withdraws: this.#journal.openIntents(this.#stream).map(({ id }) => id) });
  }

  /** Journals what happened, if that is news or ends an intent. @returns whether it is in the journal */
  record(
    event: NewCircleEvent,
    rest: {
      readonly intents?: readonly NewIntent[];
      readonly withdraws?: readonly string[];
      readonly closes?: string;
    } = {},
  ): boolean {
    const head = this.#journal.head(this.#stream);
    const before = circleSnapshot(head?.snapshot);
    const dated = { ...event, at: this.#clock.now() } as CircleEvent;
    const after = foldCircle(before, dated);
    if (after === null && rest.closes === undefined) return false;
    try {
      this.#journal.append({
        stream: this.#stream,
        expectedVersion: head?.version ?? 0,
        machineVersion: CIRCLE_VERSION,
        event: dated as unknown as JsonObject & { type: string; at: number },
        state: (after ?? before).value,
        snapshot: (after ?? before) as unknown as JsonObject,
        ...rest,
      });
    } catch (error) {
      if (!isDiskTrouble(error)) throw error;
      this.#log.error({ stream: this.#stream, event: event.type }, "what became of a platform could not be journaled");
      return false;
    }
    this.#log.info({ stream: this.#stream, event: event.type }, "circle");
    return true;
  }

  postpone(
    intentId: string,
    to: { readonly dueAt: number; readonly attempt: number; readonly class: string; readonly message: string },
  ): void {
    const { dueAt, attempt, class: kind, message } = to;
    const now = this.#clock.now();
    this.#journal.reschedule(intentId, {
      dueAt,
      attempt,
      phase: "open",
      failure: { class: kind, message, since: now, at: now },
    });
  }
}
