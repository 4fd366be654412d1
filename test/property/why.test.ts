import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Outcomes } from "../../src/agent/outcomes.ts";
import { createRuleSync, type FileRule } from "../../src/agent/rules.ts";
import { Turns } from "../../src/agent/turns.ts";
import { marksOf } from "../../src/commands/file-rules.ts";
import { silentLog } from "../../src/commands/log-output.ts";
import { fileStory } from "../../src/commands/why/story.ts";
import { journalHome } from "../support/journal.ts";
import { property } from "../support/property.ts";

/** What can befall a file: a rotation of the secret, a sync, an edit, its removal. */
const act = fc.oneof(
  fc.record({ do: fc.constant("rotate" as const) }),
  fc.record({ do: fc.constant("sync" as const) }),
  fc.record({ do: fc.constant("edit" as const), key: fc.constantFrom("token", "user", "mine") }),
  fc.record({ do: fc.constant("remove" as const) }),
);

property(
  "why names the event that wrote the bytes, and whose doing it is that they are others now, for random histories",
  [fc.array(act, { minLength: 1, maxLength: 12 })],
  async (acts) => {
    using home = journalHome();
    const directory = mkdtempSync(join(tmpdir(), "dotvault-why-"));
    try {
      await live(home, directory, acts);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
  { runs: 40 },
);

async function live(
  home: ReturnType<typeof journalHome>,
  directory: string,
  acts: readonly { do: string; key?: string }[],
) {
  const path = join(directory, "f.json");
  const journal = home.open();
  let now = 1_000_000;
  const clock = { now: () => now, at: () => () => {} };
  const marks = marksOf(home.options.key);
  const environment = { env: () => undefined, username: "ada" };
  const rule: FileRule = {
    name: "r",
    path,
    format: "json",
    secret: "s",
    deleteNulls: false,
    template: '{\n  "token": "{{ .token }}",\n  "user": "ada"\n}',
  };
  const run = async () => ({});
  const shared = { journal: new Outcomes(journal, silentLog), turns: new Turns(clock), known: () => [], run, marks };
  const rules = createRuleSync([rule], { ...shared, environment, clock, log: silentLog });
  let version = 1;
  /** What the file should be called, and the write that made it so. */
  let expected = { code: "never-written", wrote: undefined as number | undefined, line: null as number | null };
  for (const { do: what, key = "" } of acts) {
    now += 1000;
    if (what === "rotate") version += 1;
    if (what === "rotate" || what === "sync") {
      const before = journal.lastSeq();
      await rules.sync("s", { token: `t${version}` }, "store", { version, createdAt: now, pair: null });
      const wrote = [...journal.events({ afterSeq: before })].findLast(({ event }) => event.type === "FILE_WRITTEN");
      expected = { code: "not-us", wrote: wrote?.seq ?? expected.wrote, line: null };
    }
    if (what === "edit" && existsSync(path)) {
      const text = readFileSync(path, "utf8");
      if (key === "mine")
        writeFileSync(path, text.replace(/\n}$/, ',\n  "mine": 1\n}').replace(/("mine": 1,?\s*)+/, '"mine": 1\n'));
      else {
        writeFileSync(path, text.replace(new RegExp(`"${key}": "[^"]*"`), `"${key}": "by-hand-${now}"`));
        expected = { ...expected, code: "changed-since" };
      }
    }
    if (what === "remove" && existsSync(path)) {
      rmSync(path);
      expected = { ...expected, code: "file-gone" };
    }
  }
  const story = await fileStory(rule, journal, { marks, now });
  assert.equal(story.verdict.code, expected.code);
  const told = story.chain.find(({ event }) => event.type === "FILE_WRITTEN");
  assert.equal(told?.seq, expected.wrote);
  const changed = story.values.filter(({ state }) => state === "changed");
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  for (const { line } of changed) assert.match(lines[(line ?? 0) - 1] ?? "", /by-hand/);
}
