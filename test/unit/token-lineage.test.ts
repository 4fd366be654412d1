import assert from "node:assert/strict";
import { test } from "node:test";
import { keepLineage, lineageOf } from "../../src/agent/keep-lineage.ts";
import { foldLineage } from "../../src/machines/lineage/fold.ts";
import { emptyLineage, type Lineage, type TokenLine } from "../../src/machines/lineage/lineage.ts";
import { type InHand, standingOf } from "../../src/machines/lineage/standing.ts";
import { change, intent, journalHome } from "../support/journal.ts";

const DAY = 86_400_000;
const now = 100 * DAY;

function line(tokenId: string, rest: Partial<TokenLine> = {}): TokenLine {
  const facts = { digest: `digest of ${tokenId}`, enrolment: "jfrog", how: "minted", at: 0, issuedAt: 0 } as const;
  const none = { expiresAt: null, user: null, supersededBy: null, rotatedAway: false, revoked: null };
  return { tokenId, ...facts, ...none, ...rest };
}

const inHand: InHand = { inUse: ["current"], toBeRevoked: [], since: null, label: null, others: new Set() };

test("a credential that has ended is not in use any more, although no agent has looked since", () => {
  const current = line("current", { expiresAt: now });
  assert.equal(standingOf(current, inHand, null, now - 1), "in-use");
  assert.equal(standingOf(current, inHand, null, now), "expired");
  assert.equal(standingOf(line("current"), inHand, null, now), "in-use", "one that never ends");
});

test("a superseded token whose revocation the service refused is told as never revoked, until it ends by itself", () => {
  const old = line("old", { supersededBy: "current", expiresAt: now, revoked: { at: 5, how: "refused" } });
  assert.equal(standingOf(old, inHand, true, now - 1), "never-revoked");
  assert.equal(standingOf(old, inHand, true, now), "expired");
});

test("a token that the service has refused for good is dead, unless the service lists it all the same", () => {
  const dead = line("dead", { supersededBy: "current", refusedAt: 5, expiresAt: now });
  assert.equal(standingOf(dead, inHand, null, now - 1), "refused");
  assert.equal(standingOf(dead, inHand, false, now + 1), "refused");
  assert.equal(standingOf(dead, inHand, true, now - 1), "never-revoked");
  const revoked = line("dead", { refusedAt: 5, revoked: { at: 6, how: "revoked" } });
  assert.equal(standingOf(revoked, inHand, null, now), "revoked");
});

test("whoever stored a token is told as soon as any event names the machine", () => {
  const found = { complete: true, digest: "d", tokenId: "theirs" };
  const seen = (seq: number, more: object) => ({
    ...{ seq, stream: "enrolment/jfrog", intents: [], closes: null },
    event: { type: "SECRET_SEEN", at: seq, found, ...more },
  });
  const told = (...events: ReturnType<typeof seen>[]) => foldLineage(emptyLineage, events).tokens.map(({ by }) => by);
  assert.deepEqual(told(seen(1, {})), [undefined]);
  assert.deepEqual(told(seen(1, {}), seen(2, { by: "ada@desktop" }), seen(3, { by: "ada@laptop" })), ["ada@desktop"]);
});

test("what compaction keeps of the tokens: those that had not ended; a refused revocation is no end", () => {
  using home = journalHome();
  const journal = home.open();
  const tokens = [
    line("never-ending"),
    line("refused", { revoked: { at: 1, how: "refused" } }),
    line("refused, ends", { revoked: { at: 1, how: "refused" }, expiresAt: 50 * DAY }),
    line("revoked", { revoked: { at: 1, how: "revoked" } }),
    line("revoked later", { revoked: { at: 40 * DAY, how: "already" } }),
    line("refused for good", { refusedAt: 20 * DAY, expiresAt: 50 * DAY }),
    line("refused for good later", { refusedAt: 40 * DAY }),
    line("ended", { expiresAt: 20 * DAY }),
  ];
  journal.append(change("enrolment/jfrog", 0, { intents: [intent("i1", { kind: "mint" })] }));
  const open = { i1: "mint", "long over": "refresh" };
  const removing = { i1: "digest of revoked later", "long over": "digest of ended" };
  journal.setFact("lineage", { ...emptyLineage, tokens, open, removing } satisfies Lineage);
  keepLineage(journal, 30 * DAY);
  const kept = lineageOf(journal);
  assert.deepEqual(
    kept.tokens.map(({ tokenId }) => tokenId),
    ["never-ending", "refused", "refused, ends", "revoked later", "refused for good later"],
  );
  assert.deepEqual(kept.removing, { i1: "digest of revoked later" });
  assert.deepEqual(kept.open, { i1: "mint" }, "what is open no more will issue nothing");
});
