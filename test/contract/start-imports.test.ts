import assert from "node:assert/strict";
import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { starterConfig } from "../../src/config/init.ts";

const recorder = fileURLToPath(new URL("../support/record-imports.mjs", import.meta.url));
const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "dotvault-imports-"));
after(() => rmSync(home, { recursive: true, force: true }));

const config = join(home, ".config/dotvault/config.yaml");
mkdirSync(join(config, ".."), { recursive: true });
writeFileSync(
  config,
  starterConfig("https://platform.invalid").replace(/engine: jfrog.*rules:.*/s, "engine: sshkey\n"),
);

/** What a start of dotvault loads: node: modules, packages, own files. */
function loadedBy(...args: readonly string[]): Loaded {
  return loadedFrom(program, ...args);
}

interface Loaded {
  readonly status: number | null;
  readonly modules: string[];
}

function loadedFrom(main: string, ...args: readonly string[]): Loaded {
  const env = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_DIRS: join(home, "none") };
  const options: SpawnSyncOptionsWithStringEncoding = {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  };
  const child = spawnSync(process.execPath, ["--import", recorder, main, ...args], options);
  return { status: child.status, modules: String(child.output[3]).trim().split("\n") };
}

let bundled: string | undefined;
after(() => bundled !== undefined && rmSync(bundled, { recursive: true, force: true }));

/** The sources as users run them; as deep in the checkout as dist/. */
function bundle(): string {
  if (bundled !== undefined) return bundled;
  const folder = mkdtempSync(join(root, "dist-of-a-test-"));
  bundled = folder;
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/bundle.mjs"), folder], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return folder;
}

const HEAVY =
  /node_modules\/(xstate|yaml|undici|pino|node-vault|jose)\/|src\/adapters\/|node:(crypto|http|https|net|tls)$/;

test("an enrolment without a person gives status something to tell", () => {
  assert.equal(loadedBy("enrol").status, 0);
});

for (const args of [["status"], ["login-check", "--quiet"]]) {
  test(`${args.join(" ")} loads no HTTP, no Vault, no YAML, no state machine and no cryptography`, () => {
    const { status, modules } = loadedBy(...args);
    assert.equal(status, 0);
    assert.ok(
      modules.some((url) => url.includes("better-sqlite3")),
      "the recorder saw the journal's library",
    );
    assert.deepEqual(
      modules.filter((url) => HEAVY.test(url)),
      [],
    );
  });
}

test("login-check loads none of the words of status", () => {
  assert.ok(loadedBy("status").modules.some((url) => url.endsWith("status/words.ts")));
  assert.ok(!loadedBy("login-check", "--quiet").modules.some((url) => url.endsWith("status/words.ts")));
});

test("next runs the machine, and loads no HTTP, no Vault, no YAML and no cryptography", () => {
  const { status, modules } = loadedBy("next");
  assert.equal(status, 0);
  assert.deepEqual(
    modules.filter((url) => HEAVY.test(url) && !url.includes("node_modules/xstate/")),
    [],
  );
});

for (const [args, most] of [
  [["status"], 5],
  [["stats"], 8],
  [["token", "list", "--offline"], 10],
] as const) {
  test(`${args.join(" ")} is a few files of the bundle, and finds the journal's library without Node's search`, () => {
    const { status, modules } = loadedFrom(join(bundle(), "program", "main.cjs"), ...args);
    assert.equal(status, 0);
    const own = modules.filter((url) => url.includes("/program/"));
    assert.ok(own.length <= most, `${own.length} files: ${own.join(", ")}`);
    assert.ok(modules.some((url) => url.includes("better-sqlite3/prebuilds/")));
    assert.deepEqual(
      modules.filter((url) => url.includes("better-sqlite3/lib/") || HEAVY.test(url)),
      [],
    );
  });
}

test("check finds YAML in one file of the bundle", () => {
  const { status, modules } = loadedFrom(join(bundle(), "program", "main.cjs"), "check");
  assert.equal(status, 0);
  assert.equal(modules.filter((url) => /\/program\/yaml-[^/]*\.cjs$/.test(url)).length, 1);
  assert.deepEqual(
    modules.filter((url) => url.includes("node_modules/yaml/")),
    [],
  );
});

test("version loads nothing but itself", () => {
  const { modules } = loadedBy("version");
  assert.deepEqual(
    modules.filter((url) => url.includes("node_modules")),
    [],
  );
});

test("the agent does load what status must not, so the pattern can fail", () => {
  const { modules } = loadedBy("run", "--once");
  assert.ok(modules.filter((url) => HEAVY.test(url)).length > 3);
});
