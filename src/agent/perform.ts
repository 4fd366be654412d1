import { StoreFailure } from "../adapters/store-port.ts";
import { DotvaultError } from "../errors.ts";
import type { OpenIntent, SealedSecret, SecretRef } from "../journal/port.ts";
import { backoff } from "../machines/backoff.ts";
import type { Snapshot } from "../machines/enrolment/decide.ts";
import type { Intents } from "../machines/enrolment/intents.ts";
import type { Actors } from "./actors.ts";
import { durably } from "./durably.ts";
import { performers } from "./performers/index.ts";
import type { Enrolment, World } from "./ports.ts";
import { rescue } from "./rescue.ts";
import type { FailedTry, Outcome, Performer, Task } from "./task.ts";

/** Performs one open intent once and journals what came of it. Never throws for what the world does. */
export async function perform(
  world: World,
  actors: Actors,
  enrolment: Enrolment,
  intent: OpenIntent,
  signal: AbortSignal,
): Promise<void> {
  if (!isOpen(world, intent)) return;
  // From here on a crash means that it may have been sent.
  if (intent.once && intent.phase === "unsent") await durably(world, signal, () => world.journal.markOpen(intent.id));
  const sealed: SealedSecret[] = [];
  const snapshot = actors.snapshot(intent.stream);
  const latest = () => actors.snapshot(intent.stream);
  const task = taskFor({ world, enrolment, intent, snapshot, latest, signal }, sealed);
  const outcome = await attempt(task);
  const write = () => conclude({ world, actors, intent, sealed }, outcome);
  if (outcome.kind !== "event") return durably(world, signal, write);
  const performNow = (begun: OpenIntent, decided: Snapshot) =>
    attempt(
      taskFor({ world, enrolment, intent: begun, snapshot: decided, latest: () => decided, signal }, [...sealed]),
    );
  await durably(world, signal, write, rescue({ world, actors, intent, perform: performNow }, outcome.event));
}

/** It may have been withdrawn since it was found due. */
function isOpen({ journal }: World, { id, stream }: OpenIntent): boolean {
  return journal.openIntents(stream).some((open) => open.id === id);
}

async function attempt(task: Task): Promise<Outcome> {
  const performer = performers[task.intent.kind as keyof Intents] as unknown as Performer<keyof Intents> | undefined;
  if (!performer) throw new DotvaultError("agent.no-performer", `nobody performs "${task.intent.kind}"`);
  try {
    return await performer(task);
  } catch (error) {
    return failedTry(error);
  }
}

/** What a thrown error means. Unexpected ones are retried too, and named, rather than ending the agent. */
function failedTry(error: unknown): FailedTry {
  if (error instanceof StoreFailure) {
    const { class: kind, message, hint, retryAfterMs } = error;
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

interface Conclusion {
  readonly world: World;
  readonly actors: Actors;
  readonly intent: OpenIntent;
  readonly sealed: readonly SealedSecret[];
}

function conclude({ world, actors, intent, sealed }: Conclusion, outcome: Outcome): void {
  const { journal, clock, log } = world;
  const { id, stream, kind } = intent;
  const stillOpen = isOpen(world, intent);
  const closes = stillOpen ? { closes: id } : {};
  if (outcome.kind === "event") {
    const tries = intent.attempt > 0 ? { tries: intent.attempt + 1 } : {};
    actors.step(stream, { ...outcome.event, ...tries }, { ...closes, sealed });
    log.info({ stream, intent: kind, event: outcome.event.type }, "done");
    return;
  }
  if (!stillOpen) return;
  if (outcome.kind === "again") {
    // Nothing is wrong any more: the next failure is a first one.
    journal.reschedule(id, { dueAt: clock.now() + outcome.after, attempt: 0, phase: "open", failure: null });
    return;
  }
  log.warn(
    { stream, intent: kind, class: outcome.class, sent: outcome.sent, attempt: intent.attempt },
    outcome.message,
  );
  if (intent.once && outcome.sent === "maybe") {
    const lost = { type: "ANSWER_LOST", intent: kind, class: outcome.class, sentAt: intent.dueAt } as const;
    actors.step(stream, { ...lost, random: world.random() }, closes);
    return;
  }
  retryLater(world, actors, intent, outcome);
}

/**
 * Only the first failure of a class is history; every further one just moves the open row. But the first try that may have
 * been acted on unseen is always told: what it left behind has to be looked for.
 */
function retryLater(world: World, actors: Actors, intent: OpenIntent, failed: FailedTry): void {
  const { journal, clock } = world;
  const { id, stream, kind: intentKind, failure: last } = intent;
  const { class: failedClass, message, hint = null, sent } = failed;
  const unsent = sent === "no" && (last === null || intent.phase === "unsent");
  if (last?.class !== failedClass || (intent.phase === "unsent" && !unsent)) {
    actors.step(stream, { type: "FAILED", intent: intentKind, class: failedClass, message, hint, sent });
  }
  const now = clock.now();
  const wait = waitAfter(world, intent, actors.snapshot(stream), failed.retryAfterMs);
  const until = typeof intent.params.until === "number" ? intent.params.until : Number.POSITIVE_INFINITY;
  journal.reschedule(id, {
    // One try at the deadline itself; past it a deadline is no reason to hurry.
    dueAt: until > now ? Math.min(now + wait, until) : now + wait,
    attempt: intent.attempt + 1,
    phase: intent.once || unsent ? "unsent" : "open",
    failure: { class: failedClass, message, since: last?.class === failedClass ? last.since : now, at: now },
  });
}

function waitAfter(world: World, intent: OpenIntent, snapshot: Snapshot, retryAfter: number | undefined): number {
  const now = world.clock.now();
  const { attempt } = intent;
  const { fresh, held, current, skew } = snapshot.context;
  const expiresAt = (fresh ?? held ?? current)?.expiresAt;
  const until = typeof intent.params.until === "number" ? intent.params.until : undefined;
  const end = until ?? (expiresAt === undefined ? undefined : expiresAt - skew);
  return backoff({
    attempt,
    random: world.random(),
    ...(end === undefined ? {} : { lifeLeft: end - now }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

function taskFor(
  given: Pick<Task, "world" | "enrolment" | "intent" | "snapshot" | "latest" | "signal">,
  sealed: SealedSecret[],
): Task {
  const { world, intent } = given;
  const { stream } = intent;
  return {
    ...given,
    stream,
    params: intent.params as unknown as Intents[keyof Intents],
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
