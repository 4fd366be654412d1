import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Engine } from "../../src/adapters/engines/port.ts";
import { createEngine, type EngineName, engineNames, type Settings } from "../../src/adapters/engines/registry.ts";
import type { Http } from "../../src/adapters/http/port.ts";
import { property } from "../support/property.ts";

// What holds for every engine, whoever issues.

const settings: Readonly<Record<EngineName, Settings>> = {
  jfrog: { url: "https://mycompany.jfrog.io", tokenTtlMs: 864e5, clientName: "c", clientCode: "1" },
  sshkey: {},
};
const http: Http = { send: () => assert.fail("nothing may be sent"), close: async () => {} };
const deps = {
  http,
  home: "/home/ada",
  now: () => 0,
  random: randomBytes,
  comment: "alice@host",
  readToken: async () => "",
};
const engines = new Map<EngineName, Engine>();
for (const name of engineNames) engines.set(name, await createEngine(name, settings[name], deps));

test("an unknown engine is an error with the names that are known", async () => {
  for (const name of ["github", "__proto__", "constructor", ""])
    await assert.rejects(createEngine(name, {}, deps), { code: "engine.unknown", hint: "known: jfrog, sshkey" });
});

for (const [name, engine] of engines) {
  test(`${name}: it has the verbs that its traits promise, and no others`, () => {
    const { traits } = engine;
    const verbs = { begin: traits.person, poll: traits.person, login: traits.person, ...traits };
    for (const verb of ["begin", "poll", "login", "refresh", "probe", "revoke", "sweep"] as const)
      assert.equal(engine[verb] !== undefined, verbs[verb], verb);
    assert.equal(engine.name, name);
    assert.ok(engine.label.length > 0);
    assert.ok(engine.origin === undefined || new URL(engine.origin).origin === engine.origin);
  });

  property(`${name}: describing a document never fails, and is the same each time`, [fc.object()], (document) => {
    const facts = engine.describe(document);
    assert.deepEqual(engine.describe(document), facts);
    assert.match(facts.digest, /^[0-9a-f]{64}$/);
    return facts.complete === false;
  });

  test(`${name}: fields of others in the document change nothing`, () => {
    const own = Object.fromEntries(engine.ownedFields.map((field) => [field, "https://mycompany.jfrog.io"]));
    assert.deepEqual(engine.describe({ ...own, note: "mine", team: ["a"] }), engine.describe(own));
  });
}
