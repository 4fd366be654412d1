import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { largeFile, RENDERED } from "../../bench/support/large-files.ts";
import { LARGE } from "../../src/adapters/files/aside.ts";
import { FORMAT_NAMES, type FormatName, formatAside, formatFor } from "../../src/adapters/files/index.ts";
import { renderAside } from "../../src/adapters/files/template/aside.ts";
import { compile } from "../../src/adapters/files/template/template.ts";
import { parseSpelled } from "../../src/adapters/store-port.ts";
import { paths } from "../../src/config/paths.ts";

const MAX = 4 * 1024 * 1024;

/** The result, and the turns that the process's event loop made meanwhile. */
async function turnsOf<T>(work: () => Promise<T>): Promise<{ result: T; turns: number }> {
  let turns = 0;
  let over = false;
  const result = work().finally(() => {
    over = true;
  });
  while (!over) {
    await nextTurn();
    turns += 1;
  }
  return { result: await result, turns };
}

for (const format of FORMAT_NAMES.filter((name) => name !== "text")) {
  test(`a large ${format} file is merged beside the agent, as it would be in it`, async () => {
    const before = largeFile(format, 3 * LARGE);
    const { result, turns } = await turnsOf(() => formatAside(format).merge(before, RENDERED[format], {}));
    assert.deepEqual(result, formatFor(format).merge(before, RENDERED[format], {}));
    assert.ok(turns > 20, `only ${turns} turns meanwhile`);
    const [pointer = ""] = result.managed;
    assert.equal((await formatAside(format).values(result.content, [pointer], {})).size, 1);
    const without = formatFor(format).remove(result.content, result.managed, {});
    assert.equal(await formatAside(format).remove(result.content, result.managed, {}), without);
    assert.equal(without.trimEnd(), before.trimEnd());
  });
}

test("a file at the limit lets the event loop turn; a small one is merged at once", async () => {
  const before = largeFile("json", MAX - 100);
  const large = await turnsOf(() => formatAside("json").merge(before, RENDERED.json, {}));
  assert.ok(large.turns > 100, `only ${large.turns} turns meanwhile`);
  assert.equal(large.result.changed, true);
  const small = await turnsOf(() => formatAside("json").merge("{}", RENDERED.json, {}));
  assert.ok(small.turns <= 1, `${small.turns} turns for a small file`);
});

const outside = { env: (name: string) => ({ A_B: "from outside" })[name], username: "ada" };

test("a template that takes long is rendered beside the agent, as it would be in it", async () => {
  const source = `{{ range 30000 }}{{ . }} {{ end }}{{ .n }} {{ printf "%s_%s" "A" .b | env }} {{ env "NONE" }}{{ username }}`;
  const data = { n: parseSpelled("1.50"), b: "B" };
  const template = compile(source);
  const { result, turns } = await turnsOf(() => renderAside(template, data, outside));
  assert.equal(result, template.render(data, outside));
  assert.match(result, / 1\.50 from outside ada$/);
  assert.ok(turns > 20, `only ${turns} turns meanwhile`);
});

test("a template that loops ends at its limit, and the event loop turns meanwhile; a small one is rendered at once", async () => {
  const loop = compile("{{ range 1000000000 }}{{ $x := toJson $ }}{{ end }}", { name: "mine" });
  const { result, turns } = await turnsOf(() => renderAside(loop, { a: "b" }, outside).catch(facts));
  assert.match(JSON.stringify(result), /template\.limit.*more than 1000000 steps/);
  assert.ok(turns > 20, `only ${turns} turns meanwhile`);
  const small = await turnsOf(() => renderAside(compile("{{ .a }}"), { a: "b" }, outside));
  assert.ok(small.result === "b" && small.turns <= 1, `${small.turns} turns for a small one`);
});

test("a value is told from a line break there, too", async () => {
  const template = compile("{{ range 30000 }}{{ end }}{{ .a }}");
  await assert.rejects(renderAside(template, { a: "b\nc" }, outside, { singleLine: true }), {
    code: "template.line-break",
  });
});

test("what is refused there is refused here: code, words and hint", async () => {
  const broken = `${largeFile("json", 2 * LARGE)}}`;
  const call = () => formatFor("json").merge(broken, RENDERED.json, {});
  const expected = thrownBy(call);
  const found = await formatAside("json").merge(broken, RENDERED.json, {}).catch(facts);
  assert.deepEqual(found, expected);
  const above = "x".repeat(MAX + 1);
  for (const format of ["json", "ini"] satisfies FormatName[]) {
    await assert.rejects(formatAside(format).merge(above, "", {}), { code: "files.too-large" });
  }
});

function thrownBy(work: () => unknown): object {
  try {
    work();
  } catch (error) {
    return facts(error);
  }
  throw new Error("nothing was thrown");
}

function facts(error: unknown): object {
  const { name, code, message, hint } = error as { name: string; code: string; message: string; hint?: string };
  return { name, code, message, hint };
}

test("the program as it is installed finds the thread's file", () => {
  const home = mkdtempSync(join(tmpdir(), "dotvault-aside-"));
  try {
    const { userConfig } = paths({}, process.platform, home);
    mkdirSync(dirname(userConfig), { recursive: true });
    const target = { path: "~/large.json", format: "json", template: RENDERED.json };
    writeFileSync(userConfig, JSON.stringify({ rules: [{ name: "large", target }] }), { mode: 0o600 });
    const before = largeFile("json", 3 * LARGE);
    writeFileSync(join(home, "large.json"), before);
    const program = join(import.meta.dirname, "../../bin/dotvault.js");
    const env = { HOME: home, PATH: process.env.PATH, XDG_CONFIG_DIRS: join(home, "none") };
    const { status, stderr } = spawnSync(process.execPath, [program, "sync"], { env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    const written = JSON.parse(readFileSync(join(home, "large.json"), "utf8"));
    assert.equal(written.auths.ours.auth, "new");
    assert.equal(Object.keys(written.auths).length, Object.keys(JSON.parse(before).auths).length + 1);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
