import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { enrolled, makeMachine, startPlatform, tokenIn, untilSettled } from "../support/agent-process.ts";
import { configText, type Home, jfRule, jfrogWish, makeHome } from "../support/home.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const SCRIPT = fileURLToPath(new URL("../support/disk-umask.ts", import.meta.url));
const isRoot = process.getuid?.() === 0;
const setpriv = isRoot && spawnSync("setpriv", ["--version"]).status === 0;
const NOBODY = 65534;
const FILE = ".jfrog/jfrog-cli.conf.v6";

/** A verb as a user without any rights, in a home that is theirs but for what the test takes away. */
function asNobody(home: Home, ...args: string[]): SpawnSyncReturns<string> {
  const who = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  const argv = [...who, process.execPath, MAIN, ...args];
  return spawnSync("setpriv", argv, { env: { ...home.env }, cwd: home.directory, encoding: "utf8", timeout: 90_000 });
}

function homeOfNobody(t: TestContext, config: string): Home {
  const home = makeHome();
  t.after(() => home.remove());
  home.configure(config);
  chmodSync(dirname(home.directory), 0o755);
  spawnSync("chown", ["-R", `${NOBODY}:${NOBODY}`, home.directory]);
  return home;
}

/** Nothing but a template: what is written needs no platform. */
const KEYLESS = configText({
  enrolments: {},
  rules: [{ name: "static", target: { path: "~/out/conf", format: "text", template: "hello" } }],
});

describe("a local user without rights", { concurrency: 2, timeout: 400_000 }, () => {
  test("under umask 0 nothing that holds a secret can be read by others, ever", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = machine.script(SCRIPT, ["run"]);
    await machine.ask("enrol", { name: "jfrog" });
    await untilSettled(machine, platform);
    const { stateDir, dataDir } = machine.home.where;
    for (const folder of [stateDir, dataDir]) {
      assert.equal(lstatSync(folder).mode & 0o777, 0o700, folder);
      for (const name of readdirSync(folder)) {
        const { mode } = lstatSync(join(folder, name));
        assert.equal(mode & 0o077, 0, `${name} ${mode.toString(8)}`);
      }
    }
    assert.equal(lstatSync(join(machine.home.directory, FILE)).mode & 0o777, 0o600);
    await agent.kill();
  });

  test("a journal that one may not look for is told as such, not as if nothing had ever happened", {
    skip: !setpriv,
  }, (t) => {
    const home = homeOfNobody(t, KEYLESS);
    mkdirSync(home.where.stateDir, { recursive: true, mode: 0o700 });
    for (const verb of ["status", "stats", "log"]) {
      const { status, stdout } = asNobody(home, verb, "--json");
      assert.deepEqual([status, JSON.parse(stdout).error?.code], [1, "journal.unwritable"], verb);
    }
  });

  test("a link or a pipe at the target's place gives nobody the token", async (t) => {
    const platform = await startPlatform(t);
    const rules = [
      jfRule(),
      { ...jfRule("jfrog", "~/pipe"), name: "pipe" },
      { ...jfRule("jfrog", "~/hard"), name: "hard" },
      { ...jfRule("jfrog", "~/loop"), name: "loop" },
    ];
    const machine = makeMachine(t, configText(jfrogWish(platform.url, { rules })));
    const { directory } = machine.home;
    spawnSync("mkfifo", [join(directory, "pipe")]);
    const seen = machine.home.put("seen-by-others", "{}");
    chmodSync(seen, 0o644);
    linkSync(seen, join(directory, "hard"));
    symlinkSync("loop", join(directory, "loop"));
    const agent = machine.run();
    await machine.ask("enrol", { name: "jfrog" });
    await machine.until("every rule has had its turn", (reader) => reader.heads("rule/").length === 4);
    await untilSettled(machine, platform);
    const failed = machine.events("FILE_FAILED").map(({ stream, event }) => `${stream} ${event.code}`);
    assert.deepEqual(failed.toSorted(), ["rule/loop files.symlink-loop", "rule/pipe files.not-a-file"]);
    assert.equal(readFileSync(seen, "utf8"), "{}", "the other name of the file shows nothing");
    assert.ok(tokenIn(machine.home));
    await agent.kill();
  });

  test("a configuration that others can change is said so at every start", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    chmodSync(machine.home.where.userConfig, 0o666);
    const { out } = await machine.verb("check");
    assert.match(out, /anybody on this machine can change the file/);
    const agent = await enrolled(machine, platform);
    assert.match(agent.err(), /anybody on this machine can change the file/);
    await agent.kill();
  });

  for (const [what, folder, harm] of [
    ["a state directory that can't be written", "stateDir", (path: string) => chmodSync(path, 0o500)],
    ["a state directory of somebody else's", "stateDir", (path: string) => spawnSync("chown", ["0:0", path])],
    ["a key's directory that can't be written", "dataDir", (path: string) => chmodSync(path, 0o500)],
    ["a key's directory of somebody else's", "dataDir", (path: string) => spawnSync("chown", ["0:0", path])],
  ] as const) {
    test(`${what}: refused with its name and what to do, nothing half made`, { skip: !setpriv }, (t) => {
      const home = homeOfNobody(t, KEYLESS);
      const path = home.where[folder];
      mkdirSync(path, { recursive: true, mode: 0o700 });
      spawnSync("chown", ["-R", `${NOBODY}:${NOBODY}`, join(home.directory, ".local")]);
      harm(path);
      const done = asNobody(home, "run", "--once");
      assert.equal(done.status, 1, done.stderr);
      assert.match(done.stderr, new RegExp(`${path}.*\\n.*(yours and writable|belongs to the user)`));
      assert.doesNotMatch(done.stderr, /^ {4}at /m, "no stack for a person");
      assert.deepEqual(readdirSync(path), []);
    });
  }

  test("a target's folder that can't be written: the rule fails by name, everything else goes on", {
    skip: !setpriv,
  }, (t) => {
    const home = homeOfNobody(t, KEYLESS);
    mkdirSync(join(home.directory, "out"), { mode: 0o555 });
    const done = asNobody(home, "run", "--once");
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stderr, /static.*|out\/conf/);
    assert.equal(existsSync(join(home.directory, "out/conf")), false);
    assert.deepEqual(readdirSync(join(home.directory, "out")), []);
    assert.match(asNobody(home, "status").stdout, /static/);
  });

  test("a key that others can read is refused before anything is opened with it", { skip: !setpriv }, (t) => {
    const home = homeOfNobody(t, KEYLESS);
    assert.equal(asNobody(home, "run", "--once").status, 0);
    chmodSync(home.where.key, 0o644);
    const done = asNobody(home, "run", "--once");
    assert.equal(done.status, 1);
    assert.match(done.stderr, /others may read the key/);
  });
});
