import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { INTENT_RULES } from "../../src/machines/enrolment/intents.ts";
import { judgeLease, LEASE_LIFE, type Lease } from "../../src/machines/lease.ts";
import { judgeStore } from "../../src/machines/store-rule.ts";
import { DAY, LIFE, MINUTE, pair, ref, SECOND, START, Story, settings } from "../support/model/story.ts";

// The lines of DESIGN.md, in their order.

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
});

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
