import type { RequestKind } from "./calls.ts";
import { type Effect, type Fault, faultName, type HoldFault } from "./fault.ts";

/** A fault that has been put in place. */
export interface InjectedFault {
  readonly id: number;
  readonly fault: Fault;
  /** How many requests it has struck. */
  readonly hits: number;
  /** Fulfilled once it has struck `count` requests (default 1): for a hold, once the request is being held. */
  struck(count?: number): Promise<void>;
  /** Lets go the requests that it holds or stalls now. */
  release(): void;
  /** Strikes no further request, and lets go those it holds. */
  clear(): void;
}

class Armed implements InjectedFault {
  readonly id: number;
  readonly fault: Fault;
  hits = 0;
  #seen = 0;
  #drawn = 0;
  #cleared = false;
  #held: (() => void)[] = [];
  #watchers: { count: number; resolve: () => void }[] = [];

  constructor(id: number, fault: Fault) {
    this.id = id;
    this.fault = fault;
  }

  /** Whether it takes this request; counts it when it does. */
  draw(kind: RequestKind, user: string | null): boolean {
    const { on, times = 1, skip = 0, user: only } = this.fault;
    if (this.#cleared || (on !== "any" && on !== kind) || (only !== undefined && only !== user)) return false;
    this.#seen += 1;
    if (this.#seen <= skip || (times !== "always" && this.#drawn >= times)) return false;
    this.#drawn += 1;
    return true;
  }

  strike(): void {
    this.hits += 1;
    const due = this.#watchers.filter((watcher) => watcher.count <= this.hits);
    this.#watchers = this.#watchers.filter((watcher) => watcher.count > this.hits);
    for (const watcher of due) watcher.resolve();
  }

  wait(): Promise<void> {
    return new Promise((resolve) => this.#held.push(resolve));
  }

  struck(count = 1): Promise<void> {
    if (this.hits >= count) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ count, resolve }));
  }

  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const go of held) go();
  }

  clear(): void {
    this.#cleared = true;
    this.release();
  }
}

/** What the plan has for one request: any number of holds, and one effect. */
export interface Drawn {
  readonly names: readonly string[];
  readonly effect: { readonly fault: Effect; strike(): void; wait(): Promise<void> } | undefined;
  /** The holds of that side, one after the other; `undefined` when there is none (nothing to wait for). */
  hold(when: "before" | "after"): Promise<void> | undefined;
}

/** The faults in place, in the order they were put there. */
export class FaultPlan {
  #armed: Armed[] = [];
  #next = 1;

  inject(fault: Fault): InjectedFault {
    const armed = new Armed(this.#next, fault);
    this.#next += 1;
    this.#armed.push(armed);
    return armed;
  }

  list(): readonly InjectedFault[] {
    return this.#armed;
  }

  clear(id?: number): void {
    const [gone, kept] = [this.#armed.filter((one) => id === undefined || one.id === id), this.#armed];
    this.#armed = kept.filter((one) => !gone.includes(one));
    for (const one of gone) one.clear();
  }

  draw(kind: RequestKind, user: string | null): Drawn {
    const holds: { armed: Armed; fault: HoldFault }[] = [];
    let effect: Drawn["effect"];
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (fault.kind !== "hold" && effect !== undefined) continue;
      if (!armed.draw(kind, user)) continue;
      if (fault.kind === "hold") holds.push({ armed, fault });
      else effect = { fault, strike: () => armed.strike(), wait: () => armed.wait() };
    }
    const names = [...holds.map(({ fault }) => faultName(fault)), ...(effect ? [faultName(effect.fault)] : [])];
    const hold = (when: "before" | "after") => {
      const due = holds.filter(({ fault }) => (fault.when ?? "before") === when).map(({ armed }) => armed);
      return due.length === 0 ? undefined : pass(due);
    };
    return { names, effect, hold };
  }
}

async function pass(holds: readonly Armed[]): Promise<void> {
  for (const armed of holds) {
    const released = armed.wait();
    armed.strike();
    await released;
  }
}
