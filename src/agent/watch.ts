import { type SecretStore, StoreFailure } from "../adapters/store-port.ts";
import { type Actors, streamOf } from "./actors.ts";
import type { Enrolment, World } from "./ports.ts";
import { storeFacts } from "./secret.ts";

type Mark = string;

/**
 * Notices what others write: looks at versions and creation times (never at secrets) and reads only what moved. Tells the
 * enrolment's actor, and has the files of every other secret written.
 */
export class Watch {
  readonly #world: World;
  readonly #actors: Actors;
  readonly #marks = new Map<string, Mark>();

  constructor(world: World, actors: Actors) {
    this.#world = world;
    this.#actors = actors;
  }

  /**
   * One look at the given secrets. `everything`: writes the files of all, moved or not (the sync interval).
   * Throws StoreFailure.
   */
  async look(
    secrets: readonly string[],
    enrolments: ReadonlyMap<string, Enrolment>,
    { everything, signal }: { readonly everything: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    const seen = await this.#world.store.look(secrets, signal);
    for (const name of secrets) {
      const { version, createdAt, deleted } = seen.get(name) ?? { version: 0, createdAt: 0, deleted: true };
      const mark = `${version} ${createdAt} ${deleted}`;
      if (!everything && this.#marks.get(name) === mark) continue;
      if (await this.#moved(name, enrolments.get(streamOf(name)), signal)) this.#marks.set(name, mark);
    }
  }

  /** @returns false when the enrolment took a step meanwhile: what was read may be old by now, so it is read again */
  async #moved(name: string, enrolment: Enrolment | undefined, signal: AbortSignal): Promise<boolean> {
    const { store, files } = this.#world;
    const versionNow = () => enrolment && this.#actors.version(streamOf(name));
    const before = versionNow();
    const found = await store.read(name, signal);
    if (versionNow() !== before) return false;
    if (enrolment) this.#tell(enrolment, found);
    const fresh = enrolment && this.#actors.snapshot(streamOf(name)).context.fresh;
    // While a pair of ours is on its way to the store, the files show that one.
    if (found.state === "present" && !fresh) await files.sync(name, found.fields, "store");
    return true;
  }

  #tell(enrolment: Enrolment, found: Awaited<ReturnType<SecretStore["read"]>>): void {
    const stream = streamOf(enrolment.name);
    const facts = storeFacts(this.#world, enrolment.engine, found);
    const { current } = this.#actors.snapshot(stream).context;
    const known =
      current?.stored?.version === facts.version &&
      current.stored.createdAt === facts.createdAt &&
      current.digest === facts.found?.digest;
    if (!known && (facts.found !== null || current !== null)) {
      this.#actors.step(stream, { type: "SECRET_SEEN", ...facts });
    }
  }
}

/** A store's failure as a fact that `status` can show. */
export function storeTrouble(error: unknown, at: number) {
  const known = error instanceof StoreFailure;
  return {
    class: known ? error.class : "store.odd-answer",
    message: known ? error.message : String(error),
    hint: (known ? error.hint : undefined) ?? null,
    at,
  };
}
