import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judgeLease, LEASE_LIFE, type Lease } from "../../src/machines/lease.ts";
import { LIFE, MINUTE, pair, START, Story } from "../support/model/story.ts";

// The lines of the first design (docs/adr), in their order.

const rival = (digest: string) => ({ holder: "other", machine: "desktop", digest });
const DOUBTED = "refreshing.doubted";

describe("many machines", () => {
  const lease: Lease = { holder: "other", machine: "desktop", phase: "presented", digest: "a", doubt: null };

  test("a lease ends by the server's clock, more than sixty seconds after it was written", () => {
    assert.equal(judgeLease(lease, "me", START + LEASE_LIFE, START).kind, "held");
    assert.equal(judgeLease(lease, "me", START + LEASE_LIFE + 1, START).kind, "free");
  });

  test("whoever takes over a presented lease knows of it, and so does the next one", () => {
    const taken = judgeLease(lease, "me", START + 2 * LEASE_LIFE, START);
    assert.deepEqual(taken, { kind: "free", doubt: rival("a") });
    const passedOn: Lease = { holder: "me", machine: "me", phase: "claimed", digest: null, doubt: rival("a") };
    assert.deepEqual(judgeLease(passedOn, "third", START + 2 * LEASE_LIFE, START), { kind: "free", doubt: rival("a") });
  });

  test("a lease that another machine holds: wait until it ends, then look what it has done", () => {
    const retryAt = START + LIFE / 2 + MINUTE;
    const story = Story.active().rings("rotate");
    story.answers("claim", "HELD_ELSEWHERE", { machine: "desktop", phase: "presented", retryAt });
    assert.deepEqual([story.state, story.wakes.get("retry")], ["refreshing.waiting", retryAt]);
    assert.deepEqual(story.context.heldBy, { machine: "desktop", phase: "presented" });
    story.rings("retry").answers("claim", "CLAIMED", { lease: 9, doubt: null }).reads(pair("b"));
    assert.deepEqual([story.state, story.context.current?.digest], ["active.resting", "b"]);
  });

  test("the secret goes while another machine holds the lease: noticed at once, not when the lease ends", () => {
    const story = Story.active().rings("rotate");
    story.answers("claim", "HELD_ELSEWHERE", { machine: "desktop", phase: "claimed", retryAt: story.now + MINUTE });
    story.happens("SECRET_SEEN", story.shows(null, 2));
    assert.deepEqual([story.state, story.context.ask?.code], ["idle.missing", "secret-gone"]);
    assert.equal(story.wakes.size, 0);
  });

  const takenOver = () =>
    Story.active()
      .rings("rotate")
      .answers("claim", "CLAIMED", { lease: 9, doubt: rival("a") })
      .reads(pair("a"))
      .refuses(404)
      .reads(pair("a"))
      .probes("dead")
      .reads(pair("a"));

  test("taking over a presented lease and getting a spent answer: it is held elsewhere, by name; nothing is deleted", () => {
    const story = takenOver();
    assert.equal(story.state, `${DOUBTED}.heldElsewhere`);
    assert.deepEqual(story.context.heldBy, { machine: "desktop", phase: "presented" });
    assert.equal(story.open("remove"), undefined);
  });

  test("nobody is asked before the access token's end", () => {
    const story = takenOver();
    assert.equal(story.context.ask, null);
    assert.equal(story.wakes.get("ask"), START + LIFE);
    assert.equal(story.rings("ask").context.ask?.code, "held-elsewhere");
    assert.ok(story.open("notify"));
  });

  test("its late write still wins", () => {
    const story = takenOver();
    assert.equal(story.happens("SECRET_SEEN", story.shows(pair("b"), 2)).state, "active.resting");
    const revoked = Story.presenting().refuses(404).reads(pair("a")).probes("dead").reads(pair("a"));
    revoked.answers("remove", "REMOVED", {});
    assert.equal(revoked.happens("SECRET_SEEN", revoked.shows(pair("b"), 2)).state, "active.resting");
  });

  test("session, polling and revoked turn active when another machine has enrolled", () => {
    const session = Story.named().asksToEnrol();
    assert.equal(session.happens("SECRET_SEEN", session.shows(pair("b"))).state, "active.resting");
    const polling = Story.named().asksToEnrol().answers("openSession", "SESSION_OPENED", {});
    assert.equal(polling.happens("SECRET_SEEN", polling.shows(pair("b"))).state, "active.resting");
  });

  test("another host's secret does not end a sign-in: nothing can be done with it here, and it is what the new pair replaces", () => {
    const elsewhere = { ...pair("b"), origin: "https://elsewhere" };
    const session = Story.named().asksToEnrol();
    assert.equal(session.happens("SECRET_SEEN", session.shows(elsewhere)).state, "session");
    const polling = session.answers("openSession", "SESSION_OPENED", {});
    assert.equal(polling.happens("SECRET_SEEN", polling.shows({ ...elsewhere, digest: "c" })).state, "polling");
    polling.happens("SECRET_SEEN", polling.shows(elsewhere, 2));
    assert.deepEqual(polling.context.current?.stored?.version, 2);
    const abandoned = polling.happens("ENROL_CANCELLED", {}).reads(elsewhere);
    assert.deepEqual([abandoned.state, abandoned.context.ask?.code], ["active.moved", "moved"]);
  });
});
