import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { upcast } from "../../src/machines/enrolment/upcast.ts";
import { pair, SECOND, Story } from "../support/model/story.ts";

const outcomeOf = (story: Story) => story.context.unanswered?.outcome?.how ?? null;

describe("a rotation whose answer was not recorded is remembered for people", () => {
  test("when it was sent, when it was known to be lost, why; and nothing while all is well", () => {
    const story = Story.presenting();
    assert.equal(story.context.unanswered, null);
    const sentAt = story.now;
    story.passes(30 * SECOND).answers("refresh", "ANSWER_LOST", lost("net.headers-timeout", sentAt));
    const lostAt = sentAt + 30 * SECOND;
    const why = "net.headers-timeout";
    assert.deepEqual(story.context.unanswered, { sentAt, lostAt, why, times: 1, outcome: null, told: false });
  });

  test("lost again: it stays the same rotation, counted", () => {
    const story = Story.presenting().loses();
    const first = story.context.unanswered;
    story.reads(pair("a")).passes(SECOND).loses();
    assert.deepEqual(story.context.unanswered, { ...first, times: 2 });
  });

  test("asked again and answered: the old pair still worked", () => {
    const story = Story.presenting().loses().reads(pair("a")).passes(800).issues();
    assert.deepEqual(story.context.unanswered?.outcome, { how: "answered", at: story.now });
    assert.equal(outcomeOf(story.stores()), "answered", "told until the next rotation");
  });

  test("used up, and a new pair minted", () => {
    const story = Story.presenting().loses().reads(pair("a")).refuses(404).probes("alive").issues(pair("b"), "mint");
    assert.equal(outcomeOf(story), "minted");
  });

  test("the store has a newer pair; the secret is gone", () => {
    assert.equal(outcomeOf(Story.presenting().loses().reads(pair("b"))), "adopted");
    assert.equal(outcomeOf(Story.presenting().loses().reads(null)), "gone");
  });

  test("refused for good", () => {
    const story = Story.presenting().loses().reads(pair("a")).refuses(404).probes("dead").reads(pair("a"));
    assert.equal(outcomeOf(story.answers("remove", "REMOVED", {})), "refused");
  });

  test("the next rotation begins without it", () => {
    const story = Story.presenting().loses().reads(pair("a")).issues().stores();
    story.happens("SECRET_SEEN", story.shows(pair("b"), 2));
    story.happens("REFRESH_ASKED", {}).answers("claim", "CLAIMED", { lease: 9, doubt: null });
    assert.equal(story.context.unanswered, null);
  });

  test("a journal from before it was remembered goes on", () => {
    const { told: _, unanswered: __, ...older } = Story.active().context;
    const { context } = upcast({ value: { active: "resting" }, context: older as never }, 3);
    assert.deepEqual([context.told, context.unanswered], [null, null]);
  });
});

function lost(why: string, sentAt: number) {
  return { intent: "refresh", class: why, random: 0.5, sentAt };
}
