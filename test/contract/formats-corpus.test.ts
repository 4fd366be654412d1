import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFor } from "../../src/adapters/files/index.ts";
import { mergedValues, removedValues, withoutEmpties } from "../support/formats.ts";
import {
  additions,
  isTree,
  mapTexts,
  render,
  type Sample,
  samples,
  simpleTexts,
  textOf,
} from "../support/formats-corpus.ts";
import { READERS } from "../support/formats-readers.ts";

const corpus = samples();
const optionsOf = ({ name }: Sample) => ({ basename: name });
const meaningOf = ({ format, name }: Sample, text: string) =>
  JSON.parse(
    JSON.stringify(READERS[format]?.(text, name) ?? {}, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    ),
  );

test("the corpus has forty real files at least, each with its origin and a permissive licence", () => {
  const real = corpus.filter(({ registry }) => registry !== "own");
  assert.ok(real.length >= 40, `${real.length}`);
  for (const { file, licence, version, note, registry } of corpus) {
    assert.match(licence, /MIT|BSD|Apache-2\.0|ISC|Unlicense|CC0/, file);
    assert.ok(registry === "own" ? note : version, file);
  }
  for (const name of [
    ".npmrc",
    "pip.conf",
    "credentials",
    "config.toml",
    ".netrc",
    "hosts.yml",
    "config.json",
    "config",
    "jfrog-cli.conf.v6",
  ]) {
    assert.ok(
      corpus.some((sample) => sample.name === name),
      name,
    );
  }
});

for (const sample of corpus) {
  const format = formatFor(sample.format);
  const merge = (before: string, rendered: string) => format.merge(before, rendered, optionsOf(sample));

  test(`${sample.file}: some values changed, only their lines differ; changed back, every byte is as it was`, () => {
    const file = textOf(sample);
    for (const every of [1, 2, 3]) {
      const old = simpleTexts(meaningOf(sample, file), every);
      const changed = render(
        sample.format,
        mapTexts(old, (text) => `${text}-new`),
      );
      const { content } = merge(file, changed);
      assert.deepEqual(meaningOf(sample, content), mergedValues(meaningOf(sample, file), meaningOf(sample, changed)));
      const [before, after] = [file.split("\n"), content.split("\n")];
      assert.equal(after.length, before.length);
      const moved = before.filter((line, i) => line !== after[i]);
      assert.equal(moved.length > 0, Object.keys(old).length > 0);
      const unchanged = (lines: readonly string[]) => lines.map((line) => line.replaceAll("-new", ""));
      assert.deepEqual(unchanged(after), unchanged(before), "nothing but the values differs");
      assert.equal(merge(content, changed).content, content, "a second run changes nothing");
      assert.equal(merge(content, render(sample.format, old)).content, file, "and back again");
    }
  });

  test(`${sample.file}: keys and sections added, every old line stays where it was among the others`, () => {
    const file = textOf(sample);
    const meaning = meaningOf(sample, file);
    if (!isTree(meaning)) return;
    const rendered = render(sample.format, additions(sample.format, meaning));
    const { content, managed } = merge(file, rendered);
    assert.deepEqual(meaningOf(sample, content), mergedValues(meaning, meaningOf(sample, rendered)));
    assert.equal(merge(content, rendered).content, content, "a second run changes nothing");
    if (sample.format !== "json" && sample.format !== "netrc") assertKept(file, content);
    const removed = format.remove(content, managed, optionsOf(sample));
    const left = removedValues(meaningOf(sample, content), meaningOf(sample, rendered));
    assert.deepEqual(withoutEmpties(meaningOf(sample, removed)), withoutEmpties(left), "and taken out again");
    const known = Object.values(meaning).flatMap((value) => (isTree(value) ? Object.keys(value) : []));
    const isNew = !managed.some((pointer) => known.includes(pointer.split("/").at(-1) ?? ""));
    if (isNew && sample.format !== "json" && sample.format !== "netrc") assertKept(file, removed);
  });
}

/** Every line of the old text stands in the new one, in the same order. */
function assertKept(before: string, after: string): void {
  const lines = after.split("\n");
  let at = 0;
  for (const line of before.split("\n")) {
    const found = lines.indexOf(line, at);
    assert.ok(found >= 0, `lost: ${line}`);
    at = found + 1;
  }
}
