import assert from "node:assert/strict";
import { test } from "node:test";
import { chainEvents, verifyChain } from "../../src/journal/plain-chain.ts";

const rows = [1, 2, 3, 4].map((seq) => ({ seq, event: { type: "X", at: seq, nested: { b: [1], a: "ü" } } }));
const altered = { code: "history.altered" };

test("an exported history verifies, also when an editor changed its layout and the order of members", () => {
  const chained = chainEvents(rows);
  verifyChain(chained);
  verifyChain(JSON.parse(JSON.stringify(chained, null, 4)));
  verifyChain(
    chained.map(({ hash, event, seq }) => ({ event: { nested: event.nested, at: event.at, type: "X" }, hash, seq })),
  );
  verifyChain([]);
});

test("a changed, removed, added or moved event is refused, and the first one is named", () => {
  const chained = chainEvents(rows);
  const [one, two, three, four] = chained;
  assert.ok(one && two && three && four);
  assert.throws(() => verifyChain([one, { ...two, seq: 9 }, three, four]), { ...altered, message: /event 2/ });
  assert.throws(() => verifyChain([two, three, four]), { ...altered, message: /event 1/ });
  assert.throws(() => verifyChain([one, three, four]), { ...altered, message: /event 2/ });
  assert.throws(() => verifyChain([one, two, four, three]), { ...altered, message: /event 3/ });
  assert.throws(() => verifyChain([one, two, two, three, four]), { ...altered, message: /event 3/ });
  assert.throws(() => verifyChain([{ ...one, hash: "" }]), altered);
});

test("the hash is what anyone can compute with sha256sum", () => {
  // printf '\n{"a":1,"b":2}' | sha256sum
  const [row] = chainEvents([{ b: 2, a: 1 }]);
  assert.equal(row?.hash, "cb6904349b7be4c7f7ff18b0d61f0a514645a9b3bacc644346ff45a4d0799376");
});
