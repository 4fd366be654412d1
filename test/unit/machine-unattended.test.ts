import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Snapshot } from "../../src/machines/enrolment/decide.ts";
import { initialSnapshot } from "../../src/machines/enrolment/decide.ts";
import { upcast } from "../../src/machines/enrolment/upcast.ts";
import { DAY, MINUTE, pair, START, Story, settings } from "../support/model/story.ts";

// An enrolment whose login comes from a file, a variable or a CI system: it enrols by itself, and nobody is asked for what
// it can do alone.

const alone = { ...settings, unattended: true, traits: { ...settings.traits, person: false } };

function missing(): Story {
  return new Story().happens("CONFIGURED", { settings: alone }).reads(null);
}

function minting(): Story {
  return missing().rings("retry");
}

const refusal = { status: 403, class: "jfrog.refused.403", message: "no", hint: "asked for by scope" };

describe("an enrolment that needs nobody", () => {
  test("begins at once where the store holds nothing, without a notice on the desktop", () => {
    const story = missing();
    assert.equal(story.state, "idle.missing");
    assert.equal(story.wakes.get("retry"), START);
    assert.equal(story.open("notify"), undefined);
  });

  test("passes session and polling, and mints with nothing in its hand", () => {
    const story = minting();
    assert.equal(story.state, "exchanging.minting");
    assert.deepEqual([story.open("openSession"), story.open("poll")], [undefined, undefined]);
    assert.equal(story.open("mint")?.with, null);
  });

  test("is an ordinary enrolment from there on", () => {
    const story = minting().issues(pair("a"), "mint").stores();
    assert.equal(story.state, "active.resting");
    assert.ok(story.wakes.has("rotate"));
  });

  test("after a refusal somebody is asked, and it tries again a quarter of an hour later", () => {
    const story = minting().answers("mint", "MINT_REFUSED", refusal).reads(null);
    assert.deepEqual([story.state, story.context.ask?.code], ["idle.missing", "mint-refused"]);
    assert.equal(story.context.ask?.hint, "asked for by scope");
    assert.deepEqual(story.open("notify"), { code: "mint-refused" });
    assert.equal(story.wakes.get("retry"), story.now + 15 * MINUTE);
    assert.equal(story.rings("retry").state, "exchanging.minting");
  });

  test("another configuration is a reason to try at once", () => {
    const story = minting().answers("mint", "MINT_REFUSED", refusal).reads(null);
    story.happens("CONFIGURED", { settings: { ...alone, label: "other" } });
    assert.equal(story.wakes.get("retry"), story.now);
    story.happens("CONFIGURED", { settings });
    assert.equal(story.rings("retry").state, "idle.missing", "one that needs a person waits for them");
  });

  test("a secret that somebody removed stays away until it is asked for", () => {
    const story = minting().issues(pair("a"), "mint").stores();
    story.happens("SECRET_SEEN", story.shows(null, 2));
    assert.deepEqual([story.state, story.context.ask?.code], ["idle.missing", "secret-gone"]);
    assert.equal(story.wakes.size, 0);
    assert.equal(story.happens("ENROL_ASKED", { session: null, again: false }).state, "exchanging.minting");
  });

  test("a pair that can't be rotated is followed by a new one in time, and the person is left alone", () => {
    const story = minting()
      .issues(pair("a", { refreshable: false }), "mint")
      .stores();
    assert.deepEqual([...story.wakes.keys()], ["ask"]);
    story.rings("ask");
    assert.deepEqual([story.state, story.context.ask], ["exchanging.minting", null]);
    story.issues(pair("b", { refreshable: false, issuedAt: START + 50 * DAY }), "mint");
    assert.deepEqual(story.open("store")?.replaces, ["a"]);
  });

  test("what an older dotvault wrote is one that needs a person", () => {
    const { unattended: _, terms: __, ...old } = settings;
    const before = { ...initialSnapshot(), context: { ...initialSnapshot().context, settings: old } };
    const { context } = upcast(before as unknown as Snapshot, 4);
    assert.deepEqual(context.settings, { ...old, unattended: false, terms: null });
  });
});
