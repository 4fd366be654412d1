import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { INTENT_RULES } from "../../src/machines/enrolment/intents.ts";
import { MINUTE, pair, ref, Story } from "../support/model/story.ts";

// The lines of the first design (docs/adr), in their order.

const rival = (digest: string) => ({ holder: "other", machine: "desktop", digest });
const DOUBTED = "refreshing.doubted";

describe("rotation without loss", () => {
  test("1 the lease is claimed before anything else: no store, no rotation", () => {
    const story = Story.active().rings("rotate");
    assert.deepEqual([story.state, story.asked], ["refreshing.claiming", ["claim"]]);
    story.happens("FAILED", { intent: "claim", class: "store.sealed", message: "sealed", hint: null, sent: "no" });
    assert.equal(story.state, "refreshing.claiming");
    assert.ok(story.open("claim"), "the wait ends when the store is back");
    assert.equal(story.open("refresh"), undefined);
  });

  test("2 the secret is read again: a newer one is adopted, and nothing is presented", () => {
    const story = Story.active()
      .rings("rotate")
      .answers("claim", "CLAIMED", { lease: 7, doubt: null })
      .reads(pair("b"));
    assert.equal(story.state, "active.resting");
    assert.equal(story.context.current?.digest, "b");
    assert.deepEqual([...story.asked].sort(), ["release", "sync"]);
  });

  test("3 what is presented is journaled first: the pair, its version, the lease; and never simply done again", () => {
    const story = Story.presenting();
    assert.deepEqual(story.open("refresh"), { pair: ref("a"), version: 1, lease: 7 });
    assert.equal(INTENT_RULES.refresh.once, true);
  });

  test("4 the answer's pair is sealed, then stored over the presented one, and written to the files at once", () => {
    const story = Story.presenting().issues();
    assert.deepEqual(story.context.fresh?.ref, ref("b"));
    assert.deepEqual(story.asked, ["store", "sync"]);
    assert.deepEqual(story.open("store")?.replaces, ["a"]);
    story.answers("sync", "SYNCED", { written: ["rule"], failed: [] });
    story.happens("FAILED", { intent: "store", class: "store.sealed", message: "sealed", hint: null, sent: "no" });
    assert.ok(story.open("store") && story.context.fresh, "the sealed pair waits for the store");
  });

  test("5 then the superseded token is revoked and the lease released", () => {
    const story = Story.presenting().issues().stores();
    assert.equal(story.state, "active.resting");
    assert.deepEqual(story.open("revoke")?.pair, ref("a"));
    assert.deepEqual(story.open("release"), { lease: 7 });
  });

  test("a lost answer (a): the store shows a newer pair: it is adopted", () => {
    const story = Story.presenting().loses().reads(pair("b"));
    assert.equal(story.state, "active.resting");
    assert.equal(story.context.current?.digest, "b");
  });

  test("a lost answer (b): presented once more and answered: the first try never arrived", () => {
    const story = Story.presenting().loses().reads(pair("a"));
    assert.equal(story.state, `${DOUBTED}.presenting`);
    assert.equal(story.issues().state, "refreshing.storing");
  });

  test("a lost answer (c): refused, and the access token lives: a new pair is minted with it", () => {
    const story = Story.presenting().loses().reads(pair("a"), { name: "again" }).refuses(404).probes("alive");
    assert.equal(story.state, `${DOUBTED}.minting`);
    assert.equal(story.open("mint")?.with?.id, "ref-again");
    assert.equal(story.issues(pair("b"), "mint").state, "refreshing.storing");
  });

  test("a lost answer (c): refused, and the access token is dead, and the store holds the very pair: confirmed", () => {
    const story = Story.presenting()
      .loses()
      .reads(pair("a"))
      .refuses(404)
      .probes("dead")
      .reads(pair("a"), { version: 4 });
    assert.deepEqual(story.open("remove"), { version: 4, digest: "a" });
    assert.equal(story.answers("remove", "REMOVED", {}).state, "revoked");
    assert.equal(story.context.ask?.code, "revoked");
  });

  test("confirmed only when the store still holds the presented digest", () => {
    const refused = () => Story.presenting().refuses(404).reads(pair("a")).probes("dead");
    assert.equal(refused().reads(pair("b")).state, "active.resting");
    assert.equal(refused().reads(null).state, "idle.missing");
    const moved = refused().reads(pair("a")).answers("remove", "SECRET_MOVED", {});
    assert.equal(moved.state, `${DOUBTED}.verifying`, "looked at again, and not presented again");
  });

  test("confirmed by a 401 of the probe; by a 404 only for a token that the service has listed before", () => {
    const refused = () => Story.presenting().refuses(404).reads(pair("a"));
    assert.equal(refused().probes("unlisted").state, `${DOUBTED}.minting`);
    const listed = Story.presenting().refuses(401).reads(pair("a")).probes("alive");
    listed.forbidsMint().rings("expired").refuses(401).probes("unlisted");
    assert.equal(listed.state, `${DOUBTED}.verifying`);
  });

  test("a mint's 401 proves nothing: the probe is asked again, and a token that lives is kept", () => {
    const story = Story.presenting().refuses(404).reads(pair("a")).probes("alive").forbidsMint(401);
    assert.equal(story.state, `${DOUBTED}.secondLook`);
    assert.equal(story.rings("retry").probes("alive").forbidsMint(401).state, `${DOUBTED}.keeping`);
  });

  test("not confirmed while another machine holds the lease as presented", () => {
    const story = Story.presenting()
      .refuses(404)
      .reads(pair("a"))
      .probes("dead")
      .reads(pair("a"), { heldBy: rival("a") });
    assert.equal(story.state, `${DOUBTED}.heldElsewhere`);
    assert.equal(story.open("remove"), undefined);
  });

  test("where a 403 is involved a second look, two minutes later at least, has to agree", () => {
    const story = Story.presenting().refuses(403).reads(pair("a")).probes("dead").reads(pair("a"));
    assert.equal(story.state, `${DOUBTED}.secondLook`);
    assert.equal(story.wakes.get("retry"), story.now + 2 * MINUTE);
    story.rings("retry").probes("dead").reads(pair("a"));
    assert.equal(story.state, `${DOUBTED}.removing`);
  });

  test("a probe's 403, too, calls for the second look", () => {
    const story = Story.presenting().refuses(404).reads(pair("a"));
    story.happens("FAILED", { intent: "probe", class: "jfrog.refused.403", message: "", hint: null, sent: "no" });
    assert.equal(story.probes("dead").reads(pair("a")).state, `${DOUBTED}.secondLook`);
  });

  test("a suspension that has passed by the second look costs nothing", () => {
    const story = Story.presenting().refuses(403).reads(pair("a")).probes("dead").reads(pair("a")).rings("retry");
    assert.equal(story.probes("alive").issues(pair("b"), "mint").state, "refreshing.storing");
  });
});
