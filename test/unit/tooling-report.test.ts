import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";

const root = join(import.meta.dirname, "..", "..");
const PASSES = 'import { test } from "node:test"; test("that passes", () => {});';

describe("npm test's last line and exit code", () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "dotvault-report-"));
    mkdirSync(join(home, "scripts"));
    mkdirSync(join(home, "test"));
    for (const name of ["test-run.mjs", "test-report.mjs"])
      cpSync(join(root, "scripts", name), join(home, "scripts", name));
    writeFileSync(join(home, "scripts", "check.mjs"), "");
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function run(files: Record<string, string>, ...words: string[]) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home, "test", name), text);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = [join(home, "scripts", "test-run.mjs"), ...words];
    const { status, stdout } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
    return { status, stdout, last: stdout.trimEnd().split("\n").at(-1) };
  }

  test("the check counts as one test", () => {
    const { status, last } = run({ "a.test.ts": PASSES });
    assert.deepEqual([status, last], [0, "2 passed, 0 failed"]);
  });

  test("a failing check fails the run", () => {
    writeFileSync(join(home, "scripts", "check.mjs"), 'console.log("type error"); process.exitCode = 1;');
    const { status, last, stdout } = run({ "a.test.ts": PASSES });
    assert.deepEqual([status, last], [1, "1 passed, 1 failed"]);
    assert.match(stdout, /type error/);
  });

  test("a failing test is shown with its place, its reason and what its file printed", () => {
    const fails =
      'import { test } from "node:test";\ntest("that fails", () => { console.log("hello"); throw new Error("why"); });';
    const { status, last, stdout } = run({ "a.test.ts": PASSES, "b.test.ts": fails });
    assert.deepEqual([status, last], [1, "2 passed, 1 failed"]);
    assert.match(stdout, /✗ that fails\n\s+test\/b\.test\.ts:2\n\s+Error: why/);
    assert.match(stdout, /hello/);
  });

  test("a file that dies after its tests, one that can't be read, and one without a test fail", () => {
    const dies = `${PASSES} setTimeout(() => process.exit(3), 50);`;
    const { status, last } = run({ "a.test.ts": dies, "b.test.ts": "no code", "c.test.ts": "export {};" });
    assert.deepEqual([status, last], [1, "2 passed, 3 failed"]);
  });

  test("a suite and its failing test count once; a skipped test is named", () => {
    const suite =
      'import { describe, test } from "node:test"; describe("s", () => { test("x", () => { throw 1; }); test("y", { skip: "no root" }, () => {}); });';
    const { last, stdout } = run({ "a.test.ts": suite }, "a.test.ts");
    assert.equal(last, "0 passed, 1 failed");
    assert.match(stdout, /skipped: y \(no root\)/);
  });

  test("a part of a path chooses files, other words choose tests; nothing chosen is a failure", () => {
    const files = { "a.test.ts": PASSES, "crash-b.test.ts": `${PASSES} test("lost answer", () => {});` };
    assert.equal(run(files, "crash").last, "2 passed, 0 failed");
    assert.equal(run(files, "Lost Answer").last, "1 passed, 0 failed");
    assert.deepEqual(run(files, "unit/none").status, 1);
    assert.deepEqual(run(files, "no such name").status, 1);
  });
});
