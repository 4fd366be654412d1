import { setImmediate } from "node:timers/promises";

/** What becomes of one call to the outside. */
export type Fate =
  /** Done and answered. */
  | "answered"
  /** Never left this machine. */
  | "unsent"
  /** Done, but the answer is lost. */
  | "lost"
  /** Not done, and nobody here can tell. */
  | "unknown";

interface Call {
  readonly name: string;
  settle(fate: Fate): void;
  /** The process is gone; whether the effect happened is the other side's affair. */
  abandon(happened: boolean): void;
}

/** Everything that leaves the process waits here until the test decides its fate. */
export class Wire {
  #pending: Call[] = [];
  /** Names of calls whose answer was lost, in order. */
  readonly lost: string[] = [];

  call<T>(name: string, effect: () => T, fail: (sent: "no" | "maybe") => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const answer = (make: () => T) => {
        try {
          resolve(make());
        } catch (error) {
          reject(error);
        }
      };
      this.#pending.push({
        name,
        settle: (fate) => {
          if (fate === "answered") answer(effect);
          else {
            if (fate === "lost") swallow(effect);
            if (fate !== "unsent") this.lost.push(name);
            answer(() => fail(fate === "unsent" ? "no" : "maybe"));
          }
        },
        abandon: (happened) => {
          this.lost.push(name);
          if (happened) swallow(effect);
        },
      });
    });
  }

  /** Names of the calls that wait, in order. */
  get pending(): string[] {
    return this.#pending.map(({ name }) => name);
  }

  /** Decides the fate of one of the waiting calls, and lets the process go on until it waits again. */
  async settle(index: number, fate: Fate): Promise<void> {
    const [call] = this.#pending.splice(index % Math.max(1, this.#pending.length), 1);
    call?.settle(fate);
    await quiet();
  }

  crash(happened: (index: number) => boolean): void {
    const calls = this.#pending;
    this.#pending = [];
    for (const [index, call] of calls.entries()) call.abandon(happened(index));
  }
}

/** Resolves when the process has nothing to do but to wait: all promises that can go on have gone on. */
export function quiet(): Promise<void> {
  return setImmediate();
}

/** The other side may refuse, at once or as a promise, and nobody hears of it. */
function swallow(effect: () => unknown): void {
  void new Promise((resolve) => resolve(effect())).catch(() => undefined);
}
