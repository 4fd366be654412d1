import type { InboxRow, OpenIntent } from "../../journal/port.ts";
import type { Intents } from "../../machines/vault-session/intents.ts";
import { carryOut, type Surroundings } from "../carry-out.ts";
import type { LeftStream } from "../ports.ts";
import { SessionActors } from "./actors.ts";
import { giveBack, type Reach } from "./give-back.ts";
import { takeUp } from "./under-way.ts";

/** The session with a server that the configuration names no more: its token is given back, and nothing else is done there. */
export class LeftSession implements LeftStream {
  readonly stream: string;
  readonly #world: Surroundings;
  readonly #reach: Reach;
  readonly #actors: SessionActors;
  readonly #over = new AbortController();

  constructor(world: Surroundings, reach: Reach, stream: string) {
    this.#world = world;
    this.#reach = reach;
    this.stream = stream;
    this.#actors = new SessionActors(world);
  }

  start(): void {
    takeUp(this.#world, this.#actors, this.stream);
    if (this.#actors.snapshot(this.stream).context.settings !== null) this.#actors.step(this.stream, { type: "LEFT" });
  }

  /** Nobody waits for a server that may be gone. */
  stop(): void {
    this.#over.abort();
  }

  wake(name: string): void {
    this.#actors.step(this.stream, { type: "WOKE", name });
  }

  async perform(intent: OpenIntent, signal: AbortSignal): Promise<void> {
    const world = this.#world;
    const until = AbortSignal.any([signal, this.#over.signal]);
    await carryOut({
      world,
      actors: this.#actors,
      intent,
      signal,
      attempt: async (sealing) => {
        const params = intent.params as unknown as Intents["giveBack"];
        const tried = giveBack({ reach: this.#reach, params, sealing, now: world.clock.now(), signal: until });
        return tried.catch((error: unknown) => {
          if (this.#over.signal.aborted) return { kind: "again", after: 0 } as const;
          throw error;
        });
      },
      bounds: () => ({}),
    });
  }

  take({ id }: InboxRow): void {
    this.#world.journal.refuse(id, "the configuration names this Vault no more");
  }
}

/** Sessions of other servers than `kept` for which something is to be done; undefined: the store has none. */
export function leftSessions(world: Surroundings, reach: Reach, kept: string | undefined): LeftSession[] {
  const actors = new SessionActors(world);
  const left = actors.known().filter((stream) => {
    if (stream === kept) return false;
    return actors.snapshot(stream).context.settings !== null || world.journal.openIntents(stream).length > 0;
  });
  return left.map((stream) => new LeftSession(world, reach, stream));
}
