import { SESSION_VERSION } from "../../machines/vault-session/machine.ts";
import type { World } from "../ports.ts";
import type { SessionActors } from "./actors.ts";

/** Brings a session up to what the machine is today, and to the end of what was under way when the agent ended. */
export function takeUp(world: Pick<World, "journal" | "random">, actors: SessionActors, stream: string): void {
  const from = actors.writtenBy(stream);
  if (from !== undefined && from < SESSION_VERSION) {
    actors.step(stream, { type: "UPGRADED", from, to: SESSION_VERSION }, { always: true });
  }
  // A login that was under way: its answer is lost.
  for (const { id, kind, once, phase, dueAt } of world.journal.openIntents(stream)) {
    if (!once || phase !== "open") continue;
    const lost = { type: "ANSWER_LOST", intent: kind, class: "agent.restarted", sentAt: dueAt } as const;
    actors.step(stream, { ...lost, random: world.random() }, { closes: id });
  }
}
