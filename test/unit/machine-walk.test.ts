import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIFE, pair, ref, Story } from "../support/model/story.ts";

// The lines of the first design (docs/adr), in their order.

const DOUBTED = "refreshing.doubted";

describe("the walk of one event", () => {
  test("an answer to a question of the past is not heard", () => {
    const story = Story.presenting().refuses(404).reads(pair("a"));
    const late = story.happens("PROBED", { verdict: "dead", listed: false });
    assert.equal(late.state, `${DOUBTED}.probing`);
  });

  test("a pair that nobody waits for any more is revoked; one that comes late to its rotation is kept", () => {
    const told = { pair: ref("b"), facts: pair("b"), spread: 0, notices: [] };
    const active = Story.active().happens("PAIR_ISSUED", told);
    assert.deepEqual(active.open("revoke")?.pair, ref("b"));
    const doubted = Story.presenting().loses().happens("PAIR_ISSUED", told);
    assert.deepEqual([doubted.state, doubted.open("revoke")], ["refreshing.storing", undefined]);
    const twice = doubted.happens("PAIR_ISSUED", { ...told, pair: ref("c"), facts: pair("c") });
    assert.deepEqual([twice.state, twice.open("revoke")?.pair], ["refreshing.storing", ref("c")]);
  });

  test("a state that is left takes its intents and wakes along; what cleans up stays", () => {
    const polling = Story.named().asksToEnrol().answers("openSession", "SESSION_OPENED", {});
    assert.equal(polling.happens("ENROL_CANCELLED", {}).open("poll"), undefined);
    const story = Story.presenting().issues().stores().asksToEnrol(true);
    assert.ok(story.open("revoke") && story.open("release"));
    assert.equal(story.wakes.size, 0);
  });

  test("a state that is only passed through asks for nothing and sets no wake", () => {
    const story = Story.presenting().happens("REVOKE_ASKED", {}).refuses(404);
    assert.deepEqual([story.asked, story.wakes.size], [["release", "claim"], 0]);
  });

  test("an event that passes two states which want the same asks for it once", () => {
    const story = Story.presenting().happens("REVOKE_ASKED", {}).issues().stores();
    assert.equal(story.asked.filter((kind) => kind === "revoke").length, 1);
  });

  test("what was never refused is not removed: three answers lost and the token dead, it is presented again", () => {
    const story = Story.presenting().loses();
    for (let lost = 1; lost < 3; lost++) {
      if (lost > 1) story.rings("retry");
      story.reads(pair("a")).loses();
    }
    story.rings("retry").probes("dead");
    assert.equal(story.state, `${DOUBTED}.presenting`);
    assert.equal(story.refuses(404).probes("dead").reads(pair("a")).state, `${DOUBTED}.removing`);
  });

  test("minting is forbidden, and no presentation was answered: the refresh token is not given up", () => {
    const story = Story.presenting().loses().reads(pair("a")).loses().rings("retry").reads(pair("a")).loses();
    story.rings("retry").probes("alive").forbidsMint();
    assert.equal(story.state, `${DOUBTED}.reading`);
    assert.equal(story.reads(pair("a")).issues().stores().state, "active.resting");
  });

  test("a suspension that outlives the token: the pair is presented once more, and only once", () => {
    const story = Story.presenting().refuses(403).reads(pair("a"));
    story.passes(LIFE).probes("dead");
    assert.equal(story.state, `${DOUBTED}.presenting`);
    assert.equal(story.refuses(401).probes("dead").reads(pair("a")).state, `${DOUBTED}.secondLook`);
    assert.equal(story.rings("retry").probes("dead").reads(pair("a")).state, `${DOUBTED}.removing`);
  });

  test("a mint that may have succeeded unseen is swept for, by its description, but not for our own pair", () => {
    const story = Story.named().asksToEnrol().answers("openSession", "SESSION_OPENED", {});
    story.answers("poll", "GRANTED", { bootstrap: ref("boot", "bootstrap"), tokenId: "id-boot", user: null });
    story.happens("FAILED", { intent: "mint", class: "net.reset", message: "", hint: null, sent: "maybe" });
    const description = story.open("mint")?.description;
    story.issues(pair("b"), "mint");
    assert.deepEqual(story.open("sweep"), { with: ref("b"), description, keep: "id-b" });
  });
});
