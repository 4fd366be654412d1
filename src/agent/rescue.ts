import type { OpenIntent } from "../journal/port.ts";
import type { Snapshot } from "../machines/enrolment/decide.ts";
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

/** What brings a pair home. Both are repeatable: the journal will ask for them again and find them done. */
const HOMEWARD: readonly string[] = ["store", "sync"];

/**
 * A rotation's answer that the journal does not take goes to the store and into the files all the same, by the very
 * intents that its event begins (docs/adr/0011). Only what has used up its predecessor: a mint can be asked for again.
 *
 * @returns to be called again and again until the journal takes the event; does each thing once, and never throws for what
 * the world does
 */
export function rescue({ world, actors, intent, perform }: Rescue, event: NewEvent): () => Promise<void> {
  const done = new Set<string>();
  return async () => {
    if (!intent.once || event.type !== "PAIR_ISSUED") return;
    const { snapshot, begins } = actors.foresee(intent.stream, event, intent.id);
    for (const begun of begins.filter(({ kind }) => HOMEWARD.includes(kind) && !done.has(kind))) {
      const { stream } = intent;
      const open = { ...begun, stream, openedAt: begun.dueAt, attempt: 0, phase: "open", failure: null } as const;
      const outcome = await perform(open as unknown as OpenIntent, snapshot);
      if (outcome.kind !== "event") continue;
      done.add(begun.kind);
      const fields = { stream, intent: begun.kind, event: outcome.event.type };
      world.log.warn(fields, "done before it could be journaled: the journal takes nothing just now");
    }
  };
}
