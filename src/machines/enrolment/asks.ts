import type { Context, Pair, SecretRef } from "./context.ts";
import { isUnattended } from "./guards.ts";
import { enrolment } from "./setup.ts";

/** The intents that several states ask for, so that each is spelled once. */

const SUPERSEDED_GRACE = 60_000;

/** The ref of a pair that is sealed here; a machine that asks without one is a bug that must not pass. */
function sealed(pair: { readonly ref: SecretRef | null } | null): SecretRef {
  if (!pair?.ref) throw new Error("no sealed pair to work with");
  return pair.ref;
}

export const present = enrolment.enqueueActions(({ context, enqueue }) => {
  enqueue({
    type: "refresh",
    params: {
      pair: sealed(context.held),
      version: context.held?.stored?.version ?? 0,
      lease: context.lease?.version ?? 0,
    },
  });
});

export const probeHeld = enrolment.enqueueActions(({ context, enqueue }) => {
  enqueue({ type: "probe", params: { pair: sealed(context.held) } });
});

export const mintWith = (source: "bootstrap" | "held") =>
  enrolment.enqueueActions(({ context, enqueue }) => {
    const ref = source === "held" ? sealed(context.held) : (context.bootstrap?.ref ?? null);
    enqueue({ type: "mint", params: { with: ref, description: context.mint?.description ?? "dotvault" } });
  });

/** The new pair goes to the store and, without waiting for it, into the files. */
export const storeFresh = (byPerson: boolean) =>
  enrolment.enqueueActions(({ context, enqueue }) => {
    const pair: Pair | null = context.fresh;
    const ref = sealed(pair);
    enqueue({
      type: "store",
      params: { pair: ref, replaces: replaceable(context), issuedAt: pair?.issuedAt ?? null, byPerson },
    });
    enqueue({ type: "sync", params: { digest: ref.digest } });
  });

function replaceable(context: Context): readonly string[] {
  const digests = [context.held?.digest, context.current?.digest, ...context.spent];
  return [...new Set(digests.filter((digest) => digest !== undefined))];
}

/** Every token that has to go, in whatever state we are; those that are already asked for are not asked for twice. */
export const revokeLeftovers = enrolment.enqueueActions(({ context, enqueue }) => {
  for (const { ref, tokenId, why } of context.cleanups) {
    enqueue({ type: "revoke", params: { pair: ref, tokenId, after: why === "superseded" ? SUPERSEDED_GRACE : 0 } });
  }
});

/** After mints that may have succeeded unseen: whatever carries their description and is not our pair. */
export const sweepOrphans = enrolment.enqueueActions(({ context, enqueue }) => {
  const { mint, fresh, orphans, settings } = context;
  if (!fresh?.tokenId || settings?.traits.sweep !== true) return;
  for (const description of mint?.unanswered ? [...orphans, mint.description] : orphans) {
    enqueue({ type: "sweep", params: { with: sealed(fresh), description, keep: fresh.tokenId } });
  }
  enqueue.assign({ orphans: [] });
});

export const releaseLease = enrolment.enqueueActions(({ context, enqueue }) => {
  if (!context.lease) return;
  enqueue({ type: "release", params: { lease: context.lease.version } });
  enqueue.assign({ lease: null });
});

export const syncCurrent = enrolment.enqueueActions(({ context, enqueue }) => {
  if (context.current) enqueue({ type: "sync", params: { digest: context.current.digest } });
});

export const notifyAsk = enrolment.enqueueActions(({ context, enqueue }) => {
  if (context.ask && !needsNobodyYet(context)) enqueue({ type: "notify", params: { code: context.ask.code } });
});

/** After a refusal, which somebody has to see to: a new file, another setting. */
const UNATTENDED_RETRY = 15 * 60_000;

/**
 * An enrolment that needs nobody begins by itself: at once where it never was or where its token died, and again and again
 * after a refusal. Not where somebody has removed the secret: that may have been an un-enrolment on another machine.
 */
export const enrolByItself = enrolment.enqueueActions(({ context, event, enqueue }) => {
  if (!isUnattended(context.settings) || context.ask?.code === "secret-gone") return;
  const isFresh = needsNobodyYet(context) || event.type === "CONFIGURED";
  enqueue({ type: "wakeAt", params: { name: "retry", at: isFresh ? event.at : event.at + UNATTENDED_RETRY } });
});

function needsNobodyYet({ settings, ask }: Context): boolean {
  return isUnattended(settings) && (ask?.code === "not-enrolled" || ask?.code === "revoked");
}
