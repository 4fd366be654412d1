import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { serviceManager } from "../../src/adapters/service/manager.ts";
import { serviceNotifier } from "../../src/adapters/service/notify.ts";
import { launchdPlist, systemdUnit } from "../../src/adapters/service/units.ts";
import { makeMachine, startPlatform } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

const odd = {
  program: "/opt/my $node/bin/node",
  args: ['/home/a b/100%/$HOME/dot"vault.js', "run"],
  env: [["NO_PROXY", "100%,$x"]] as const,
  notifies: true,
};

/** A machine whose `systemctl` writes down what it is told. */
async function machineWith(t: TestContext, systemctl: string) {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const bin = join(machine.home.directory, "bin");
  mkdirSync(bin);
  const told = join(machine.home.directory, "told");
  writeFileSync(join(bin, "systemctl"), `#!/bin/sh\necho "$@" >> ${told}\n${systemctl}\n`);
  chmodSync(join(bin, "systemctl"), 0o755);
  const env = { ...machine.home.env, PATH: `${bin}:/usr/bin:/bin` };
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const type = (...words: string[]) => typeWith({}, ...words);
  const typeWith = (more: Record<string, string>, ...words: string[]) =>
    spawnSync(process.execPath, [main, ...words], { env: { ...env, ...more }, encoding: "utf8" });
  const unit = join(machine.home.directory, ".config/systemd/user/dotvault.service");
  return { machine, type, typeWith, unit, told: () => (existsSync(told) ? readFileSync(told, "utf8") : "") };
}

describe("as a service", { concurrency: 3, skip: process.platform !== "linux" }, () => {
  test("install writes the unit and starts it, again changes nothing, uninstall takes it back and says what stays", async (t) => {
    const { type, unit, told } = await machineWith(t, "exit 0");
    assert.equal(type("service", "status").status, 1);
    const dry = type("service", "install", "--dry-run");
    assert.match(dry.stdout, /ExecStart="/);
    assert.equal(existsSync(unit), false, "--dry-run writes nothing");
    assert.equal(told(), "");
    const first = type("service", "install");
    assert.equal(first.status, 0, first.stderr);
    assert.equal(told(), "--user daemon-reload\n--user enable dotvault.service\n--user restart dotvault.service\n");
    const text = readFileSync(unit, "utf8");
    assert.match(type("service", "install").stderr, /is as it should be/);
    assert.equal(readFileSync(unit, "utf8"), text);
    assert.equal(type("service", "status").status, 0);
    const gone = type("service", "uninstall");
    assert.equal(existsSync(unit), false);
    for (const what of [/config\.yaml/, /the journal/, /the embedded store/]) assert.match(gone.stderr, what);
    assert.equal(type("service", "uninstall").status, 0, "once more is no error");
  });

  test("a service manager that is not there: the unit is written, and it says what to run later", async (t) => {
    const { type, unit } = await machineWith(t, 'echo "Failed to connect to bus" >&2; exit 1');
    const { status, stderr } = type("service", "install");
    assert.equal(status, 1);
    assert.match(stderr, /Failed to connect to bus[\s\S]*when systemd is, run:\n {2}systemctl --user daemon-reload/);
    assert.ok(existsSync(unit));
  });

  test("the service has the shell's directories, proxy and authorities, and none of its secrets", async (t) => {
    const { typeWith, unit } = await machineWith(t, "exit 0");
    const shell = {
      NODE_EXTRA_CA_CERTS: "/etc/own ca.pem",
      HTTPS_PROXY: "http://ada:hunter2@proxy:3128",
      NO_PROXY: "localhost",
      DOTVAULT_TOKEN: "hvs.secret",
    };
    const { stderr } = typeWith(shell, "service", "install");
    const text = readFileSync(unit, "utf8");
    assert.match(text, /^Environment="NO_PROXY=localhost"\nEnvironment="NODE_EXTRA_CA_CERTS=\/etc\/own ca.pem"$/m);
    assert.doesNotMatch(text, /hunter2|hvs\./);
    assert.deepEqual(stderr.match(/^! \w+/gm), ["! HTTPS_PROXY", "! DOTVAULT_TOKEN"]);
  });

  test("uninstall says that the agent has ended only when it knows", async (t) => {
    const { machine, type } = await machineWith(t, '[ "$2" != disable ]');
    type("service", "install");
    const agent = machine.run();
    await machine.until("there is a journal", () => true);
    const { stderr } = type("service", "uninstall");
    assert.match(stderr, new RegExp(`removed .*; an agent still runs: kill ${agent.pid}`));
    await agent.stop();
    type("service", "install");
    assert.match(type("service", "uninstall").stderr, /removed .*; no agent runs/);
  });

  test("systemd itself finds nothing wrong with the unit", { skip: !hasAnalyze() }, async (t) => {
    const { machine, type } = await machineWith(t, "exit 0");
    type("service", "install");
    const runtime = join(machine.home.directory, "run");
    mkdirSync(runtime, { mode: 0o700 });
    const unit = join(machine.home.directory, ".config/systemd/user/dotvault.service");
    const env = { ...machine.home.env, XDG_RUNTIME_DIR: runtime };
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--user", unit], { env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });

  test("the agent says when it is ready and when it ends, to a real socket of the service manager's kind", {
    skip: !hasNotify(),
  }, async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const before = machine.run();
    await machine.until("there is a journal", () => true);
    await before.stop();
    const socket = join(machine.home.directory, "notify");
    const listener = machine.script(machine.home.put("listen.mjs", LISTEN), [socket]);
    await machine.until("the socket is there", () => existsSync(socket));
    const agent = machine.script(machine.home.put("run.mjs", RUN_WITH), [], {
      env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "300000" },
    });
    await machine.until("it is ready", () => /READY=1/.test(listener.out()));
    await machine.until("it says that it is alive", () => /WATCHDOG=1/.test(listener.out()));
    await agent.stop();
    await machine.until("it has said that it ends", () => /STOPPING=1/.test(listener.out()));
  });
});

/** Node has no such sockets: Python, which the tests need anyway, listens; it ends with whoever holds its standard input. */
const LISTEN = `
import { spawn } from "node:child_process";
const ends = "import os,sys,threading\\nthreading.Thread(target=lambda:(sys.stdin.read(),os._exit(0)),daemon=True).start()\\n";
const listen = ends + "import socket\\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\\ns.bind(sys.argv[1])\\nwhile True: print(s.recv(4096).decode(),flush=True)";
const child = spawn("python3", ["-c", listen, process.argv[2]], { stdio: ["pipe", "inherit", "inherit"] });
process.on("SIGTERM", () => child.kill());
process.on("exit", () => child.kill());
child.on("exit", () => process.exit());
`;
const RUN_WITH = `
process.argv.splice(2, 0, "run", "--log-format", "json");
await import(${JSON.stringify(new URL("../../src/main.ts", import.meta.url).href)});
`;

function hasAnalyze(): boolean {
  return spawnSync("systemd-analyze", ["--version"], { stdio: "ignore" }).status === 0;
}

function hasNotify(): boolean {
  return spawnSync("systemd-notify", ["--version"], { stdio: "ignore" }).status === 0;
}

test("a unit's words keep what the service manager would expand", () => {
  const unit = systemdUnit(odd);
  assert.match(unit, /^ExecStart="\/opt\/my \$node\/bin\/node" "\/home\/a b\/100%%\/\$\$HOME\/dot\\"vault.js" "run"$/m);
  assert.match(unit, /^Environment="NO_PROXY=100%%,\$x"$/m);
});

test("where the agent can't say that it is ready, the service manager does not wait for it", () => {
  assert.match(systemdUnit(odd), /^Type=notify$[\s\S]*^WatchdogSec=/m);
  const silent = systemdUnit({ ...odd, notifies: false });
  assert.match(silent, /^Type=simple$/m);
  assert.doesNotMatch(silent, /WatchdogSec|NotifyAccess/);
});

test("launchd: the plist holds the words as they are, and the commands name the user's own domain", () => {
  const plist = launchdPlist({ ...odd, program: "/a&b/node", args: ["<x>"] }, "/log");
  assert.match(plist, /<string>\/a&amp;b\/node<\/string>\n {4}<string>&lt;x&gt;<\/string>/);
  assert.match(plist, /<key>NO_PROXY<\/key>\n {4}<string>100%,\$x<\/string>/);
  const place = { platform: "darwin", home: "/Users/ada", configHome: undefined, uid: 501 } as const;
  const manager = serviceManager(place, odd);
  assert.equal(manager?.file, "/Users/ada/Library/LaunchAgents/dotvault.agent.plist");
  assert.deepEqual(manager?.install, [
    ["launchctl", "bootstrap", "gui/501", "/Users/ada/Library/LaunchAgents/dotvault.agent.plist"],
  ]);
  assert.deepEqual([manager?.leave, manager?.leavesFirst], [["launchctl", "bootout", "gui/501/dotvault.agent"], true]);
  assert.equal(serviceManager({ ...place, platform: "win32" }, odd), undefined);
});

test("without a service manager nothing is said", async () => {
  const said: string[] = [];
  const notifier = serviceNotifier({}, async (words) => void said.push(...words));
  notifier.ready();
  await notifier.stopping();
  assert.deepEqual(said, []);
});
