import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { INTENT_RULES } from "../../src/machines/enrolment/intents.ts";
import { judgeLease, type Lease } from "../../src/machines/lease.ts";
import { judgeStore } from "../../src/machines/store-rule.ts";
import { DAY, LIFE, MINUTE, pair, ref, SECOND, START, Story, settings } from "../support/model/story.ts";

// The lines of the first design (docs/adr), in their order.

const DOUBTED = "refreshing.doubted";

describe("the corners", () => {
  test("preflight's server time decides whether it is really due", () => {
    const story = Story.active().rings("rotate").answers("claim", "CLAIMED", { lease: 7, doubt: null });
    const early = { ...story.shows(pair("a")), serverTime: START + DAY, pair: ref("a"), heldBy: null };
    story.answers("read", "SECRET_READ", early);
    assert.equal(story.state, "active.resting");
    assert.equal(story.open("refresh"), undefined);
    assert.ok((story.wakes.get("rotate") ?? 0) - story.now >= LIFE / 2 - 2 * DAY, "waits by the server's clock");
  });

  test("no lease mark, no presentation: the claim starts anew", () => {
    const story = Story.presenting().answers("refresh", "LEASE_LOST", {});
    assert.deepEqual([story.state, story.asked], ["refreshing.claiming", ["claim"]]);
    assert.equal(story.context.doubt, null, "nothing was presented");
  });

  test("a refusal is not forgotten when the lease is lost: the pair is not presented again", () => {
    const story = Story.presenting().loses().reads(pair("a")).answers("refresh", "LEASE_LOST", {});
    story.answers("claim", "CLAIMED", { lease: 9, doubt: null }).reads(pair("a")).refuses(404).reads(pair("a"));
    assert.equal(story.state, `${DOUBTED}.probing`);
  });

  test("a pair known as spent is never presented nor adopted: its access token mints, and it is overwritten", () => {
    const story = Story.presenting()
      .issues()
      .stores()
      .happens("SECRET_SEEN", Story.active().shows(pair("a"), 3));
    assert.equal(story.state, "refreshing.claiming");
    story.answers("claim", "CLAIMED", { lease: 9, doubt: null }).reads(pair("a"), { version: 3 });
    assert.equal(story.state, `${DOUBTED}.probing`);
    story.probes("alive").issues(pair("c"), "mint");
    assert.ok(story.open("store")?.replaces.includes("a"));
  });

  test("a spent pair is not presented at its end either", () => {
    const story = Story.presenting()
      .issues()
      .stores()
      .happens("SECRET_SEEN", Story.active().shows(pair("a"), 3));
    story.answers("claim", "CLAIMED", { lease: 9, doubt: null }).reads(pair("a"), { version: 3 });
    story.probes("alive").forbidsMint().rings("expired");
    assert.deepEqual([story.state, story.open("refresh")], [`${DOUBTED}.keeping`, undefined]);
  });

  test("a spent pair found when a login led to nothing is not taken for a live one", () => {
    const story = Story.presenting().issues().stores().asksToEnrol(true).happens("ENROL_CANCELLED", {});
    assert.equal(story.reads(pair("a"), { version: 3 }).state, "refreshing.claiming");
  });

  test("nor is it removed for what was said of another: the store changes while it is looked at", () => {
    const story = Story.presenting().issues().stores().rings("rotate");
    story.answers("claim", "CLAIMED", { lease: 9, doubt: null }).reads(pair("b")).refuses(404).reads(pair("b"));
    story.probes("dead").reads(pair("a"), { version: 5 });
    assert.deepEqual([story.state, story.open("remove")], [`${DOUBTED}.probing`, undefined]);
  });

  test("a conflict with the same pair and other fields is written again; with our own digest it is a success", () => {
    const wish = { digest: "b", issuedAt: START, replaces: ["a"], byPerson: false };
    assert.equal(judgeStore({ digest: "a", complete: true }, wish), "write");
    assert.equal(judgeStore({ digest: "b", complete: true }, wish), "already-there");
    assert.equal(judgeStore({ digest: "c", complete: true }, wish), "foreign");
    assert.equal(judgeStore(null, wish), "write");
  });

  test("a conflict with another live pair: that one is adopted and ours is revoked", () => {
    const story = Story.presenting().issues();
    story.answers("store", "STORE_CONFLICT", { ...story.shows(pair("c"), 3), found: pair("c") });
    assert.equal(story.context.current?.digest, "c");
    assert.deepEqual(story.open("revoke")?.pair, ref("b"));
  });

  test("a lease that can't be released ends by itself: the enrolment is active all the same", () => {
    const story = Story.presenting().issues().stores();
    assert.ok(story.open("release"));
    assert.equal(story.state, "active.resting");
    assert.ok(story.wakes.has("rotate"));
    const own: Lease = { holder: "me", machine: "me", phase: "presented", digest: "a", doubt: null };
    assert.equal(judgeLease(own, "me", START, START).kind, "free", "and may be reclaimed");
  });

  test("superseded tokens are revoked a minute after, so that a running jf finishes", () => {
    assert.equal(Story.presenting().issues().stores().open("revoke")?.after, MINUTE);
  });

  test("presenting again lost, too: with backoff, three times at most, then the probe", () => {
    const story = Story.presenting().loses().reads(pair("a")).loses();
    assert.equal(story.state, `${DOUBTED}.pausing`);
    assert.ok((story.wakes.get("retry") ?? 0) >= story.now + SECOND);
    story.rings("retry").reads(pair("a")).loses().rings("retry");
    assert.deepEqual([story.state, story.asked], [`${DOUBTED}.probing`, ["probe"]]);
  });

  test("the probe lost: repeat, stay doubted, delete nothing", () => {
    const story = Story.presenting().refuses(404).reads(pair("a"));
    story.happens("FAILED", { intent: "probe", class: "net.reset", message: "", hint: null, sent: "maybe" });
    assert.equal(story.state, `${DOUBTED}.probing`);
    assert.ok(story.open("probe"));
  });

  test("a plain refusal with a live access token: a new pair is minted with it, too", () => {
    assert.equal(Story.presenting().refuses(401).reads(pair("a")).probes("alive").state, `${DOUBTED}.minting`);
  });

  test("minting forbidden: everything is kept, the person is asked, from an eighth of the life left daily", () => {
    const story = Story.presenting().refuses(401).reads(pair("a")).probes("alive").forbidsMint();
    assert.equal(story.state, `${DOUBTED}.keeping`);
    assert.equal(story.context.ask?.code, "mint-forbidden");
    assert.equal(story.wakes.get("ask"), START + (LIFE * 7) / 8);
    story.rings("ask");
    assert.ok(story.open("notify"));
    assert.equal(story.wakes.get("ask"), story.now + DAY);
    assert.equal(story.open("remove"), undefined);
  });

  test("past the expiry: one more presentation, then ask", () => {
    const story = Story.presenting().refuses(401).reads(pair("a")).probes("alive").forbidsMint().rings("expired");
    assert.deepEqual([story.now, story.state], [START + LIFE, `${DOUBTED}.presenting`]);
    story.refuses(401).probes("alive").forbidsMint();
    assert.ok(story.context.ask);
    assert.equal(story.wakes.has("expired"), false);
  });

  test("and not a second one when the clocks disagree about the end", () => {
    const story = Story.presenting().refuses(401).reads(pair("a")).probes("alive").forbidsMint().rings("expired");
    const behind = { serverTime: story.now - 90 * SECOND };
    story.answers("refresh", "REFUSED", { status: 401, class: "jfrog.refused.401", message: "", ...behind });
    story.probes("alive").forbidsMint().rings("expired");
    assert.deepEqual([story.state, story.open("refresh")], [`${DOUBTED}.keeping`, undefined]);
  });

  test("a poll is repeatable; its deadline is absolute, five minutes from the registration", () => {
    const story = Story.named()
      .asksToEnrol()
      .passes(2 * MINUTE)
      .answers("openSession", "SESSION_OPENED", {});
    assert.equal(story.open("poll")?.until, story.now + 5 * MINUTE);
    assert.equal(INTENT_RULES.poll.once, false);
  });

  test("after an unanswered poll the end means that the answer may have been collected; a new login is offered", () => {
    const polling = () => Story.named().asksToEnrol().answers("openSession", "SESSION_OPENED", {});
    const lost = { intent: "poll", class: "net.reset", message: "", hint: null, sent: "maybe" } as const;
    const unanswered = () => polling().happens("FAILED", lost);
    const resumed = polling()
      .happens("RESUMED", { open: ["poll"] })
      .answers("poll", "SESSION_EXPIRED", {});
    const gone = unanswered().answers("poll", "SESSION_GONE", { message: "not found" });
    const expired = unanswered().answers("poll", "SESSION_EXPIRED", {});
    for (const story of [resumed, gone, expired]) {
      assert.equal(story.context.ask?.code, "login-maybe-collected");
      assert.equal(story.reads(null).asksToEnrol().state, "session");
    }
    assert.equal(polling().answers("poll", "SESSION_EXPIRED", {}).context.ask?.code, "login-expired");
  });

  test("a lost registration is repeated with the same session", () => {
    const story = Story.named().asksToEnrol();
    story.happens("FAILED", { intent: "openSession", class: "net.reset", message: "", hint: null, sent: "maybe" });
    assert.equal(story.state, "session");
    assert.deepEqual(story.open("openSession")?.session, ref("session", "session"));
  });

  test("un-enrolled stays idle until a person enrols; a pair from before does not count, one of a later sign-in does", () => {
    const story = Story.active().happens("REVOKE_ASKED", {}).answers("claim", "CLAIMED", { lease: 7, doubt: null });
    story.reads(pair("a")).answers("remove", "REMOVED", {});
    assert.equal(story.state, "idle.unenrolled");
    assert.deepEqual(story.open("revoke")?.after, 0);
    assert.equal(story.happens("SECRET_SEEN", story.shows(pair("a"), 3)).state, "idle.unenrolled");
    const later = pair("z", { issuedAt: story.now + MINUTE });
    assert.equal(story.happens("SECRET_SEEN", story.shows(later, 4)).state, "active.resting");
  });

  test("a sign-in is not heard while the secret is being removed: what has to be revoked would be forgotten", () => {
    const story = Story.active()
      .happens("REVOKE_ASKED", {})
      .answers("claim", "CLAIMED", { lease: 7, doubt: null })
      .reads(pair("a"), { name: "held" })
      .asksToEnrol();
    assert.equal(story.state, "idle.unenrolling.removing");
    story.answers("remove", "REMOVED", {});
    assert.equal(story.open("revoke")?.pair.id, "ref-held");
    assert.equal(story.asksToEnrol().state, "session");
    assert.equal(story.open("revoke")?.pair.id, "ref-held");
  });

  test("un-enrolled compares by the issuer's clock", () => {
    const story = Story.active();
    story.happens("SECRET_SEEN", { ...story.shows(pair("b"), 2), serverTime: story.now + 5 * MINUTE });
    story.happens("REVOKE_ASKED", {}).answers("claim", "CLAIMED", { lease: 7, doubt: null });
    const ahead = { ...story.shows(pair("b"), 2), serverTime: story.now + 5 * MINUTE, pair: ref("b"), heldBy: null };
    story.answers("read", "SECRET_READ", ahead).answers("remove", "REMOVED", {});
    const before = pair("z", { issuedAt: story.now + 4 * MINUTE });
    assert.equal(story.happens("SECRET_SEEN", story.shows(before, 3)).state, "idle.unenrolled");
  });

  test("who wants to un-enrol while a step is under way gets it as soon as the step is over, however it ends", () => {
    const asked = () => Story.presenting().happens("REVOKE_ASKED", {});
    const unenrolling = "idle.unenrolling.claiming";
    assert.equal(asked().state, "refreshing.presenting");
    assert.equal(asked().issues().stores().state, unenrolling);
    assert.equal(asked().refuses(404).state, unenrolling);
    assert.equal(asked().loses().state, unenrolling);
    assert.equal(asked().answers("refresh", "LEASE_LOST", {}).state, unenrolling);
    const login = Story.named().asksToEnrol().answers("openSession", "SESSION_OPENED", {});
    login.answers("poll", "GRANTED", { bootstrap: ref("boot", "bootstrap"), tokenId: null, user: null });
    assert.equal(login.happens("REVOKE_ASKED", {}).forbidsMint().state, unenrolling);
  });

  test("complete means access token and url", () => {
    assert.equal(Story.active(pair("a", { complete: false })).state, "idle.missing");
  });

  test("without a refresh token: active, no rotation, the person is asked in time", () => {
    const story = Story.active(pair("a", { refreshable: false }));
    assert.deepEqual([...story.wakes], [["ask", START + (LIFE * 7) / 8]]);
    story.rings("ask");
    assert.equal(story.context.ask?.code, "no-refresh-token");
    assert.ok(story.open("notify"));
    assert.deepEqual([story.state, story.wakes.get("ask")], ["active.resting", story.now + DAY]);
  });

  test("a pair without an end has no timer, and inherits none", () => {
    const story = Story.active();
    assert.ok(story.wakes.has("rotate"));
    const { issuedAt: _i, expiresAt: _e, ...endless } = pair("b");
    assert.equal(story.happens("SECRET_SEEN", story.shows(endless, 2)).wakes.size, 0);
  });

  test("enrol on an active enrolment changes nothing; enrol --again signs in anew", () => {
    assert.equal(Story.active().asksToEnrol().state, "active.resting");
    const story = Story.active().asksToEnrol(true);
    assert.equal(story.state, "session");
    assert.equal(story.signsIn().context.current?.digest, "b");
  });

  test("enrol --again that leads to nothing leads back to the pair that is there", () => {
    const story = Story.active().asksToEnrol(true).happens("ENROL_CANCELLED", {}).reads(pair("a"));
    assert.deepEqual([story.state, story.wakes.has("rotate")], ["active.resting", true]);
  });

  test("a changed url cancels the timers and asks; back again, they are set again", () => {
    const moved = { settings: { ...settings, origin: "https://elsewhere" } };
    const story = Story.active().happens("CONFIGURED", moved);
    assert.deepEqual([story.state, story.wakes.size, story.context.ask?.code], ["active.moved", 0, "moved"]);
    story.happens("CONFIGURED", { settings });
    assert.deepEqual([story.state, story.wakes.has("rotate"), story.context.ask], ["active.resting", true, null]);
  });

  test("a changed url stops a rotation that waits, and lets a presentation come to its end", () => {
    const moved = { settings: { ...settings, origin: "https://elsewhere" } };
    assert.equal(Story.active().rings("rotate").happens("CONFIGURED", moved).state, "active.moved");
    assert.equal(Story.presenting().loses().happens("CONFIGURED", moved).state, "active.moved");
    const story = Story.presenting().happens("CONFIGURED", moved);
    assert.equal(story.state, "refreshing.presenting");
    assert.equal(story.answers("refresh", "LEASE_LOST", {}).state, "active.moved", "and does not claim for ever");
  });

  test("a pause changes nothing: intents and timers stay where they are", () => {
    const story = Story.presenting().happens("PAUSED", {});
    assert.ok(story.open("refresh"));
  });
});
