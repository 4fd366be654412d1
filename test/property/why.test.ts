import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { property } from "../support/property.ts";
import { type Act, type Told, WhyWorld } from "../support/why-world.ts";

const simple = (...names: Exclude<Act["do"], "edit" | "paste" | "say">[]) =>
  fc.constantFrom(...names.map((name): Act => ({ do: name })));

/** What can befall a file and the credential in it. `…, die`: before the file is written; right after, before it is on record. */
const act: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: simple("rotate", "sync"), weight: 4 },
  simple("rotate, die", "write, die"),
  { arbitrary: fc.record({ do: fc.constant("edit"), key: fc.constantFrom("token", "user", "mine") }), weight: 2 },
  fc.record({ do: fc.constant("paste"), back: fc.integer({ min: 0, max: 3 }) }),
  simple("remove", "spoil", "mend"),
  fc.record({ do: fc.constant("say"), word: fc.constantFrom("keep", "take-back", "stop") }),
  simple("expire", "refuse", "doubt", "stop agent"),
);

/** Where the story ends, more often than chance would have it. */
const end = fc.option(simple("expire", "refuse", "doubt", "rotate, die", "sync"), { nil: undefined });

const drawn = new Map<string, number>();

property(
  "why names the event that wrote the bytes; it is not us only where the file holds the newest live token or somebody else changed it",
  [fc.array(act, { minLength: 1, maxLength: 10 }), end],
  async (acts, last) => {
    using world = new WhyWorld();
    for (const each of [{ do: "sync" } as const, ...acts, ...(last ? [last] : [])]) await world.happens(each);
    const told = await world.why();
    drawn.set(told.verdict.code, (drawn.get(told.verdict.code) ?? 0) + 1);
    if (!world.lost) assert.equal(told.wrote, world.wrote, "the event that wrote the bytes");
    isTrue(world, told);
  },
  { runs: 120 },
);

function isTrue(world: WhyWorld, { verdict, values }: Told): void {
  const { code, ours, text } = verdict;
  const isTheirs = world.foreign.size > 0 || world.spoilt || world.text === undefined;
  const holdsNewest = world.token !== undefined && world.token === world.newest;
  if (ours === false) assert.ok(holdsNewest || isTheirs || world.stopped, `"${code}: ${text}" although it is old`);
  if (holdsNewest && !isTheirs && !world.stopped) assert.equal(code, "not-us", text);
  const lines = world.text?.split("\n") ?? [];
  for (const { pointer, line, state } of values) {
    if (line !== null) assert.match(lines[line - 1] ?? "", new RegExp(`"${pointer.slice(1)}"`));
    if (state === "changed" && !world.lost) assert.ok(world.foreign.has(pointer.slice(1)), `${pointer} is ours`);
  }
}

test("the property has met every verdict", () => {
  const met = [...drawn.keys()].toSorted();
  const all = ["changed-since", "ended", "expired", "in-doubt", "not-us", "older-pair", "stopped"];
  assert.deepEqual(
    all.filter((code) => !met.includes(code)),
    [],
    JSON.stringify([...drawn]),
  );
});
