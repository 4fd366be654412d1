import assert from "node:assert/strict";
import fc from "fast-check";
import { checkJournal } from "../../src/journal/check/check.ts";
import { openJournal } from "../../src/journal/journal.ts";
import type { SecretKind } from "../../src/journal/port.ts";
import { rekeyJournal } from "../../src/journal/rekey.ts";
import { postRequest } from "../../src/journal/request.ts";
import { digest } from "../../src/seal/digest.ts";
import { generateKey } from "../../src/seal/key.ts";
import { open, seal } from "../../src/seal/seal.ts";
import { change, journalHome } from "../support/journal.ts";
import { property } from "../support/property.ts";

const kinds: readonly SecretKind[] = ["pair", "bootstrap", "session"];
const step = fc.record({
  stream: fc.constantFrom("enrolment/a", "enrolment/b", "rule/c"),
  secret: fc.option(fc.record({ kind: fc.constantFrom(...kinds), bytes: fc.uint8Array({ minLength: 1 }) })),
  compacts: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 0),
});

property(
  "with another key the history is the same, every secret opens, the chain holds, and the old key opens nothing",
  [fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 })],
  (steps, times) => {
    using home = journalHome();
    let { key } = home.options;
    const journal = home.open();
    const versions = new Map<string, number>();
    const sealed = new Map<string, { stream: string; kind: SecretKind; bytes: Uint8Array }>();
    for (const [index, { stream, secret, compacts }] of steps.entries()) {
      const version = versions.get(stream) ?? 0;
      const at = 1000 + index;
      const ref = secret && { id: `s${index}`, kind: secret.kind, digest: digest(secret.bytes) };
      const label = { id: `s${index}`, kind: secret?.kind ?? "pair", subject: stream, at };
      const row = secret && ref ? { seal: [{ ref, jwe: seal(key, label, secret.bytes) }] } : {};
      journal.append(change(stream, version, { event: { type: "HAPPENED", at }, ...row }));
      versions.set(stream, version + 1);
      if (secret) sealed.set(`s${index}`, { stream, ...secret });
      if (compacts) journal.compact(1000 + index / 2);
    }
    const told = [...journal.events()].map(({ seq, event }) => ({ seq, event }));
    journal.close();
    const waiting = postRequest({ ...home, clock: () => 4000 }, "enrol", { name: "a" });
    for (let n = 0; n < times; n++) {
      const from = key;
      key = generateKey();
      rekeyJournal({ directory: home.directory, from, to: key, at: 5000 });
      rekeyJournal({ directory: home.directory, from, to: key, at: 6000 });
      assert.throws(() => openJournal({ ...home.options, key: from }), { code: "journal.other-key" });
    }
    const report = checkJournal(home.directory, key);
    assert.deepEqual(report?.problems, []);
    assert.equal(report?.chain, "verified");
    const after = openJournal({ ...home.options, key });
    try {
      const events = [...after.events()].map(({ seq, event }) => ({ seq, event }));
      assert.deepEqual(events.slice(0, told.length), told);
      assert.deepEqual(
        events.slice(told.length).map(({ event }) => event.type),
        Array.from({ length: times }, () => "REKEYED"),
      );
      for (const [id, { stream, kind, bytes }] of sealed) {
        assert.deepEqual(new Uint8Array(open(key, after.sealed(id) ?? "", { id, kind, subject: stream })), bytes);
      }
      assert.equal(after.request(waiting)?.state, "refused", "what the old key sealed in it could not be opened");
      after.compact(10_000);
      assert.deepEqual(checkJournal(home.directory, key)?.problems, [], "compaction goes on from there");
    } finally {
      after.close();
    }
  },
  { runs: 60 },
);
