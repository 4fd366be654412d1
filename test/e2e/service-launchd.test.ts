import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isGone } from "../../src/adapters/service/leave.ts";
import type { Io } from "../../src/commands/cli/io.ts";
import { service } from "../../src/commands/service.ts";

/** launchd as launchctl(1) tells it: `bootout` returns before the service is gone, and until then `bootstrap` fails. */
function mac(t: TestContext, looks: number) {
  const home = mkdtempSync(join(tmpdir(), "dotvault-mac-"));
  t.after(() => rmSync(home, { recursive: true }));
  const bin = join(home, "bin");
  mkdirSync(bin);
  const there = join(home, "there");
  const script = `#!/bin/sh
echo "$1" >> ${home}/told
left=$(cat ${there} 2>/dev/null || echo 0)
case "$1" in
  bootout) [ "$left" != 0 ] || exit 3; echo ${looks} > ${there}; exit 36 ;;
  print) [ "$left" != 0 ] || exit 113; [ "$left" = on ] || echo $((left - 1)) > ${there} ;;
  bootstrap) [ "$left" = 0 ] || { echo "Bootstrap failed: 5: Input/output error" >&2; exit 5; }; echo on > ${there} ;;
esac
`;
  writeFileSync(join(bin, "launchctl"), script);
  chmodSync(join(bin, "launchctl"), 0o755);
  const said: string[] = [];
  const screen = { isTerminal: false, columns: 80, write: (text: string) => void said.push(text) };
  const env = { HOME: home, PATH: `${bin}:/usr/bin:/bin` };
  const place = { platform: "darwin", home, cwd: home, user: "ada" } as const;
  const io: Io = { env, ...place, now: () => 0, out: screen, err: screen, input: { isTerminal: false } as Io["input"] };
  const type = async (what: string, change = "") => {
    said.length = 0;
    const positionals = [what];
    const code = await service({ positionals, flags: change === "" ? {} : { config: change } }, io);
    return { code, said: said.join("") };
  };
  return { type, told: () => readFileSync(join(home, "told"), "utf8").trim().split("\n") };
}

test("launchd: an agent that takes its time to end is waited for before it is started anew", async (t) => {
  const { type, told } = mac(t, 2);
  assert.equal((await type("install")).code, 0);
  const again = await type("install", "/etc/other.yaml");
  assert.equal(again.code, 0, again.said);
  assert.deepEqual(told(), ["bootstrap", "print", "bootout", "print", "print", "print", "bootstrap"]);
  assert.equal((await type("status")).code, 0);
});

test("launchd: uninstalled and installed again; it says that the agent has ended when launchd does", async (t) => {
  const { type, told } = mac(t, 2);
  await type("install");
  await type("uninstall");
  assert.equal((await type("install")).code, 0);
  assert.match((await type("uninstall")).said, /removed .*; the agent has ended/);
  assert.match((await type("uninstall")).said, /there is no /);
  assert.equal(told().filter((verb) => verb === "bootout").length, 2);
});

test("a service that never goes is given up after 25 seconds", async () => {
  let waited = 0;
  const pause = async (milliseconds: number) => {
    waited += milliseconds;
  };
  const watching = { isThere: () => true, pause };
  assert.equal(await isGone(watching), false);
  assert.ok(waited > 20_000 && waited <= 25_000, String(waited));
});
