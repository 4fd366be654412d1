import { Actors, streamOf } from "../../src/agent/actors.ts";
import type { World } from "../../src/agent/ports.ts";
import { configure } from "../../src/agent/resume.ts";
import type { NewEvent } from "../../src/agent/task.ts";
import { requireConfig } from "../../src/commands/config.ts";
import { silentLog } from "../../src/commands/log-output.ts";
import { openWorld } from "../../src/commands/world.ts";
import { eventsPerRotation, halfLife, history } from "./history.ts";
import { type Home, makeHome } from "./home.ts";

const platform = "http://127.0.0.1:9";
/** A sealed pair: two JWTs of a common size. */
const jwe = "j".repeat(2600);

/** A home whose journal has seen some years: every enrolment active, rotated as often as makes so many events. */
export async function loadedHome(enrolments: number, events: number): Promise<Home> {
  const home = makeHome({ platform, enrolments });
  const config = requireConfig({ positionals: [], flags: {} }, home.io);
  const { world, plan, close } = await openWorld(home.where, config, home.io, { log: silentLog });
  for (const name of home.names) live(world, name, Math.floor(events / enrolments / eventsPerRotation));
  configure(world, new Actors(world), new Map(plan.enrolments.map((one) => [streamOf(one.name), one])));
  await close();
  return home;
}

/** Journals what an enrolment's agent journals in so many rotations, the last of them just now. */
export function live(world: World, name: string, rotations: number): void {
  const stream = streamOf(name);
  const subject = { stream, origin: platform, label: `dotvault ${world.machine.name} ${name}` };
  let now = 0;
  const actors = new Actors({ ...world, clock: { ...world.clock, now: () => now } });
  for (const { event, closes, kept } of history(subject, rotations, Date.now() - rotations * halfLife)) {
    now = event.at;
    const sealed = kept.map((ref) => ({ ref, jwe }));
    actors.step(stream, event as NewEvent, { sealed, ...(closes === undefined ? {} : { closes }) });
  }
}
