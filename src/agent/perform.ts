import { DotvaultError } from "../errors.ts";
import type { OpenIntent } from "../journal/port.ts";
import type { Snapshot } from "../machines/enrolment/decide.ts";
import type { Intents } from "../machines/enrolment/intents.ts";
import type { Actors } from "./actors.ts";
import { attempt, carryOut, type Sealing, sealingFor } from "./carry-out.ts";
import { performers } from "./performers/index.ts";
import type { Enrolment, World } from "./ports.ts";
import { rescue } from "./rescue.ts";
import type { Outcome, Performer, Task } from "./task.ts";

/** Performs one open intent of an enrolment once and journals what came of it. Never throws for what the world does. */
export async function perform(
  world: World,
  actors: Actors,
  enrolment: Enrolment,
  intent: OpenIntent,
  signal: AbortSignal,
): Promise<void> {
  const latest = () => actors.snapshot(intent.stream);
  const given = { world, enrolment, signal };
  const performNow = (sealing: Sealing) => (begun: OpenIntent, decided: Snapshot) => {
    const again = sealingFor(world, begun, sealing.sealed);
    return attempt(() =>
      performed(taskFor({ ...given, intent: begun, snapshot: decided, latest: () => decided }, actors, again)),
    );
  };
  await carryOut({
    world,
    actors,
    intent,
    signal,
    attempt: (sealing) => performed(taskFor({ ...given, intent, snapshot: latest(), latest }, actors, sealing)),
    bounds: () => lifeLeft(world, intent, latest()),
    meanwhile: (outcome, sealing) =>
      outcome.kind === "event"
        ? rescue({ world, actors, intent, perform: performNow(sealing) }, outcome.event)
        : async () => {},
  });
}

async function performed(task: Task): Promise<Outcome> {
  const performer = performers[task.intent.kind as keyof Intents] as unknown as Performer<keyof Intents> | undefined;
  if (!performer) throw new DotvaultError("agent.no-performer", `nobody performs "${task.intent.kind}"`);
  return performer(task);
}

function lifeLeft({ clock }: World, { params }: OpenIntent, { context }: Snapshot): { lifeLeft?: number } {
  const { fresh, held, current, skew } = context;
  const expiresAt = (fresh ?? held ?? current)?.expiresAt;
  const until = typeof params.until === "number" ? params.until : undefined;
  const end = until ?? (expiresAt === undefined ? undefined : expiresAt - skew);
  return end === undefined ? {} : { lifeLeft: end - clock.now() };
}

function taskFor(
  given: Pick<Task, "world" | "enrolment" | "intent" | "snapshot" | "latest" | "signal">,
  actors: Actors,
  { keep, open }: Sealing,
): Task {
  const { world, intent } = given;
  const { stream } = intent;
  const rehearse: Task["rehearse"] = (outcome) => {
    const { sealed, keep } = sealingFor(world, intent);
    actors.rehearse(stream, outcome(keep), { closes: intent.id, sealed });
  };
  return { ...given, stream, params: intent.params as unknown as Intents[keyof Intents], keep, open, rehearse };
}
