import { DotvaultError } from "../errors.ts";
import type { Append, Journal, StreamHead } from "../journal/port.ts";
import { isDiskTrouble } from "./durably.ts";
import type { Log } from "./ports.ts";

/** So many outcomes at most are in memory alone. */
const BATCH = 64;
/** So many wait for a journal that takes nothing. */
const MOST = 10_000;

/**
 * What became of files, committed in batches: while a pass holds them back, 64 outcomes are one transaction; otherwise each
 * is its own. A file that is written is written, also while the journal takes nothing: what became of it is remembered here
 * (so that nobody takes it for another's change), and committed with the next outcome.
 */
export class Outcomes {
  readonly #journal: Pick<Journal, "head" | "append" | "appendAll">;
  readonly #log: Log;
  #pending: Append[] = [];
  #heads = new Map<string, StreamHead>();
  #holds = 0;

  constructor(journal: Pick<Journal, "head" | "append" | "appendAll">, log: Log) {
    this.#journal = journal;
    this.#log = log;
  }

  /** As the journal's, with what is still to be committed. */
  head(stream: string): StreamHead | undefined {
    return this.#heads.get(stream) ?? this.#journal.head(stream);
  }

  append(input: Append): void {
    const { stream, expectedVersion, machineVersion, event, state, snapshot } = input;
    this.#pending.push(input);
    this.#heads.set(stream, { stream, version: expectedVersion + 1, machineVersion, state, snapshot, at: event.at });
    if (this.#holds === 0 || this.#pending.length >= BATCH) this.flush();
  }

  /** Durable when it returns, or nothing of it is. Throws what the journal throws, also the disk's trouble. */
  appendNow(input: Append): void {
    this.flush();
    if (this.#pending.length > 0) throw new DotvaultError("journal.full", "what became of files waits for room");
    this.#journal.append(input);
  }

  /** Outcomes of the work are committed together, at its end at the latest. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    this.#holds += 1;
    try {
      return await work();
    } finally {
      this.#holds -= 1;
      if (this.#holds === 0) this.flush();
    }
  }

  /** Throws what is not the disk's trouble. */
  flush(): void {
    const [first, ...more] = this.#pending;
    if (first === undefined) return;
    try {
      if (more.length === 0) this.#journal.append(first);
      else this.#journal.appendAll([first, ...more]);
      this.#forget();
    } catch (error) {
      if (!isDiskTrouble(error) || this.#pending.length > MOST) this.#forget();
      if (!isDiskTrouble(error)) throw error;
      const { code } = error as DotvaultError;
      this.#log.error({ code, rules: 1 + more.length }, "what became of files could not be journaled");
    }
  }

  #forget(): void {
    this.#pending = [];
    this.#heads = new Map();
  }
}
