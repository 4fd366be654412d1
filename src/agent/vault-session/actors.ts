import { VAULT } from "../../machines/stream/names.ts";
import { initialSession, type SessionSnapshot, step, upcast } from "../../machines/vault-session/decide.ts";
import type { SessionEvent } from "../../machines/vault-session/events.ts";
import { SESSION_VERSION } from "../../machines/vault-session/machine.ts";
import { type Machine, StreamActors } from "../actors.ts";
import type { World } from "../ports.ts";

const machine: Machine<SessionSnapshot, SessionEvent> = {
  prefix: VAULT,
  version: SESSION_VERSION,
  initial: initialSession,
  upcast,
  step,
};

/** The sessions: one that is kept, and those of servers that the configuration has left. */
export class SessionActors extends StreamActors<SessionSnapshot, SessionEvent> {
  constructor(world: Pick<World, "journal" | "clock">) {
    super(world, machine);
  }
}
