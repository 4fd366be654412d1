import type { Child } from "../agent-process.ts";
import type { Stage } from "./stage.ts";
import type { Weapon } from "./weapons.ts";

type Point = Weapon & { readonly kind: "point" };

/** Takes an aim off again; the agent may have died of it before that. */
export type Disarm = () => Promise<unknown>;

/** From now on the agent dies by this weapon, when its time comes. */
export async function aim(stage: Stage, agent: Child, weapon: Weapon): Promise<Disarm> {
  if (weapon.kind === "point") {
    await stage.arm(agent, orderOf(weapon));
    return disarming(stage, agent);
  }
  let hasStruck = false;
  const lift = striking(stage, weapon, () => {
    hasStruck = true;
    agent.signal("SIGKILL");
  });
  return async () => {
    lift();
    // A signal that was sent is not yet a process that has ended.
    if (hasStruck) await agent.ended;
  };
}

/** Of a point that it was armed with. */
export function disarming(stage: Stage, agent: Child): Disarm {
  return async () => {
    if (agent.running) await stage.arm(agent, ["nothing", "before", "0"]);
  };
}

/** The words that child.ts understands. */
export function orderOf({ point, when, nth }: Point): string[] {
  return [point, when, String(nth)];
}

/** @returns ends it */
function striking({ platform }: Stage, weapon: Exclude<Weapon, Point>, strike: () => void): () => void {
  if (weapon.kind === "moment") {
    const timer = setTimeout(strike, weapon.ms);
    return () => clearTimeout(timer);
  }
  return platform.onCall((call, phase) => {
    if (call.kind === weapon.on && phase === weapon.phase) strike();
  });
}
