import assert from "node:assert/strict";
import fc from "fast-check";
import { FILE_ANSWERS } from "../../src/machines/rule/rule.ts";
import { GuardedFile, KEYS, type Key, type RuleName } from "../support/guarded-file.ts";
import { property } from "../support/property.ts";

const rule = fc.constantFrom<RuleName>("a", "b");
const key = fc.constantFrom<Key>("token", "user", "shared", "site");
/** At which passage the process is killed, if at all. */
const deaths = fc.option(fc.integer({ min: 1, max: 14 }), { nil: Number.POSITIVE_INFINITY, freq: 2 });

const act = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant("edit" as const), key }), weight: 3 },
  fc.record({ do: fc.constant("rotate" as const) }),
  { arbitrary: fc.record({ do: fc.constant("sync" as const), deaths }), weight: 2 },
  {
    arbitrary: fc.record({ do: fc.constant("say" as const), rule, word: fc.constantFrom(...FILE_ANSWERS), deaths }),
    weight: 3,
  },
);

property(
  "what a person says of a file is what happens, once, whatever is killed when; nothing else in it changes",
  [fc.array(act, { maxLength: 14, size: "max" })],
  async (acts) => {
    using file = new GuardedFile();
    await file.sync();
    const { rest } = file;
    let n = 0;
    for (const each of acts) {
      n += 1;
      if (each.do === "edit") file.edit(each.key, `theirs-${n}`);
      if (each.do === "rotate") file.rotate();
      if (each.do === "sync") await synced(file, each.deaths);
      if (each.do === "say") await said(file, each.rule, each.word, each.deaths);
      assert.equal(file.rest, rest, "nothing else changes");
    }
    await synced(file, Number.POSITIVE_INFINITY);
    holds(file);
  },
  { runs: 80 },
);

type Word = (typeof FILE_ANSWERS)[number];

async function synced(file: GuardedFile, deaths: number): Promise<void> {
  const before = { ...file.values };
  await file.sync(deaths);
  untouched(file, before);
  for (const key of [...file.theirs.keys()]) if (file.values[key] !== file.theirs.get(key)) file.theirs.delete(key);
}

/** Kept values and those of a stopped rule alone are as they were. */
function untouched(file: GuardedFile, before: Readonly<Record<string, string | undefined>>): void {
  for (const key of ["token", "user", "shared", "site"] as const) {
    const writers = (["a", "b"] as const).filter((name) => KEYS[name].includes(key) && !file.stopped.has(name));
    const isKept = (["a", "b"] as const).some((name) => file.kept.get(name)?.has(key));
    if (writers.length === 0) assert.equal(file.values[key], before[key], `${key} is written no more`);
    if (isKept && file.theirs.has(key)) assert.equal(file.values[key], file.theirs.get(key), `${key} is kept`);
  }
}

async function said(file: GuardedFile, name: RuleName, word: Word, deaths: number): Promise<void> {
  const { edited } = file.snapshot(name);
  const now = KEYS[name].filter((key) => file.values[key] === file.theirs.get(key));
  if (word === "keep" && file.stopped.has(name)) return;
  // The verb says then that there is nothing to keep.
  if (word === "keep" && edited === null && now.length === 0) return;
  const [before, heard] = [{ ...file.values }, file.heard(name)];
  const shown = now.length > 0 ? now : edited?.keys.map((pointer) => pointer.slice(1) as Key);
  if (word === "stop") file.stopped.add(name);
  else file.stopped.delete(name);
  if (word === "keep") file.kept.set(name, new Set([...(file.kept.get(name) ?? []), ...(shown ?? [])]));
  else file.kept.delete(name);
  await file.say(name, word, deaths);
  assert.deepEqual(file.heard(name), [...heard, word], "asked once, heard once");
  if (word === "keep") unrecorded(file, name);
  untouched(file, before);
  for (const key of [...file.theirs.keys()]) if (file.values[key] !== file.theirs.get(key)) file.theirs.delete(key);
}

/**
 * Behind a kill, before files were compared again, what we had written ourselves looks like theirs, and is kept, too: what is
 * still the newest is not left behind; an older value is (ADR 0024).
 */
function unrecorded(file: GuardedFile, name: RuleName): void {
  for (const pointer of file.snapshot(name).answer?.keys ?? []) {
    const key = pointer.slice(1) as Key;
    const value = file.values[key] ?? "";
    if (value === file.wanted(key) || /^[ts]\d+$/.test(value)) file.kept.get(name)?.add(key);
    if (value !== file.wanted(key) && /^[ts]\d+$/.test(value)) file.theirs.set(key, value);
  }
}

/** At rest: what nobody has spoken for is ours, with its newest value. */
function holds(file: GuardedFile): void {
  for (const name of ["a", "b"] as const) {
    const { answer, value } = file.snapshot(name);
    assert.equal(value === "stopped", file.stopped.has(name));
    assert.deepEqual(new Set(answer?.keys.map((pointer) => pointer.slice(1))), file.kept.get(name) ?? new Set());
    if (file.stopped.has(name)) continue;
    for (const key of KEYS[name]) {
      const isTheirs = file.theirs.has(key) && (["a", "b"] as const).some((each) => file.kept.get(each)?.has(key));
      if (!isTheirs) assert.equal(file.values[key], file.wanted(key), `${key} is ours`);
    }
  }
}
