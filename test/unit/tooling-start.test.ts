import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";

const root = join(import.meta.dirname, "..", "..");
const EARLIER = new Date("2026-01-01T00:00:00Z");
const LATER = new Date("2026-01-01T00:00:01Z");

describe("bin/dotvault.js", () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "dotvault-start-"));
    mkdirSync(join(home, "bin"));
    copyFileSync(join(root, "bin", "dotvault.js"), join(home, "bin", "dotvault.js"));
    write("package.json", '{ "type": "module" }', EARLIER);
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function write(path: string, text: string, at: Date): void {
    const file = join(home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    for (let touched = file; touched !== home; touched = dirname(touched)) utimesSync(touched, at, at);
  }

  function start(env: NodeJS.ProcessEnv = { XDG_CACHE_HOME: join(home, "cache") }) {
    const args = [join(home, "bin", "dotvault.js"), "a"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
    return { status, stdout: stdout.trim(), stderr };
  }

  function built(at: Date): void {
    write("dist/program/main.cjs", 'console.log("dist", ...process.argv.slice(2))', at);
    write("dist/.built", "", at);
  }

  test("a Node that is too old says so, names the one to use, and exits 2", () => {
    write("node_modules/.bin/node", "", EARLIER);
    const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.0.0" } });`;
    const args = ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`, join(home, "bin", "dotvault.js")];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, 2);
    assert.match(
      stderr,
      /^dotvault: Node 18\.0\.0 is too old, it takes Node 24 or newer\nrun: .*node_modules\/\.bin\/node /,
    );
  });

  test("an installed package runs dist/, and passes its arguments on", () => {
    built(EARLIER);
    assert.deepEqual(start(), { status: 0, stdout: "dist a", stderr: "" });
  });

  test("a checkout that was built runs dist/", () => {
    write("src/main.ts", 'console.log("src")', LATER);
    built(EARLIER);
    assert.equal(start().stdout, "dist a");
  });

  test("a checkout that was never built runs the sources", () => {
    write("src/main.ts", 'console.log("src" as string)', EARLIER);
    assert.equal(start().stdout, "src");
  });

  test("an incomplete installation says what to do instead of showing a stack", () => {
    const { status, stderr } = start();
    assert.equal(status, 1);
    assert.match(stderr, /^dotvault: not completely installed: .*\n.*run: node scripts\/install\.mjs/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });

  test("compiled code is cached where only the user can write, and nowhere when there is no such place", () => {
    built(EARLIER);
    start();
    assert.equal(statSync(join(home, "cache", "dotvault", "compiled")).mode & 0o777, 0o700);
    start({ XDG_CACHE_HOME: "relative", HOME: join(home, "home") });
    assert.ok(existsSync(join(home, "home", ".cache", "dotvault", "compiled")));
    assert.equal(start({}).stdout, "dist a");
  });
});
