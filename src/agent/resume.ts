import type { OpenIntent } from "../journal/port.ts";
import type { Settings, Terms } from "../machines/enrolment/context.ts";
import { MACHINE_VERSION } from "../machines/enrolment/machine.ts";
import { streamOf } from "../machines/stream/names.ts";
import type { Actors } from "./actors.ts";
import type { Enrolment, World } from "./ports.ts";

/**
 * Takes up what was under way: at the start, and when an enrolment comes back into the configuration. An open `once`
 * intent is closed with ANSWER_LOST, the very event that a timeout gives; every other one is simply performed again by
 * the loop. Costs what is open, not what exists.
 *
 * @param inHand whether an intent, by its id, is being performed at this moment: its answer is still to come
 */
export function resume(
  world: World,
  actors: Actors,
  streams: Iterable<string>,
  inHand: (id: string) => boolean = () => false,
): void {
  const wanted = new Set(streams);
  upgrade(world, actors, wanted);
  const now = world.clock.now();
  const open = world.journal
    .openIntents()
    .filter((intent) => wanted.has(intent.stream) && mayHaveBeenPerformed(intent, now) && !inHand(intent.id));
  for (const [stream, intents] of Map.groupBy(open, (intent) => intent.stream)) {
    actors.step(stream, { type: "RESUMED", open: [...new Set(intents.map(({ kind }) => kind))] });
    for (const { id, kind, once, phase, dueAt } of intents) {
      if (!once || phase !== "open") continue;
      const lost = { type: "ANSWER_LOST", intent: kind, class: "agent.restarted", sentAt: dueAt } as const;
      actors.step(stream, { ...lost, random: world.random() }, { closes: id });
    }
  }
}

/** The first start with a newer machine tells every stream; one that is away from the configuration hears it with its return. */
function upgrade({ journal }: World, actors: Actors, streams: ReadonlySet<string>): void {
  const told = journal.fact("upgraded");
  const key = { machine: MACHINE_VERSION, streams: [...streams].sort() };
  if (JSON.stringify(told) === JSON.stringify(key)) return;
  for (const stream of streams) {
    const from = actors.writtenBy(stream);
    if (from === undefined || from >= MACHINE_VERSION) continue;
    actors.step(stream, { type: "UPGRADED", from, to: MACHINE_VERSION }, { always: true });
  }
  journal.setFact("upgraded", key);
}

/** What was not due yet can't have been; but a clock that was set back makes what was sent look so. */
function mayHaveBeenPerformed({ once, phase, dueAt }: OpenIntent, now: number): boolean {
  return dueAt <= now || (once && phase === "open");
}

/** Brings every actor up to what the configuration says now; an unchanged one is not journaled, nor even looked at. */
export function configure(world: World, actors: Actors, enrolments: ReadonlyMap<string, Enrolment>): void {
  const wanted = [...enrolments.values()].map((enrolment) => settingsOf(world, enrolment));
  if (JSON.stringify(world.journal.fact("settings")) === JSON.stringify(wanted)) return;
  for (const { name, settings } of wanted) {
    const stream = streamOf(name);
    const known = actors.snapshot(stream).context.settings;
    if (JSON.stringify(known) !== JSON.stringify(settings)) actors.step(stream, { type: "CONFIGURED", settings });
  }
  world.journal.setFact(
    "configured",
    [...enrolments.values()].map(({ name, engine }) => ({ name, engine: engine.name, label: engine.label })),
  );
  // Last: whoever is killed before it looks at all of them again.
  world.journal.setFact("settings", wanted);
}

function settingsOf({ machine }: World, enrolment: Enrolment): { name: string; settings: Settings } {
  return { name: enrolment.name, settings: machineSettings(machine.name, enrolment) };
}

/** What the machine learns of an enrolment's configuration. */
export function machineSettings(machine: string, { name, engine }: Enrolment): Settings {
  return {
    engine: engine.name,
    traits: engine.traits,
    origin: engine.origin ?? null,
    label: engine.description ?? `dotvault ${machine} ${name}`,
    rotation: engine.rotation ?? "refresh",
    unattended: engine.unattended ?? false,
    terms: engine.terms === undefined ? null : termsOf(engine.terms),
  };
}

function termsOf({ scope, audience, life }: NonNullable<Enrolment["engine"]["terms"]>): Terms {
  return { scope: scope ?? null, audience: audience ?? null, life: life ?? null };
}
