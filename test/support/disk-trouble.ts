import { DotvaultError } from "../../src/errors.ts";
import type { Journal } from "../../src/journal/port.ts";
import { enrolled } from "./model/enrolled.ts";
import type { ModelWorld } from "./model/world.ts";

type Write = "append" | "setFact" | "reschedule" | "markOpen";
const WRITES: readonly Write[] = ["append", "setFact", "reschedule", "markOpen"];

/** Every n-th write of the journal fails, whatever it writes, until the returned function is called. */
export function failEvery(journal: Journal, nth: number): () => void {
  const real = WRITES.map((name) => [name, journal[name]] as const);
  let writes = 0;
  for (const [name, write] of real) {
    const failing = (...args: unknown[]): unknown => {
      if (++writes % nth === 0) throw new DotvaultError("journal.full", "no space left for the journal");
      return (write as (...args: unknown[]) => unknown).apply(journal, args);
    };
    Object.assign(journal, { [name]: failing });
  }
  return () => {
    for (const [name, write] of real) Object.assign(journal, { [name]: write });
  };
}

/** Every write of the journal fails until the returned function is called. */
export function fillDisk(journal: Journal): () => void {
  const real = WRITES.map((name) => [name, journal[name]] as const);
  for (const name of WRITES) {
    journal[name] = () => {
      throw new DotvaultError("journal.full", "no space left for the journal");
    };
  }
  return () => {
    for (const [name, write] of real) Object.assign(journal, { [name]: write });
  };
}

export interface ModelWish {
  readonly oldAccessLives?: number;
  /** Clocks of the service and of the store, minus ours. */
  readonly skew?: { readonly service: number; readonly store: number };
}

/** A model world with one enrolment whose token lives for an hour. */
export async function enrolledWorld({
  oldAccessLives = 0,
  skew = { service: 0, store: 0 },
}: ModelWish = {}): Promise<ModelWorld> {
  return enrolled({ switches: { oldAccessLives }, skew });
}

/** The pair is presented, and its answer is about to come. */
export async function presenting(world: ModelWorld): Promise<void> {
  await world.ask("refresh");
  while (world.pending[0] !== "jfrog.refresh") await world.settle();
}
