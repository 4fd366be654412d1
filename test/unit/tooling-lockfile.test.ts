import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..", "..");
const read = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"));

interface Entry {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}
const lock: Record<string, Entry> = read("package-lock.json").packages;
const manifest: Record<string, Record<string, string>> = read("package.json");
const packages = Object.entries(lock).filter(([path]) => path !== "");

test("every package of the lockfile has an integrity hash, and no registry's address", () => {
  assert.ok(packages.length > 40);
  for (const [path, { integrity, resolved }] of packages) {
    assert.match(integrity ?? "", /^sha512-/, path);
    assert.equal(resolved, undefined, path);
  }
});

test("every dependency is pinned to one version", () => {
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies"]) {
    for (const [name, range] of Object.entries(manifest[kind] ?? {})) {
      assert.match(range, /^\d+\.\d+\.\d+$/, name);
      assert.equal(lock[`node_modules/${name}`]?.version, range, name);
    }
  }
});

test("npm ci can install everywhere: each optional package that a package asks for is in the lockfile", () => {
  for (const [path] of packages) {
    const wanted = (lock[path] as { optionalDependencies?: Record<string, string> }).optionalDependencies ?? {};
    for (const name of Object.keys(wanted)) assert.ok(lock[`node_modules/${name}`], `${path} wants ${name}`);
  }
});

for (const place of ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]) {
  test(`${place} gets a Node, a compiler and a linter`, () => {
    const [os = "", cpu = ""] = place.split("-");
    const here = packages
      .filter(([, entry]) => entry.os?.includes(os) && entry.cpu?.includes(cpu))
      .map(([path]) => path);
    for (const tool of [/\/node-/, /\/@typescript\//, /\/@biomejs\/cli-/]) {
      assert.ok(
        here.some((path) => tool.test(path)),
        `${tool} in ${here.join(" ")}`,
      );
    }
  });
}

test("what runs in production works although no install script was run", async () => {
  for (const name of Object.keys(manifest.dependencies ?? {})) await import(name);
  const { default: Database } = await import("better-sqlite3");
  const db = new Database(":memory:");
  assert.deepEqual(db.prepare("select 1 as one").get(), { one: 1 });
  db.close();
});
