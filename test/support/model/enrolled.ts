import type { Switches } from "./jfrog.ts";
import { MINUTE, ModelWorld, type Setting } from "./world.ts";

/** JFrog as it is by default, with tokens of an hour. */
export const USUAL: Switches = {
  life: 60 * MINUTE,
  spentAnswer: 404,
  oldAccessLives: 0,
  grace: 0,
  lists: true,
  mintForbidden: false,
  refreshable: true,
};

export interface Wish extends Partial<Omit<Setting, "switches">> {
  readonly switches?: Partial<Switches>;
}

/** A world without anything special, but for what is wished. */
export function worldWith({ switches = {}, ...rest }: Wish = {}): ModelWorld {
  return new ModelWorld({ skew: { service: 0, store: 0 }, seed: 1, ...rest, switches: { ...USUAL, ...switches } });
}

/** The person has been asked to sign in, and is about to. */
export async function signingIn(wish: Wish = {}, world = worldWith(wish)): Promise<ModelWorld> {
  await world.boot();
  await world.drain();
  await world.ask("enrol");
  world.attended = true;
  return world;
}

/** One enrolment, just enrolled and at rest; the person has gone. */
export async function enrolled(wish: Wish = {}): Promise<ModelWorld> {
  const world = await signingIn(wish);
  await world.runFor(MINUTE);
  world.attended = false;
  if (world.state !== "active.resting") throw new Error(`not enrolled: ${world.state}`);
  return world;
}
