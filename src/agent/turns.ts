import { dirname } from "node:path";
import type { Clock } from "./ports.ts";

/** Files that are worked on at the same time. */
const LANES = 8;
/** A file that has not answered for so long (a mount that is away) is no longer waited for. Milliseconds. */
export const PATIENCE = 10_000;
/** Each file that hangs keeps a thread of Node's pool; the rest of the threads is for the files that answer. */
const MOST_HANGING = 12;

interface Turn {
  readonly path: string;
  work: () => Promise<unknown>;
  /** Undefined: nobody waits any more. */
  waiter: PromiseWithResolvers<unknown> | undefined;
}

/**
 * Work on files: what is for one path is done in order, paths don't wait for one another. A file that hangs holds up its own
 * path and those beside it in its folder, which lie on the same mount, and nobody else.
 */
export class Turns {
  readonly #clock: Clock;
  /** In order of arrival; by path and key, so that of what waits for a file only the newest is done. */
  readonly #waiting = new Map<string, Turn>();
  readonly #running = new Map<string, Turn>();
  readonly #hanging = new Map<string, Turn>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Does the work when it is the path's turn. Work that waits under the same key (of the same type) is replaced, and who
   * waits for it gets the result of the newer.
   *
   * @returns undefined: no answer for ten seconds; the work goes on, or waits for its turn
   */
  run<T>(path: string, key: string, work: () => Promise<T>): Promise<T | undefined> {
    const id = `${path}\0${key}`;
    const turn: Turn = this.#waiting.get(id) ?? { path, work, waiter: undefined };
    turn.work = work;
    this.#waiting.set(id, turn);
    if (this.#isHeldUp(path)) return Promise.resolve(undefined);
    turn.waiter ??= Promise.withResolvers<unknown>();
    this.#start();
    return turn.waiter.promise as Promise<T | undefined>;
  }

  #isHeldUp(path: string): boolean {
    if (this.#hanging.size >= MOST_HANGING) return true;
    const folder = dirname(path);
    return this.#hanging.values().some((turn) => dirname(turn.path) === folder);
  }

  #start(): void {
    for (const [id, turn] of this.#waiting) {
      if (this.#running.size >= LANES) return;
      if (this.#running.has(turn.path) || this.#isHeldUp(turn.path)) continue;
      this.#waiting.delete(id);
      this.#running.set(turn.path, turn);
      void this.#do(turn);
    }
  }

  async #do(turn: Turn): Promise<void> {
    const cancel = this.#clock.at(this.#clock.now() + PATIENCE, () => this.#giveUp(turn));
    try {
      const result = await turn.work();
      turn.waiter?.resolve(result);
    } catch (error) {
      turn.waiter?.reject(error);
    } finally {
      cancel();
      this.#running.delete(turn.path);
      this.#hanging.delete(turn.path);
      this.#start();
    }
  }

  /** Nobody waits for it any more, nor for what stands behind it. */
  #giveUp(turn: Turn): void {
    this.#running.delete(turn.path);
    this.#hanging.set(turn.path, turn);
    for (const held of [turn, ...this.#waiting.values().filter(({ path }) => this.#isHeldUp(path))]) {
      held.waiter?.resolve(undefined);
      held.waiter = undefined;
    }
    this.#start();
  }
}
