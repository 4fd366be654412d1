import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isClass } from "../../src/machines/history/classes.ts";

const NAMERS =
  "agent|circle|config|engine|files|github|history|jfrog|journal|key|login|machine|net|report|seal|secret|service|sshkey|store|template|token|vault";
const CODE = new RegExp(`["\`](?:${NAMERS})(?:\\.[a-z][a-z0-9-]*)+["\`]`, "g");
/** Names of files and settings, which only look like classes. */
const OTHERS = [
  "agent.log",
  "agent.sock",
  "journal.db",
  "lock.db",
  "store.db",
  "journal.key",
  "journal.key.next",
  "journal.retention",
];

test("every class of failures that the sources name may be told in a bug report", () => {
  const folder = fileURLToPath(new URL("../../src/", import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const named = sources.flatMap((file) => readFileSync(folder + file, "utf8").match(CODE) ?? []);
  const classes = new Set(named.map((quoted) => quoted.slice(1, -1)).filter((text) => !OTHERS.includes(text)));
  assert.ok(classes.size > 100);
  const unknown = [...classes].filter((text) => !isClass(text));
  assert.deepEqual(unknown, [], "add their words to src/machines/history/classes.ts, else reports say other");
});

/** With a status in it: `` `login.refused.${answer.status}` ``. */
const WITH_STATUS = new RegExp(`\`(?:${NAMERS})(?:\\.[a-z][a-z0-9-]*)*\\.\\$\\{(?:\\w+\\.)*status\\}\``, "g");

test("so may those that end in a status", () => {
  const folder = fileURLToPath(new URL("../../src/", import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const named = sources.flatMap((file) => readFileSync(folder + file, "utf8").match(WITH_STATUS) ?? []);
  const classes = new Set(named.map((quoted) => quoted.slice(1, -1).replace(/\$\{.*\}/, "403")));
  assert.ok(classes.has("login.refused.403") && classes.has("login.not-renewed.403"));
  assert.deepEqual(
    [...classes].filter((text) => !isClass(text)),
    [],
  );
});

test("made of other words, a class is none", () => {
  for (const text of [
    "jfrog.refused.404",
    "net.reset",
    "agent.unexpected.TypeError",
    "agent.bug.store.denied",
    "login.refused.403",
    "login.not-renewed.400",
  ]) {
    assert.ok(isClass(text), text);
  }
  for (const text of ["", "jfrog", "jfrog.", "ada.refused", "jfrog.hunter2", "store.token.s3cr3t", "net.reset.7"]) {
    assert.ok(!isClass(text), text);
  }
});
