import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Facts } from "../../src/machines/enrolment/context.ts";
import type { Snapshot } from "../../src/machines/enrolment/decide.ts";
import { initialSnapshot } from "../../src/machines/enrolment/decide.ts";
import { upcast } from "../../src/machines/enrolment/upcast.ts";
import { DAY, MINUTE, pair, ref, Story, settings } from "../support/model/story.ts";

const remint = { rotation: "remint" } as const;
const DOUBTED = "refreshing.doubted";

/** At the half-life; the lease is ours, the store holds the pair still, and a mint with it is under way. */
function reminting(found: Facts = pair("a")): Story {
  return Story.presenting(found, remint);
}

function loseMint(story: Story): string | undefined {
  story.happens("FAILED", { intent: "mint", class: "net.reset", message: "", hint: null, sent: "maybe" });
  return story.open("mint")?.description;
}

describe("rotation: remint", () => {
  test("mints with the pair that is current, and never presents its refresh token", () => {
    const story = reminting();
    assert.equal(story.state, "refreshing.reminting");
    assert.deepEqual(story.open("mint")?.with, ref("a"));
    assert.match(story.open("mint")?.description ?? "", /^dotvault laptop jfrog #/);
    assert.equal(story.open("refresh"), undefined);
  });

  test("the old token is revoked after the store has the new one, not before", () => {
    const story = reminting().issues(pair("b"), "mint");
    assert.deepEqual([story.state, story.asked], ["refreshing.storing", ["store", "sync"]]);
    assert.deepEqual(story.open("store")?.replaces, ["a"]);
    assert.equal(story.open("revoke"), undefined);
    story.stores();
    assert.equal(story.state, "active.resting");
    assert.deepEqual(story.open("revoke"), { pair: ref("a"), tokenId: "id-a", after: MINUTE });
  });

  test("a lost answer is no doubt: the mint is repeated, and what the lost one left is swept", () => {
    const story = reminting();
    const description = loseMint(story);
    assert.equal(story.state, "refreshing.reminting");
    story.issues(pair("b"), "mint");
    assert.deepEqual(story.open("sweep"), { with: ref("b"), description, keep: "id-b" });
  });

  test("a mint given up without an answer is remembered, and swept with the next pair", () => {
    const story = reminting();
    const description = story.open("mint")?.description ?? "";
    story.happens("SECRET_SEEN", story.shows(pair("c"), 5));
    assert.deepEqual([story.state, story.context.orphans], ["active.resting", [description]]);
    story.rings("rotate").answers("claim", "CLAIMED", { lease: 8, doubt: null }).reads(pair("c"), { version: 5 });
    story.issues(pair("d"), "mint");
    assert.deepEqual(story.open("sweep"), { with: ref("d"), description, keep: "id-d" });
    assert.deepEqual(story.context.orphans, []);
  });

  test("a mint that was plainly refused has left nothing to sweep", () => {
    assert.deepEqual(reminting().forbidsMint().context.orphans, []);
  });

  test("a pair without a refresh token is rotated, too", () => {
    assert.equal(reminting(pair("a", { refreshable: false })).state, "refreshing.reminting");
  });

  test("refused with 401: the service is asked whether the token lives; dead, its refresh token is tried once", () => {
    const story = reminting().forbidsMint(401);
    assert.equal(story.state, `${DOUBTED}.probing`);
    story.probes("dead");
    assert.equal(story.state, `${DOUBTED}.presenting`);
    assert.equal(story.issues(pair("b")).stores().state, "active.resting");
  });

  test("dead for everybody: only then it is removed, with the store read in between", () => {
    const story = reminting().forbidsMint(401).probes("dead").refuses(404).probes("dead");
    assert.equal(story.state, `${DOUBTED}.verifying`);
    assert.equal(story.reads(pair("a")).state, `${DOUBTED}.removing`);
  });

  test("the answer to that one presentation is lost: it is presented again before anything is removed", () => {
    const story = reminting().forbidsMint(401).probes("dead").loses();
    assert.equal(story.state, `${DOUBTED}.pausing`);
    assert.equal(story.rings("retry").reads(pair("a")).state, `${DOUBTED}.presenting`);
  });

  test("minting forbidden, the token lives: everything is kept, nothing is presented, the person is asked in time", () => {
    const story = reminting().forbidsMint(403).probes("alive").forbidsMint(403);
    assert.equal(story.state, `${DOUBTED}.keeping`);
    assert.equal(story.open("refresh"), undefined);
    assert.deepEqual([...story.wakes.keys()].sort(), ["ask", "expired", "retry"]);
    assert.equal(story.context.ask?.code, "mint-forbidden");
  });

  test("what forbids minting may pass: it is tried again at least daily until the person is asked", () => {
    const story = reminting().forbidsMint(403).probes("alive").forbidsMint(403);
    assert.ok((story.wakes.get("retry") ?? 0) - story.now <= DAY);
    story.rings("retry").probes("alive");
    assert.equal(story.issues(pair("b"), "mint").stores().state, "active.resting");
    assert.equal(story.context.ask, null);
  });

  test("another url: the mint is not sent there", () => {
    const story = reminting().happens("CONFIGURED", {
      settings: { ...settings, ...remint, origin: "https://other" },
    });
    assert.equal(story.state, "active.moved");
    assert.equal(story.open("mint"), undefined);
  });

  test("un-enrolling waits for the mint, so that no token is left that nobody knows", () => {
    const story = reminting().happens("REVOKE_ASKED", {});
    assert.equal(story.state, "refreshing.reminting");
    assert.equal(story.issues(pair("b"), "mint").stores().state, "idle.unenrolling.claiming");
  });

  test("a journal of machine 1 goes on as it was configured: by the refresh token", () => {
    const { orphans: _, ...context } = initialSnapshot().context;
    const { rotation: __, ...before } = settings;
    const old = { value: { active: "resting" }, context: { ...context, settings: before } } as unknown as Snapshot;
    const now = upcast(old, 1);
    assert.equal(now.context.settings?.rotation, "refresh");
    assert.deepEqual(now.context.orphans, []);
  });
});
