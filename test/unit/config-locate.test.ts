import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { locateConfig } from "../../src/config/locate.ts";
import { type Paths, paths } from "../../src/config/paths.ts";

let root = "";
let where: Paths;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dotvault-locate-"));
  where = paths({ XDG_CONFIG_DIRS: `${root}/first:${root}/second` }, "linux", `${root}/home`);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text = "sync:\n  interval: 1m\n"): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const second = () => join(root, "second/dotvault/config.yaml");

test("the first system file that exists holds, before the user's own", () => {
  write(second());
  write(where.userConfig);
  assert.deepEqual(locateConfig(where, undefined, root), { file: second(), origin: "system" });
});

test("without a system file the user's own holds", () => {
  write(where.userConfig);
  assert.deepEqual(locateConfig(where, undefined, root), { file: where.userConfig, origin: "user" });
});

test("without any file the error names every place and the next command", () => {
  assert.throws(() => locateConfig(where, undefined, root), {
    code: "config.not-found",
    hint: /dotvault init .*first.*second.*home/,
  });
});

test("--config holds where there is no system file, relative to where the person is", () => {
  write(where.userConfig);
  assert.deepEqual(locateConfig(where, "mine.yaml", "/work"), { file: "/work/mine.yaml", origin: "flag" });
  assert.equal(locateConfig(where, "~/mine.yaml", "/work").file, join(where.home, "mine.yaml"));
});

test("--config is refused against a system file that does not permit it", () => {
  write(second());
  assert.throws(() => locateConfig(where, "mine.yaml", root), { code: "config.override-refused" });
});

test("--config holds against a system file that says bypass_system_config: true", () => {
  write(second(), "bypass_system_config: true\n");
  assert.equal(locateConfig(where, "/mine.yaml", root).origin, "flag");
});

const refusing = {
  "says false": "bypass_system_config: false\n",
  "says it as text": 'bypass_system_config: "true"\n',
  "is broken": "bypass_system_config: true\nrules: [\n",
  "says it twice": "bypass_system_config: true\nbypass_system_config: false\n",
  "is empty": "",
};
for (const [how, text] of Object.entries(refusing)) {
  test(`a system file that ${how} permits nothing`, () => {
    write(second(), text);
    assert.throws(() => locateConfig(where, "/mine.yaml", root), { code: "config.override-refused" });
  });
}

test("a system file that can't be read permits nothing", () => {
  mkdirSync(second(), { recursive: true });
  assert.throws(() => locateConfig(where, "/mine.yaml", root), { code: "config.override-refused" });
});

test("a system file that can't even be looked at is there, and permits nothing", () => {
  mkdirSync(dirname(second()), { recursive: true });
  symlinkSync(second(), second());
  assert.throws(() => locateConfig(where, "/mine.yaml", root), { code: "config.override-refused" });
});
