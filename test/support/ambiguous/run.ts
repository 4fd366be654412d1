import assert from "node:assert/strict";
import type { RequestKind, Simulator } from "../../../src/simulator/simulator.ts";
import type { Answer, Case, Circumstance } from "./cases.ts";
import { openStage, type Stage } from "./stage.ts";

const MINUTE = 60_000;
/** Longer than any wait of a rotation in doubt but for one that waits for a person. */
const PATIENCE = 150;

/** What came of one case; a line of docs/ambiguous.md. */
export interface Record {
  readonly presented: number;
  /** Presentations of a pair that was used up or revoked already, by the platform's ledger. */
  readonly spent: number;
  readonly probes: number;
  readonly mints: number;
  readonly removed: number;
  /** What `status` says while it is under way, and at the end. */
  readonly meanwhile: string;
  readonly end: string;
  /** Codes that the person is shown or notified of, and notes in `status`. */
  readonly told: readonly string[];
}

/** Lives through one case. Throws when something was lost that had been received, or removed that was alive. */
export async function live({ rotation, circumstance, answer }: Case): Promise<Record> {
  const stage = await openStage(circumstance.switches ?? {}, rotation);
  try {
    await stage.ask("enrol");
    assert.equal(stage.state, "active.resting", "could not enrol");
    const { platform } = stage;
    const before = { calls: platform.calls.length, told: stage.notified.length };
    const kind = rotation === "remint" ? "mint" : "refresh";
    lose(platform, kind, answer);
    befall(platform, kind, circumstance, answer);
    await rotate(stage, circumstance);
    const meanwhile = stage.word;
    await comeToRest(stage, circumstance);
    await assertNothingLost(stage, { rotation, circumstance, answer });
    const calls = platform.calls.slice(before.calls);
    const count = (wanted: RequestKind) => calls.filter((call) => call.kind === wanted).length;
    const { notices } = stage.snapshot.context;
    const ask = stage.snapshot.context.ask?.code;
    return {
      presented: count("refresh"),
      spent: platform.ledger.stalePresentations().length,
      probes: count("probe"),
      mints: count("mint"),
      removed: stage.events("REMOVED").length,
      meanwhile,
      end: stage.word,
      told: [...new Set([...stage.notified.slice(before.told), ...(ask ? [ask] : []), ...notices])],
    };
  } finally {
    await stage.close();
  }
}

function befall(platform: Simulator, kind: RequestKind, circumstance: Circumstance, answer: Answer): void {
  const { later = {}, revoked, mintForbidden, gateway, suspendedFor } = circumstance;
  Object.assign(platform.switches, later);
  if (revoked) platform.revoke(platform.ledger.live().at(-1)?.tokenId ?? "");
  if (mintForbidden) platform.inject({ on: "mint", kind: "status", status: 403, body: "access", times: "always" });
  if (gateway !== undefined) platform.inject({ on: kind, kind: "status", status: 403, times: gateway });
  if (suspendedFor === undefined) return;
  const stop = platform.onCall((call, phase) => {
    if (call.kind !== kind || phase !== (answer === "lost, applied" ? "ended" : "arrived")) return;
    platform.switches.suspendedUsers = ["ada"];
    stop();
  });
}

/** The first that is put in place strikes first. */
function lose(platform: Simulator, kind: RequestKind, answer: Answer): void {
  if (answer === "lost, not applied") platform.inject({ on: kind, kind: "reset", when: "before" });
  if (answer === "lost, applied" || answer === "four lost, the first applied")
    platform.inject({ on: kind, kind: "reset", when: "after" });
  if (answer === "four lost, the first applied") platform.inject({ on: kind, kind: "reset", when: "before", times: 3 });
  if (answer === "four lost, none applied") platform.inject({ on: kind, kind: "reset", when: "before", times: 4 });
}

async function rotate(stage: Stage, { asleep }: Circumstance): Promise<void> {
  if (asleep === undefined) await stage.ask("refresh");
  else await stage.sleep(asleep);
}

async function comeToRest(stage: Stage, { suspendedFor }: Circumstance): Promise<void> {
  if (suspendedFor !== undefined) {
    await stage.pass(suspendedFor);
    stage.platform.switches.suspendedUsers = [];
  }
  for (let minutes = 0; minutes < PATIENCE; minutes++) {
    const { state } = stage;
    if (stage.rests && (state === "active.resting" || state === "revoked" || state.endsWith(".keeping"))) return;
    await stage.pass(MINUTE);
  }
  assert.fail(`never comes to rest in ${stage.state}`);
}

async function assertNothingLost(stage: Stage, { rotation, circumstance, answer }: Case): Promise<void> {
  const { ledger } = stage.platform;
  const received = stage.events("PAIR_ISSUED").map(({ facts }) => (facts as { tokenId: string }).tokenId);
  const usable = ledger.live().filter(({ tokenId }) => received.includes(tokenId));
  const stored = await stage.stored();
  const lost = stage.events("ANSWER_LOST").length;
  const stale = ledger.stalePresentations().length;
  const pastEnd = circumstance.name.endsWith("the token's end");
  const more = (circumstance.revoked ? 1 : 0) + (pastEnd ? 1 : 0);
  assert.ok(stale <= lost + more, "a used-up pair is presented once per lost answer, and once past its end");
  if (stage.state === "revoked") {
    const mayEnd = rotation === "refresh" && /, applied|first applied/.test(answer);
    const ended = circumstance.asleep !== undefined && circumstance.switches?.graceSeconds === 0;
    assert.ok(mayEnd || ended || circumstance.revoked, "there was no reason to give it up");
    assert.ok(stage.events("REFUSED").length > 0, "it was never refused");
    assert.equal(stored, null);
    assert.equal(stage.events("REMOVED").length, 1);
    if (!ended) assert.deepEqual(usable, [], "a live pair was given up");
    return;
  }
  const mine = stored === null ? undefined : ledger.byAccessToken(stored);
  assert.ok(mine, "there is a secret");
  assert.equal(stage.events("REMOVED").length, 0);
  if (usable.length > 0) assert.ok(usable.includes(mine), "another pair than the stored one is live");
  if (stage.state === "active.resting") assertNoOrphan(ledger, received);
}

/** Unanswered mints leave tokens; those that the service lists can be found. */
function assertNoOrphan(ledger: Simulator["ledger"], received: readonly string[]): void {
  const minted = ledger.live().filter(({ by, stored }) => by === "mint" && stored);
  const orphans = minted.map(({ tokenId }) => tokenId).filter((id) => !received.includes(id));
  assert.deepEqual(orphans, [], "an orphan is left");
}
