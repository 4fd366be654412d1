import { Actors } from "../../src/agent/actors.ts";
import { keepLineage } from "../../src/agent/keep-lineage.ts";
import { Outcomes } from "../../src/agent/outcomes.ts";
import type { World } from "../../src/agent/ports.ts";
import { configure } from "../../src/agent/resume.ts";
import { RuleStreams } from "../../src/agent/rule-stream.ts";
import type { NewEvent } from "../../src/agent/task.ts";
import { requireConfig } from "../../src/commands/assembly/config.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import { openWorld } from "../../src/commands/assembly/world.ts";
import type { Rendered, RuleEvent } from "../../src/machines/rule/rule.ts";
import { streamOf } from "../../src/machines/stream/names.ts";
import { type Entry, halfLife, history } from "./history.ts";
import { type Home, makeHome } from "./home.ts";

const platform = "http://127.0.0.1:9";
/** A sealed pair: two JWTs of a common size. */
const jwe = "j".repeat(2600);

/** Of an enrolment, and of the rule that writes its file. */
export const eventsPerRotation = 9;
const minute = 60_000;

/** A home whose journal has seen some years: every enrolment active, rotated as often as makes so many events, its file written. */
export async function loadedHome(enrolments: number, events: number): Promise<Home> {
  const home = makeHome({ platform, enrolments });
  const config = requireConfig({ positionals: [], flags: {} }, home.io);
  const { world, plan, close } = await openWorld(home.where, config, home.io, { log: silentLog });
  live(world, home, Math.floor(events / enrolments / eventsPerRotation));
  const actors = new Actors(world);
  for (const name of home.names) await syncFile(world, actors, name);
  configure(world, actors, new Map(plan.enrolments.map((one) => [streamOf(one.name), one])));
  await close();
  return home;
}

/** Journals what the agent journals of all enrolments in so many rotations, by turns, the last of them just now. */
function live(world: World, home: Home, rotations: number): void {
  const begins = Date.now() - rotations * halfLife - home.names.length * minute;
  // Once a day the agent does this.
  const yesterday = Date.now() - 24 * 60 * minute;
  let now = 0;
  const clock = { ...world.clock, now: () => now };
  const actors = new Actors({ ...world, clock });
  const rules = new RuleStreams(new Outcomes(world.journal, silentLog), silentLog);
  const lives = home.names.map((name, index) => lifeOf(world, name, rotations, begins + index * minute));
  for (const { name, stream, event, closes, kept } of lives.flat().toSorted((a, b) => a.event.at - b.event.at)) {
    if (now < yesterday && event.at >= yesterday) keepLineage(world.journal, 0);
    now = event.at;
    if (event.type === "SYNCED") rules.record(name, written(actors, home, name, now));
    const sealed = kept.map((ref) => ({ ref, jwe }));
    actors.step(stream, event as NewEvent, { sealed, ...(closes === undefined ? {} : { closes }) });
  }
}

interface Lived extends Entry {
  readonly name: string;
  readonly stream: string;
}

function lifeOf({ machine }: World, name: string, rotations: number, start: number): Lived[] {
  const stream = streamOf(name);
  const subject = { stream, origin: platform, label: `dotvault ${machine.name} ${name}` };
  return history(subject, rotations, start).map((entry) => ({ ...entry, name, stream }));
}

/** As a sync in those days has told of the file. */
function written(actors: Actors, home: Home, name: string, at: number): RuleEvent {
  const keys = ["/server", "/token"].map((pointer) => ({ pointer, digest: null, line: 1 }));
  const told = { source: "store", from: renderedFrom(actors, name), keys, leaving: null, post: false } as const;
  return { type: "FILE_WRITTEN", at, path: home.file(name), secret: name, ...told };
}

function renderedFrom(actors: Actors, name: string): Rendered {
  const { context } = actors.snapshot(streamOf(name));
  const { digest = null, stored = null } = context.fresh ?? context.current ?? {};
  return { version: stored?.version ?? null, createdAt: stored?.createdAt ?? null, pair: digest };
}

/** The newest pair's, by today's sync engine. */
async function syncFile({ files }: World, actors: Actors, name: string): Promise<void> {
  const fields = { url: platform, access_token: `the access token of ${name}` };
  await files.sync(name, fields, "store", renderedFrom(actors, name));
}
