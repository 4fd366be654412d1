import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Context } from "../../src/machines/enrolment/context.ts";
import { dueNotice, isNews } from "../../src/machines/enrolment/notice.ts";
import { isStoreNews } from "../../src/machines/store-trouble.ts";
import { noticeText } from "../../src/terminal/notice.ts";
import { DAY, HOUR, pair, START, Story } from "../support/model/story.ts";

process.env.TZ = "UTC";

/** The agent's part of a notify intent. */
function told(story: Story): boolean {
  const { ask } = story.context;
  assert.ok(ask);
  const news = isNews(story.context, story.now);
  story.answers("notify", "NOTIFIED", { code: ask.code, ...(news ? {} : { known: true }) });
  return news;
}

const revoked = () =>
  Story.presenting().refuses(404).reads(pair("a")).probes("dead").reads(pair("a")).answers("remove", "REMOVED", {});

describe("what the person is told, and how often", () => {
  test("once an episode: a login that they gave up or let run out is no news", () => {
    const story = Story.named();
    assert.ok(told(story));
    for (const end of ["SESSION_EXPIRED", "SESSION_GONE"] as const) {
      story.asksToEnrol().answers("openSession", "SESSION_OPENED", {});
      if (end === "SESSION_EXPIRED") story.answers("poll", end, {});
      else story.answers("poll", end, { message: "gone" });
      assert.equal(told(story.reads(null)), false, end);
    }
  });

  test("an enrolment that was well again begins a new episode", () => {
    const story = Story.named();
    assert.ok(told(story));
    story.asksToEnrol().signsIn().happens("SECRET_SEEN", story.shows(null, 3));
    assert.equal(story.context.ask?.code, "secret-gone");
    assert.ok(told(story));
  });

  test("revoked: at once, then once a day, however often it is looked at", () => {
    const story = revoked();
    assert.ok(told(story));
    const said: number[] = [];
    for (let hour = 1; hour <= 72; hour++) {
      story.passes(HOUR);
      const code = dueNotice(story.context, story.now);
      if (code === null) continue;
      said.push(hour);
      story.happens("NOTIFIED", { code });
    }
    assert.deepEqual(said, [24, 48, 72]);
  });

  test("a token that can't be rotated: by its own daily timer, and by nothing else", () => {
    const story = Story.active(pair("a", { refreshable: false }));
    for (let day = 0; day < 3; day++) {
      story.rings("ask").passes(50);
      assert.ok(told(story), `day ${day}`);
      assert.equal(dueNotice(story.context, story.now + 23 * HOUR), null);
    }
  });

  test("an unanswered rotation that came out well is told once; one that was refused is told as that", () => {
    const story = Story.presenting().loses().reads(pair("a"));
    assert.equal(dueNotice(story.context, story.now), null, "not before it has come out");
    story.issues();
    assert.equal(dueNotice(story.context, story.now), "answer-lost");
    story.happens("NOTIFIED", { code: "answer-lost" });
    assert.equal(dueNotice(story.context, story.now + 2 * DAY), null);
    const lost = Story.presenting().loses().reads(pair("a")).refuses(404).probes("dead").reads(pair("a"));
    assert.equal(dueNotice(lost.answers("remove", "REMOVED", {}).context, lost.now), null);
  });
});

describe("what the person is told of the store", () => {
  const trouble = (name: string, at = START) => ({ class: name, message: "no Vault token", hint: null, at });
  const noToken = trouble("store.no-token");

  test("what no waiting mends, once an episode and once a day; an outage is nobody's business", () => {
    assert.ok(isStoreNews(noToken, null, START));
    const told = { class: "store.no-token", at: START };
    assert.equal(isStoreNews(trouble("store.no-token", START + HOUR), told, START + HOUR), false, "a restart");
    assert.ok(isStoreNews(noToken, told, START + DAY));
    assert.ok(isStoreNews(trouble("store.denied"), told, START + HOUR), "something else");
    for (const name of ["store.unreachable", "store.sealed", "store.throttled", "agent.unexpected.TypeError"]) {
      assert.equal(isStoreNews(trouble(name), null, START), false, name);
    }
    assert.equal(isStoreNews(null, null, START), false);
  });
});

describe("its words", () => {
  const now = new Date(Date.UTC(2026, 10, 21, 14, 3));
  const text = (code: string, expiresAt: number | null, unanswered: Context["unanswered"] = null) =>
    noticeText({ enrolment: "jfrog", code, expiresAt, run: "dotvault enrol jfrog", unanswered }, now);

  test("why they are needed, until when, and what to run", () => {
    assert.equal(
      text("revoked", START - DAY),
      "jfrog needs you: the service refused the token for good · dotvault enrol jfrog",
    );
    assert.equal(
      text("no-refresh-token", START + 21 * DAY),
      "jfrog needs you before 12 Dec: its token can't be rotated · dotvault enrol jfrog",
    );
  });

  test("an unanswered rotation and what came of it", () => {
    const [sentAt, lostAt] = [now.getTime() - 49_000, now.getTime() - 30_000];
    const outcome = { how: "answered", at: lostAt + 800 } as const;
    assert.equal(
      text("answer-lost", null, { sentAt, lostAt, why: "net.reset", times: 1, outcome, told: false }),
      "jfrog: a rotation was sent at 14:02:11 and no answer was recorded; asked again: the old pair still works, nothing was lost (0.8 s)",
    );
  });
});
