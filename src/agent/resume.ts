import type { OpenIntent } from "../journal/port.ts";
import { MACHINE_VERSION } from "../machines/enrolment/machine.ts";
import { type Actors, streamOf } from "./actors.ts";
import type { Enrolment, World } from "./ports.ts";

/**
 * Takes up what was under way: at the start, and when an enrolment comes back into the configuration. An open `once`
 * intent is closed with ANSWER_LOST, the very event that a timeout gives; every other one is simply performed again by
 * the loop.
 *
 * @param inHand whether an intent, by its id, is being performed at this moment: its answer is still to come
 */
export function resume(
  world: World,
  actors: Actors,
  streams: Iterable<string>,
  inHand: (id: string) => boolean = () => false,
): void {
  for (const stream of streams) {
    const from = actors.writtenBy(stream);
    if (from !== undefined && from < MACHINE_VERSION) {
      actors.step(stream, { type: "UPGRADED", from, to: MACHINE_VERSION }, { always: true });
    }
    const open = world.journal
      .openIntents(stream)
      .filter((intent) => mayHaveBeenPerformed(intent, world.clock.now()) && !inHand(intent.id));
    if (open.length > 0) actors.step(stream, { type: "RESUMED", open: [...new Set(open.map(({ kind }) => kind))] });
    for (const { id, kind, once, phase } of open) {
      if (!once || phase !== "open") continue;
      const event = { type: "ANSWER_LOST", intent: kind, class: "agent.restarted", random: world.random() } as const;
      actors.step(stream, event, { closes: id });
    }
  }
}

/** What was not due yet can't have been; but a clock that was set back makes what was sent look so. */
function mayHaveBeenPerformed({ once, phase, dueAt }: OpenIntent, now: number): boolean {
  return dueAt <= now || (once && phase === "open");
}

/** Brings every actor up to what the configuration says now; an unchanged one is not journaled. */
export function configure(world: World, actors: Actors, enrolments: ReadonlyMap<string, Enrolment>): void {
  for (const { name, engine } of enrolments.values()) {
    const settings = {
      engine: engine.name,
      traits: engine.traits,
      origin: engine.origin ?? null,
      label: `dotvault ${world.machine.name} ${name}`,
      rotation: engine.rotation ?? "refresh",
    };
    const stream = streamOf(name);
    const known = actors.snapshot(stream).context.settings;
    if (JSON.stringify(known) !== JSON.stringify(settings)) actors.step(stream, { type: "CONFIGURED", settings });
  }
  world.journal.setFact(
    "configured",
    [...enrolments.values()].map(({ name, engine }) => ({ name, engine: engine.name, label: engine.label })),
  );
}
