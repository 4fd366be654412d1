import type { Found, Seen } from "../adapters/store-port.ts";
import { inLanes } from "../lanes.ts";
import type { StoreFacts } from "../machines/enrolment/events.ts";
import { streamOf } from "../machines/stream/names.ts";
import { stateName } from "../machines/stream/state-name.ts";
import type { Actors } from "./actors.ts";
import { broughtBy, cameWithoutLease, isOther, readLease } from "./lease.ts";
import type { Enrolment, World } from "./ports.ts";
import { storeFacts } from "./secret.ts";
import { concernsOne } from "./store-trouble.ts";

/** Version and creation time: a secret that was made anew begins with version 1 again. */
type Mark = string;

function markOf(seen: Seen | undefined): Mark {
  return seen ? `${seen.version} ${seen.createdAt} ${seen.deleted}` : "never written";
}

/** Secrets that are read at the same time. */
const LANES = 8;

/** Looks in a row that show less than is known, before it is believed: a node of the store may lag behind. */
const LAGGING_LOOKS = 6;

/**
 * Notices what others write: looks at versions and creation times (never at secrets) and reads only what moved. Tells the
 * enrolment's actor, and has the files of every other secret written.
 */
export class Watch {
  readonly #world: World;
  readonly #actors: Actors;
  readonly #marks = new Map<string, Mark>();
  readonly #lagging = new Map<string, number>();

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
    const failures: unknown[] = [];
    const each = eachByItself(failures, signal);
    const seen = await this.#seen(secrets, each, signal);
    const visit = async (name: string) => {
      const enrolment = enrolments.get(streamOf(name));
      const mark = markOf(seen.get(name));
      const isKnown = this.#marks.get(name) === mark;
      const isWanted =
        this.#world.files.wants?.(name) === true || (everything && (await this.#needsRead(name, enrolment)));
      if (isKnown && !isWanted) return;
      if (await this.#moved(name, enrolment, signal)) this.#marks.set(name, mark);
    };
    const { files } = this.#world;
    const pass = () => inLanes(LANES, secrets, (name) => each(() => visit(name)));
    await (files.together ? files.together(pass) : pass());
    if (failures.length > 0) throw failures[0];
  }

  /** A secret that has not moved is read again only for its enrolment, or where somebody has touched its files. */
  async #needsRead(name: string, enrolment: Enrolment | undefined): Promise<boolean> {
    return enrolment !== undefined || !(await this.#world.files.untouched?.(name));
  }

  /** All at once; one by one where one of them spoils the listing for all. */
  async #seen(secrets: readonly string[], each: Each, signal: AbortSignal): Promise<ReadonlyMap<string, Seen>> {
    const { store } = this.#world;
    try {
      return await store.look(secrets, signal);
    } catch (error) {
      if (!concernsOne(error) || secrets.length < 2) throw error;
    }
    const seen = new Map<string, Seen>();
    for (const name of secrets) {
      await each(async () => {
        for (const [found, what] of await store.look([name], signal)) seen.set(found, what);
      });
    }
    return seen;
  }

  /** @returns false when the enrolment took a step meanwhile: what was read may be old by now, so it is read again */
  async #moved(name: string, enrolment: Enrolment | undefined, signal: AbortSignal): Promise<boolean> {
    const { store, files } = this.#world;
    const versionNow = () => enrolment && this.#actors.version(streamOf(name));
    const before = versionNow();
    const found = await store.read(name, signal);
    if (versionNow() !== before) return false;
    if (enrolment && this.#lagsBehind(enrolment, found)) return false;
    const whence = enrolment ? await this.#whence(enrolment, found, signal) : {};
    if (versionNow() !== before) return false;
    if (enrolment) this.#tell(enrolment, found, whence);
    const fresh = enrolment && this.#actors.snapshot(streamOf(name)).context.fresh;
    // While a pair of ours is on its way to the store, the files show that one.
    if (fresh) return true;
    if (found.state === "absent") await this.#missing(name, enrolment);
    else {
      const pair = enrolment?.engine.describe(found.fields).digest ?? null;
      await files.sync(name, found.fields, "store", { version: found.version, createdAt: found.createdAt, pair });
    }
    return true;
  }

  /** Of an enrolment only what its machine has taken note of: it may be on its way somewhere. */
  async #missing(name: string, enrolment: Enrolment | undefined): Promise<void> {
    const state = enrolment && stateName(this.#actors.snapshot(streamOf(name)).value);
    if (state === "idle.unenrolled") await this.#world.files.missing(name, "enrolment");
    else if (state === undefined || state === "idle.missing") await this.#world.files.missing(name, "secret");
  }

  /** Older than what we know of, in version and time: not what happened, or a backup was put back in its place. */
  #lagsBehind({ name }: Enrolment, found: Found): boolean {
    const known = this.#actors.snapshot(streamOf(name)).context.current?.stored;
    const createdAt = found.state === "present" ? found.createdAt : (found.deletedAt ?? 0);
    const isOlder = known ? found.version < known.version && createdAt < known.createdAt : false;
    const looks = isOlder ? (this.#lagging.get(name) ?? 0) + 1 : 0;
    this.#lagging.set(name, looks);
    return looks > 0 && looks < LAGGING_LOOKS;
  }

  /** Asked only where something changed. */
  async #whence(enrolment: Enrolment, found: Found, signal: AbortSignal): Promise<Whence> {
    const world = this.#world;
    const { context } = this.#actors.snapshot(streamOf(enrolment.name));
    if (!isOther(found, enrolment, context)) return {};
    const seen = await readLease({ world, enrolment, signal });
    const strange = cameWithoutLease(world, seen, found, context);
    return { ...broughtBy(world, seen, found, enrolment, context), ...(strange ? { withoutLease: true } : {}) };
  }

  #tell(enrolment: Enrolment, found: Found, whence: Whence): void {
    const stream = streamOf(enrolment.name);
    const { current, skew } = this.#actors.snapshot(stream).context;
    const facts = storeFacts(this.#world, enrolment.engine, found, skew);
    const known =
      current?.stored?.version === facts.version &&
      current.stored.createdAt === facts.createdAt &&
      current.digest === facts.found?.digest;
    if (!known && (facts.found !== null || current !== null)) {
      this.#actors.step(stream, { type: "SECRET_SEEN", ...facts, ...whence });
    }
  }
}

/** Who changed a secret, as far as the lease tells. */
type Whence = Pick<StoreFacts, "by" | "withoutLease">;

type Each = (work: () => Promise<void>) => Promise<void>;

/** A secret that the policy hides, say, holds up no other one. What concerns the whole store ends the look. */
function eachByItself(failures: unknown[], signal: AbortSignal): Each {
  return async (work) => {
    try {
      await work();
    } catch (error) {
      if (signal.aborted || !concernsOne(error)) throw error;
      failures.push(error);
    }
  };
}
