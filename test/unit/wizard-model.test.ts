import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keysOf } from "../../src/terminal/live/keys.ts";
import { cut, pad, rowsOf, widthOf } from "../../src/terminal/width.ts";
import type { Sight } from "../../src/terminal/wizard/login.ts";
import {
  isOver,
  newWizard,
  type Wish,
  type Wizard,
  type WizardEvent,
  wizardStep,
} from "../../src/terminal/wizard/model.ts";

const nothing: Sight = { stage: "looking", link: null, until: null, trouble: null, user: null, reason: null };
const waiting = (code = "a1b2"): Sight => ({
  ...nothing,
  stage: "waiting",
  link: { url: `https://acme/${code}`, code },
  until: 1,
});

/** A wizard told event by event. */
class Tale {
  wizard: Wizard;
  wishes: readonly Wish[] = [];

  constructor(opens: Wizard["opens"], ...names: string[]) {
    this.wizard = newWizard(opens);
    for (const name of names) this.tell({ type: "missing", name, label: "JFrog" });
  }

  tell(event: WizardEvent): this {
    const { wizard, wishes } = wizardStep(this.wizard, event);
    this.wizard = wizard;
    this.wishes = wishes;
    return this;
  }

  sees(name: string, sight: Sight): this {
    return this.tell({ type: "seen", name, sight });
  }

  presses(...keys: string[]): this {
    for (const key of keys) this.tell({ type: "key", key });
    return this;
  }

  stage(name: string) {
    return this.wizard.logins.find((login) => login.name === name)?.stage;
  }
}

const opening = (name: string) => [
  { type: "copy", name },
  { type: "open", name },
];

describe("the wizard", () => {
  test("opens the chosen link by itself, once; the others when asked; in a pipe each", () => {
    const tale = new Tale("chosen", "a", "b").sees("b", waiting("b"));
    assert.deepEqual(tale.wishes, []);
    assert.deepEqual(tale.sees("a", waiting("a")).wishes, opening("a"));
    assert.deepEqual(tale.sees("a", waiting("a")).wishes, []);
    assert.deepEqual(tale.presses("down", "o").wishes, opening("b"));
    assert.deepEqual(tale.presses("c").wishes, [{ type: "copy", name: "b" }]);
    const piped = new Tale("each", "a", "b").sees("b", waiting("b"));
    assert.deepEqual(piped.wishes, opening("b"));
  });

  test("keys are about the one that is chosen, and never about one that is over while another is not", () => {
    const tale = new Tale("chosen", "a", "b", "c");
    assert.equal(tale.wizard.chosen, "a");
    assert.equal(tale.presses("up").wizard.chosen, "c");
    assert.equal(tale.presses("2").wizard.chosen, "b");
    assert.equal(tale.presses("9").wizard.chosen, "b");
    assert.equal(tale.sees("b", { ...nothing, stage: "done" }).wizard.chosen, "a");
  });

  test("s gives a login up, also against what the journal still shows of it; not one whose token is issued", () => {
    const tale = new Tale("chosen", "a", "b").sees("a", waiting()).presses("s");
    assert.deepEqual(tale.wishes, [{ type: "skip", name: "a" }]);
    assert.equal(tale.sees("a", waiting()).stage("a"), "skipped");
    tale.sees("b", { ...nothing, stage: "storing" }).presses("s");
    assert.deepEqual([tale.wishes, tale.stage("b")], [[], "storing"]);
  });

  test("it is over with the last login, or when the person leaves", () => {
    const tale = new Tale("chosen", "a", "b").sees("a", { ...nothing, stage: "ended" });
    assert.ok(!isOver(tale.wizard));
    assert.ok(isOver(tale.sees("b", { ...nothing, stage: "done" }).wizard));
    assert.ok(isOver(new Tale("chosen", "a").presses("q").wizard));
  });

  test("a link stays while the login goes on, and what was opened and copied is said of that link only", () => {
    const tale = new Tale("chosen", "a").sees("a", waiting("x")).tell({ type: "opened", name: "a" });
    assert.equal(tale.sees("a", { ...nothing, stage: "minting" }).wizard.logins[0]?.link?.code, "x");
    const [login] = tale.sees("a", waiting("y")).wizard.logins;
    assert.deepEqual([login?.link?.code, login?.opened], ["y", false]);
  });
});

test("keys: letters, arrows, control keys, several at once", () => {
  assert.deepEqual(keysOf("oQ\u001b[A\u001bOB\t\u0003\u001a"), [
    "o",
    "q",
    "up",
    "down",
    "down",
    "interrupt",
    "suspend",
  ]);
  assert.deepEqual(keysOf("\u001b[15~"), ["\u001b[15~"], "a key that we don't know is one key, and no letter");
});

test("columns: wide characters take two, marks none, colours none", () => {
  const cases: [string, number][] = [
    ["abc", 3],
    ["✓ → ·…", 6],
    ["日本語", 6],
    ["한글", 4],
    ["e\u0301", 1],
    ["👩‍💻", 2],
    ["❤\ufe0f", 2],
    ["\u001b[1mbold\u001b[0m", 4],
    ["", 0],
  ];
  for (const [text, columns] of cases) assert.equal(widthOf(text), columns, text);
  assert.deepEqual([cut("日本語", 5), cut("日本語", 4), cut("abc", 3), cut("abc", 0)], ["日本…", "日…", "abc", ""]);
  assert.equal(pad("日", 4), "日  ");
  assert.deepEqual([rowsOf("", 80), rowsOf("x".repeat(80), 80), rowsOf("x".repeat(81), 80)], [1, 1, 2]);
});
