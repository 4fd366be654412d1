import { StoreFailure } from "../adapters/store-port.ts";
import { DotvaultError } from "../errors.ts";
import type { OpenIntent, SealedSecret, SecretKind, SecretRef } from "../journal/port.ts";
import { type BackoffInput, backoff } from "../machines/backoff.ts";
import type { AnySnapshot } from "../machines/stream/decide.ts";
import type { AnyEvent } from "../machines/stream/step.ts";
import type { StreamActors } from "./actors.ts";
import { durably } from "./durably.ts";
import type { World } from "./ports.ts";
import type { FailedTry, Outcome } from "./task.ts";

/** What every intent needs of the world, whatever machine it belongs to. */
export type Surroundings = Pick<World, "journal" | "sealer" | "clock" | "random" | "log">;

/** One try of an open intent. */
export interface Try<S extends AnySnapshot, E extends AnyEvent> {
  readonly world: Surroundings;
  readonly actors: StreamActors<S, E>;
  readonly intent: OpenIntent;
  readonly signal: AbortSignal;
  attempt(sealing: Sealing): Promise<Outcome<E>>;
  /** Bounds of the wait before the next try. */
  bounds(): Pick<BackoffInput, "lifeLeft">;
  /** While the journal does not take the outcome (durably.ts). */
  meanwhile?(outcome: Outcome<E>, sealing: Sealing): () => Promise<void>;
}

/** Secrets on their way into and out of the journal. */
export interface Sealing {
  /** Sealed by this try, to be journaled with its event. */
  readonly sealed: readonly SealedSecret[];
  /** Seals bytes at once and names them; they are journaled with the outcome's event, if it still mentions them. */
  keep(kind: SecretKind, bytes: Uint8Array, digest?: string): SecretRef;
  /** The bytes of a sealed secret. Throws `secret.ended` when its life is over. */
  open(ref: SecretRef): Buffer;
}

/** Wait of work for the store's session, milliseconds; it is woken when there is one. */
const SESSION_WAIT = 60_000;

/** Performs one open intent once and journals what came of it. Never throws for what the world does. */
export async function carryOut<S extends AnySnapshot, E extends AnyEvent>(tried: Try<S, E>): Promise<void> {
  const { world, intent, signal } = tried;
  // It may have been withdrawn since it was found due.
  if (!tried.actors.isOpen(intent)) return;
  // From here on a crash means that it may have been sent.
  if (intent.once && intent.phase === "unsent") await durably(world, signal, () => world.journal.markOpen(intent.id));
  const sealing = sealingFor(world, intent);
  const outcome = await attempt(() => tried.attempt(sealing));
  const write = () => conclude(tried, outcome, sealing.sealed);
  await durably(world, signal, write, tried.meanwhile?.(outcome, sealing));
}

/** What a try comes to, whatever it throws. */
export async function attempt<E extends AnyEvent>(work: () => Promise<Outcome<E>>): Promise<Outcome<E>> {
  try {
    return await work();
  } catch (error) {
    return failedTry(error);
  }
}

/** What a thrown error means. Unexpected ones are retried too, and named, rather than ending the agent. */
function failedTry(error: unknown): Outcome<never> {
  if (error instanceof StoreFailure) {
    const { class: kind, message, hint, retryAfterMs } = error;
    if (error.waitsForSession) return { kind: "waits", class: kind, message };
    // A store's answer that was lost is read back by the next try: nothing was presented to the issuer.
    return { kind: "trouble", class: kind, message, hint, sent: "no", retryAfterMs };
  }
  if (error instanceof DotvaultError) {
    return { kind: "trouble", class: error.code, message: error.message, hint: error.hint, sent: "no" };
  }
  const name = error instanceof Error ? error.name : "unknown";
  return {
    kind: "trouble",
    class: `agent.unexpected.${name}`,
    message: "an unexpected error; see the log",
    sent: "maybe",
  };
}

function conclude<S extends AnySnapshot, E extends AnyEvent>(
  tried: Try<S, E>,
  outcome: Outcome<E>,
  sealed: readonly SealedSecret[],
): void {
  const { world, actors, intent } = tried;
  const { id, stream, kind, attempt } = intent;
  const stillOpen = actors.isOpen(intent);
  if (outcome.kind === "event") {
    const tries = attempt > 0 ? { tries: attempt + 1 } : {};
    actors.step(stream, { ...outcome.event, ...tries }, { ...(stillOpen ? { closes: id } : {}), sealed });
    world.log.info({ stream, intent: kind, event: outcome.event.type }, "done");
    return;
  }
  if (!stillOpen) return;
  if (outcome.kind === "again") {
    // Nothing is wrong any more: the next failure is a first one.
    const dueAt = world.clock.now() + outcome.after;
    world.journal.reschedule(id, { dueAt, attempt: 0, phase: "open", failure: null });
  } else if (outcome.kind === "waits") waitForSession(world, intent, outcome);
  else fail(tried, outcome);
}

/** Not its own failure: no try is counted, and the history says nothing. */
function waitForSession(
  { journal, clock }: Surroundings,
  { id, once, attempt, phase, failure: last }: OpenIntent,
  { class: waitClass, message }: { readonly class: string; readonly message: string },
): void {
  const now = clock.now();
  const since = last?.class === waitClass ? last.since : now;
  const failure = { class: waitClass, message, since, at: now };
  const unsent = once || last === null || phase === "unsent";
  journal.reschedule(id, { dueAt: now + SESSION_WAIT, attempt, phase: unsent ? "unsent" : "open", failure });
}

function fail<S extends AnySnapshot, E extends AnyEvent>(tried: Try<S, E>, failed: FailedTry): void {
  const { world, actors, intent } = tried;
  const { id, stream, kind, once, attempt } = intent;
  const { class: failedClass, sent } = failed;
  world.log.warn({ stream, intent: kind, class: failedClass, sent, attempt }, failed.message);
  if (once && sent === "maybe") {
    const lost = { type: "ANSWER_LOST", intent: kind, class: failedClass, sentAt: intent.dueAt };
    actors.step(stream, { ...lost, random: world.random() } as unknown as Happening<E>, { closes: id });
  } else retryLater(tried, failed);
}

type Happening<E extends AnyEvent> = Parameters<StreamActors<AnySnapshot, E>["step"]>[1];

/**
 * Only the first failure of a class is history; every further one just moves the open row. But the first try that may have
 * been acted on unseen is always told: what it left behind has to be looked for.
 */
function retryLater<S extends AnySnapshot, E extends AnyEvent>(tried: Try<S, E>, failed: FailedTry): void {
  const { world, actors, intent } = tried;
  const { journal, clock, random } = world;
  const { id, stream, kind, failure: last } = intent;
  const { class: failedClass, message, hint = null, sent, retryAfterMs } = failed;
  const unsent = sent === "no" && (last === null || intent.phase === "unsent");
  if (last?.class !== failedClass || (intent.phase === "unsent" && !unsent)) {
    const event = { type: "FAILED", intent: kind, class: failedClass, message, hint, sent };
    actors.step(stream, event as unknown as Happening<E>);
  }
  const now = clock.now();
  const retryAfter = retryAfterMs === undefined ? {} : { retryAfter: retryAfterMs };
  const wait = backoff({ attempt: intent.attempt, random: random(), ...tried.bounds(), ...retryAfter });
  const until = typeof intent.params.until === "number" ? intent.params.until : Number.POSITIVE_INFINITY;
  journal.reschedule(id, {
    // One try at the deadline itself; past it a deadline is no reason to hurry.
    dueAt: until > now ? Math.min(now + wait, until) : now + wait,
    attempt: intent.attempt + 1,
    phase: intent.once || unsent ? "unsent" : "open",
    failure: { class: failedClass, message, since: last?.class === failedClass ? last.since : now, at: now },
  });
}

/** @param sealed what an earlier try of the same outcome has sealed */
export function sealingFor(world: Surroundings, intent: OpenIntent, before: readonly SealedSecret[] = []): Sealing {
  const { stream } = intent;
  const sealed = [...before];
  return {
    sealed,
    keep(kind, bytes, digest) {
      const id = `${intent.id}.${intent.attempt}.${sealed.length}`;
      const ref: SecretRef = { id, kind, digest: digest ?? world.sealer.digest(bytes) };
      sealed.push({ ref, jwe: world.sealer.seal({ id, kind, stream, at: world.clock.now() }, bytes) });
      return ref;
    },
    open(ref) {
      const jwe = sealed.find((secret) => secret.ref.id === ref.id)?.jwe ?? world.journal.sealed(ref.id);
      if (jwe === undefined) throw new DotvaultError("secret.ended", `the sealed ${ref.kind} is not kept any more`);
      return world.sealer.open({ id: ref.id, kind: ref.kind, stream }, jwe);
    },
  };
}
