import assert from "node:assert/strict";
import fc from "fast-check";
import { lineageOf, toldTokens } from "../../src/agent/keep-lineage.ts";
import type { Recorded } from "../../src/journal/port.ts";
import { foldLineage } from "../../src/machines/lineage/fold.ts";
import { emptyLineage, type Lineage } from "../../src/machines/lineage/lineage.ts";
import { act, happen, setting } from "../support/model/script.ts";
import { MINUTE, ModelWorld } from "../support/model/world.ts";
import { property } from "../support/property.ts";

/** Every id of a token that an event of the enrolment tells of, in whatever way. */
function idsIn(events: readonly Recorded[]): Set<string> {
  const ids = events.flatMap(({ event }) => {
    const { facts, found, tokenId, revoked } = event as unknown as {
      facts?: { tokenId?: string };
      found?: { tokenId?: string; complete?: boolean } | null;
      tokenId?: string | null;
      revoked?: readonly string[];
    };
    return [
      facts?.tokenId,
      found?.complete ? found.tokenId : null,
      event.type === "GRANTED" ? tokenId : null,
      ...(revoked ?? []),
    ];
  });
  return new Set(ids.filter((id) => typeof id === "string"));
}

property(
  "the lineage is the service's ledger, as far as this machine was told, for any history; and it may be kept in pieces",
  [setting, fc.array(act, { maxLength: 16, size: "max" }), fc.nat()],
  async (given, acts, cut) => {
    const world = new ModelWorld(given);
    await world.boot();
    await world.drain();
    await world.ask("enrol");
    world.attended = true;
    await world.runFor(MINUTE);
    for (const each of acts) await happen(world, each);
    await world.calm();
    await world.runFor(30 * MINUTE);
    const events = [...world.journal.recorded];
    const whole = foldLineage(emptyLineage, events);

    const { rows } = world.jfrog;
    const byOthers = acts.some((each) => each.do === "revoke at the service");
    const ids = whole.tokens.map(({ tokenId }) => tokenId);
    assert.equal(new Set(ids).size, ids.length, "each once");
    assert.deepEqual(new Set(ids), idsIn(events), "all that was told of");
    for (const token of whole.tokens) {
      const row = rows.get(token.tokenId ?? "");
      assert.ok(row, "nothing that the service never issued");
      if (token.revoked?.how === "revoked") assert.ok(row.revoked, "what is told as revoked is");
      const isToldSo = token.revoked !== null || byOthers || isInHand(world, token.tokenId);
      if (row.revoked) assert.ok(isToldSo, "what was revoked is told so");
      const isDead = row.revoked || row.accessEndsAt <= world.clock.now() + given.skew.service;
      if (token.refusedAt !== undefined) assert.ok(isDead, "what was refused for good is dead");
      assert.deepEqual(token.refusedAt !== undefined, removedAs(token.digest, events), "and every such one is told so");
      if (token.how === "adopted") assert.equal(token.by, bringerOf(token.digest, events), "whoever the lease names");
      if (token.rotatedAway) assert.ok(row.refreshUsed, "what was rotated away is spent");
    }
    const used = whole.tokens.filter(({ how }) => how !== "unanswered" && how !== "named");
    const newest = used.filter(({ supersededBy }) => supersededBy === null);
    assert.equal(newest.length, Math.min(1, used.length), "one is the newest, and every other was superseded");
    const next = whole.tokens.map(({ supersededBy }) => supersededBy).filter((id) => id !== null);
    assert.ok(next.every((id) => ids.includes(id)));
    const stored = world.stored?.access_token;
    if (stored !== undefined) assert.ok(ids.includes(stored), "the stored one is known");

    const at = cut % (events.length + 1);
    const kept = JSON.parse(JSON.stringify(foldLineage(emptyLineage, events.slice(0, at)))) as Lineage;
    assert.deepEqual(
      foldLineage(kept, events),
      JSON.parse(JSON.stringify(whole)),
      "a piece that is kept, and all events once more",
    );
    const forgotten = { ...whole, tokens: [] };
    assert.deepEqual(foldLineage(forgotten, events), forgotten, "what is in it already does not come back");
    const { open: _open, upTo: _upTo, ...told } = lineageOf(world.journal);
    assert.deepEqual({ ...whole, ...told }, whole, "the events that tell of tokens are enough");
    assert.deepEqual({ ...whole, ...toldTokens(world.journal) }, whole);
    return true;
  },
  { runs: 40 },
);

/** Whether a pair was taken out of the store, and not by the person's own wish. */
function removedAs(digest: string | null, events: readonly Recorded[]): boolean {
  const removals = events.flatMap(({ intents, state }) => intents.map((intent) => ({ ...intent, state })));
  return removals.some(({ id, kind, params, state }) => {
    const isOurs = kind === "remove" && params.digest === digest && JSON.stringify(state).includes("doubted");
    return isOurs && events.some(({ closes, event }) => closes === id && event.type === "REMOVED");
  });
}

function bringerOf(digest: string | null, events: readonly Recorded[]): string | undefined {
  const finds = events.filter(
    ({ event }) => (event.found as { digest?: string } | null | undefined)?.digest === digest,
  );
  return finds.map(({ event }) => event.by as string | undefined).find((by) => by !== undefined);
}

/** The answer to its revocation was lost, and the agent is still at it. */
function isInHand(world: ModelWorld, tokenId: string | null): boolean {
  const { cleanups = [], current, fresh, held } = world.snapshot?.context ?? {};
  const inUse = [current, fresh, held].some((pair) => pair?.tokenId === tokenId);
  return inUse || cleanups.some((cleanup) => cleanup.tokenId === tokenId);
}
