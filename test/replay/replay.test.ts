import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { verifyChain } from "../../src/journal/plain-chain.ts";
import { readHistory } from "../../src/machines/history/read.ts";
import { replayHistory } from "../../src/machines/replay/replay.ts";
import { stateName } from "../../src/machines/stream/state-name.ts";

/** Where each recorded run has to have been: a recording that missed its point would replay all the same. */
const POINTS: Readonly<Record<string, RegExp>> = {
  "crash-while-polling": /RESUMED → polling/,
  "happy-path": /REMOVED → idle\.unenrolled/,
  "lost-answer": /ANSWER_LOST → refreshing\.doubted.*PAIR_ISSUED.*ANSWER_LOST.*REFUSED → .*probing.*PAIR_ISSUED/,
  "mint-503": /FAILED → exchanging\.minting.*FAILED → exchanging\.minting.*SWEPT/,
  revoked: /REMOVED → revoked.*GRANTED.*STORED → active/,
  "two-machines": /HELD_ELSEWHERE → refreshing\.waiting.*SECRET_SEEN → active.*SECRET_SEEN → idle\.missing/,
  upgrade: /UPGRADED → active.*STORED → active/,
  "vault-outage-during-rotation": /FAILED → refreshing\.storing.*RESUMED → refreshing\.storing.*STORED → active/,
};

const folder = fileURLToPath(new URL(".", import.meta.url));
const recorded = (name: string) => JSON.parse(readFileSync(`${folder}${name}.json`, "utf8")) as unknown;

test("every recorded history is known here by its point", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  assert.deepEqual(files.map((name) => name.slice(0, -".json".length)).sort(), Object.keys(POINTS).sort());
});

for (const [name, point] of Object.entries(POINTS)) {
  test(`today's machine decides as it did then: ${name}`, () => {
    const history = readHistory(recorded(name), verifyChain);
    const { steps, firstDifference } = replayHistory(history);
    assert.equal(firstDifference, undefined);
    assert.equal(steps, history.events.length);
    const told = history.events.map(({ event, state }) => `${event.type} → ${stateName(state)}`).join("; ");
    assert.match(told, point);
  });
}

test("a history in which a step was decided otherwise is told from one that was not", () => {
  const history = readHistory(recorded("happy-path"), verifyChain);
  const events = history.events.map((row, index) => (index === 5 ? { ...row, intents: [] } : row));
  assert.equal(replayHistory({ ...history, events }).firstDifference?.index, 5);
});
