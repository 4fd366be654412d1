import type { JsonObject, OpenIntent } from "../journal/port.ts";
import { backoff } from "../machines/backoff.ts";
import type { Snapshot } from "../machines/enrolment/decide.ts";
import type { Begun } from "../machines/enrolment/step.ts";
import type { Actors } from "./actors.ts";
import type { World } from "./ports.ts";
import type { NewEvent, Outcome } from "./task.ts";

/** What a decision that can't be journaled yet asks for, and what it stands on. */
export interface Rescue {
  readonly world: World;
  readonly actors: Actors;
  readonly intent: OpenIntent;
  /** Performs one intent as if it were open. */
  perform(intent: OpenIntent, snapshot: Snapshot): Promise<Outcome>;
}

/** Milliseconds. */
const CALLED_EVERY = 1_000;

/** What brings a pair home. Both are repeatable: the journal will ask for them again and find them done. */
const HOMEWARD: readonly string[] = ["store", "sync"];

/**
 * A rotation's answer that the journal does not take goes to the store and into the files all the same, by the very
 * intents that its event begins (docs/adr/0011). Only what has used up its predecessor: a mint can be asked for again.
 *
 * @returns to be called every second until the journal takes the event; does each thing once, with a backoff of its own,
 * and never throws for what the world does
 */
export function rescue(given: Rescue, event: NewEvent): () => Promise<void> {
  const { world, actors, intent } = given;
  const done = new Set<string>();
  let attempt = 0;
  /** Calls to let pass: a clock that jumps changes nothing about those. */
  let pause = 0;
  return async () => {
    if (!intent.once || event.type !== "PAIR_ISSUED") return;
    if (pause-- > 0) return;
    const { snapshot, begins } = actors.foresee(intent.stream, event, intent.id);
    const left = begins.filter(({ kind }) => HOMEWARD.includes(kind) && !done.has(kind));
    for (const begun of left) if (await isDone(given, begun, snapshot)) done.add(begun.kind);
    pause = Math.floor(backoff({ attempt: attempt++, random: world.random() }) / CALLED_EVERY);
  };
}

async function isDone({ world, intent, perform }: Rescue, begun: Begun, snapshot: Snapshot): Promise<boolean> {
  const { stream } = intent;
  const params = begun.params as JsonObject;
  const open = { ...begun, params, stream, openedAt: begun.dueAt, attempt: 0, phase: "open", failure: null } as const;
  const outcome = await perform(open, snapshot);
  if (outcome.kind !== "event") return false;
  const fields = { stream, intent: begun.kind, event: outcome.event.type };
  world.log.warn(fields, "done before it could be journaled: the journal takes nothing just now");
  return true;
}
