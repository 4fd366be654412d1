import { backoff } from "../../backoff.ts";
import { lastEighth } from "../../half-life.ts";
import { mintWith, notifyAsk, present, probeHeld } from "../asks.ts";
import type { Context } from "../context.ts";
import { isReminting, lifetimeOf, SECOND_LOOK_AFTER } from "../guards.ts";
import { enrolment, update } from "../setup.ts";
import { adoptAnother, adoptWhen, missing, signInAnew, wayOut } from "../transitions.ts";
import { issued, mintForbidden, minting, mintRefused } from "../updates/issue.ts";
import { signingIn } from "../updates/login.ts";
import { asking, unenrolLater } from "../updates/person.ts";
import {
  ended,
  foundDead,
  heldElsewhere,
  lost,
  presentingDead,
  probed,
  refused,
  restored,
  revokedForGood,
} from "../updates/rotation.ts";
import { held } from "../updates/store.ts";

const DAY = 24 * 60 * 60_000;

/**
 * The pair was presented and the answer was lost, or it was refused. Nothing is deleted before the store, the service and
 * the lease all agree that it is dead.
 */
export const doubted = enrolment.createStateConfig({
  initial: "reading",
  states: {
    reading: {
      always: wayOut,
      entry: { type: "read", params: {} },
      on: {
        SECRET_READ: [
          missing,
          adoptWhen("isOther"),
          { guard: "isSpent", target: "probing", actions: update(restored) },
          { guard: "isLost", target: "presenting", actions: update(held) },
          { guard: "canProbe", target: "probing", actions: update(held) },
          { target: "keeping", actions: update(held) },
        ],
      },
    },
    /** Once more: if the first try never arrived, this one is answered. */
    presenting: {
      entry: present,
      on: {
        PAIR_ISSUED: { target: "#enrolment.refreshing.storing", actions: update(issued) },
        REFUSED: [
          { guard: "canProbe", target: "probing", actions: update(refused) },
          { target: "keeping", actions: update(refused) },
        ],
        ANSWER_LOST: { target: "pausing", actions: update(lost) },
        LEASE_LOST: { target: "#enrolment.refreshing.claiming" },
        PAIR_UNREADABLE: { target: "reading" },
        REVOKE_ASKED: { actions: update(unenrolLater) },
        ENROL_ASKED: {},
      },
    },
    pausing: {
      always: wayOut,
      entry: {
        type: "wakeAt",
        params: ({ context, event }) => ({
          name: "retry",
          at: event.at + backoff(pauseInput(context, event.at, "random" in event ? event.random : 0.5)),
        }),
      },
      on: {
        WOKE: [
          { guard: "mayPresentAgain", target: "reading" },
          { guard: "canProbe", target: "probing" },
          { target: "keeping" },
        ],
        SECRET_SEEN: adoptAnother,
        ENROL_ASKED: signInAnew,
      },
    },
    /** Is the access token alive? Then a new pair can be minted with it. */
    probing: {
      always: wayOut,
      entry: probeHeld,
      on: {
        PROBED: [
          // Asked for anew after that, so it does not count as a look.
          { guard: "isDeadButRefreshable", target: "presenting", actions: update(presentingDead) },
          { guard: "isDead", target: "verifying", actions: [update(probed), update(foundDead)] },
          { target: "minting", actions: update(probed) },
        ],
        PAIR_UNREADABLE: { target: "reading" },
        SECRET_SEEN: adoptAnother,
      },
    },
    minting: {
      always: { guard: "hasMoved", target: "#enrolment.active.moved" },
      entry: [update(minting), mintWith("held")],
      on: {
        PAIR_ISSUED: { target: "#enrolment.refreshing.storing", actions: update(issued) },
        MINT_REFUSED: [
          { guard: "saysDead", target: "secondLook", actions: [update(mintRefused), update(foundDead)] },
          // The other way is not known to be closed.
          { guard: "isLost", target: "reading", actions: update(mintRefused) },
          { target: "keeping", actions: [update(mintRefused), update(mintForbidden)] },
        ],
        PAIR_UNREADABLE: { target: "reading" },
        REVOKE_ASKED: { actions: update(unenrolLater) },
        ENROL_ASKED: {},
      },
    },
    /** The service says dead. Does the store still hold the very pair, and does nobody else have a newer one? */
    verifying: {
      always: wayOut,
      entry: { type: "read", params: {} },
      on: {
        SECRET_READ: [
          missing,
          adoptWhen("isOther"),
          { guard: "isAnotherSpent", target: "probing", actions: update(restored) },
          { guard: "isHeldElsewhere", target: "heldElsewhere", actions: update(heldElsewhere) },
          { guard: "needsSecondLook", target: "secondLook", actions: update(held) },
          { target: "removing", actions: update(held) },
        ],
      },
    },
    /** A 403 may be a login suspension, which passes. */
    secondLook: {
      always: wayOut,
      entry: { type: "wakeAt", params: ({ event }) => ({ name: "retry", at: event.at + SECOND_LOOK_AFTER }) },
      on: {
        WOKE: { target: "probing" },
        SECRET_SEEN: adoptAnother,
        ENROL_ASKED: signInAnew,
      },
    },
    /** Another machine presented this pair and went away, probably with the new one. It may bring it yet. */
    heldElsewhere: {
      always: wayOut,
      entry: {
        type: "wakeAt",
        params: ({ context, event }) => ({
          name: "ask",
          at: Math.max((context.held?.expiresAt ?? 0) - context.skew, event.at + DAY / 24),
        }),
      },
      on: {
        WOKE: { actions: [update(asking("held-elsewhere")), notifyAsk] },
        SECRET_SEEN: [adoptAnother, missing],
        ENROL_ASKED: signInAnew,
      },
    },
    /** A new pair can't be minted, the access token still works: keep all, ask in time. */
    keeping: {
      always: wayOut,
      entry: enrolment.enqueueActions(({ context, event, enqueue }) => {
        for (const wake of keepingWakes(context, event.at)) enqueue({ type: "wakeAt", params: wake });
      }),
      on: {
        WOKE: [
          { guard: "isRetry", target: "probing" },
          { guard: "hasGrace", target: "presenting", actions: update(ended) },
          { guard: "enrolsByItself", target: "#enrolment.session", actions: update(signingIn) },
          { target: "keeping", reenter: true, actions: [update(asking("mint-forbidden")), notifyAsk] },
        ],
        SECRET_SEEN: [adoptAnother, missing],
        ENROL_ASKED: signInAnew,
      },
    },
    removing: {
      entry: {
        type: "remove",
        params: ({ context }) => ({ version: context.held?.stored?.version ?? 0, digest: context.held?.digest ?? "" }),
      },
      on: {
        REMOVED: { target: "#enrolment.revoked", actions: update(revokedForGood) },
        SECRET_MOVED: { target: "verifying" },
        ENROL_ASKED: {},
        REVOKE_ASKED: { actions: update(unenrolLater) },
      },
    },
  },
});

function pauseInput(context: Context, now: number, random: number) {
  const attempt = context.doubt?.presentations ?? 0;
  const expiresAt = context.held?.expiresAt;
  return expiresAt === undefined ? { attempt, random } : { attempt, random, lifeLeft: expiresAt - context.skew - now };
}

/**
 * An eighth before the end, then daily; at the end one more presentation, since services have a grace. What keeps us from
 * minting may pass: who relies on it tries again until the person is asked.
 */
function keepingWakes(context: Context, now: number): { name: "ask" | "expired" | "retry"; at: number }[] {
  const lifetime = context.held && lifetimeOf(context.held);
  if (!lifetime) return [{ name: "ask", at: now + DAY }];
  const asksAt = lastEighth(lifetime) - context.skew;
  const endsAt = lifetime.expiresAt - context.skew;
  const ask = { name: "ask", at: asksAt > now ? asksAt : now + DAY } as const;
  const wakes = endsAt > now ? [ask, { name: "expired", at: endsAt } as const] : [ask];
  if (!isReminting(context.settings) || asksAt <= now) return wakes;
  const wait = Math.min(Math.max((endsAt - now) / 8, SECOND_LOOK_AFTER), DAY);
  return [...wakes, { name: "retry", at: now + Math.ceil(wait) }];
}
