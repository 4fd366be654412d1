import type { Clock } from "../../../src/agent/ports.ts";

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that moves only when it is told to. */
export class VirtualClock implements Clock {
  #now: number;
  #timers = new Set<Timer>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  at(time: number, wake: () => void): () => void {
    const timer = { at: time, wake };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** When the next timer is due; never in the past. */
  next(): number {
    return Math.max(this.#now, Math.min(...[...this.#timers].map(({ at }) => at)));
  }

  /** Moves on and rings what came due on the way. */
  moveTo(time: number): void {
    this.#now = Math.max(this.#now, time);
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.#timers.delete(timer)) timer.wake();
  }

  /** The process that set them is dead. */
  forgetTimers(): void {
    this.#timers = new Set();
  }
}
