import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { enrolled, makeMachine, startPlatform, untilSettled } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

test("why: the live token is not us, a changed one is somebody, a removed file too; by file, enrolment and token id", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const agent = await enrolled(machine, platform);
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  await agent.stop();
  const path = join(machine.home.directory, ".jfrog/jfrog-cli.conf.v6");

  const well = await machine.verb("why", path);
  assert.equal(well.code, 0, well.err);
  assert.match(well.out, /a person asked for a rotation[\s\S]*new pair sealed[\s\S]*stored as version 2[\s\S]*wrote /);
  assert.match(well.out, /✓ so it is not us: the file holds the live token, written .*, untouched since\n/);
  const token = platform.ledger.live()[0]?.tokenId ?? "";
  for (const what of ["jfrog", token, "~/.jfrog/jfrog-cli.conf.v6"]) {
    const { files } = JSON.parse((await machine.verb("why", what, "--json")).out);
    assert.deepEqual([files.length, files[0].path, files[0].verdict.code], [1, path, "not-us"], what);
  }
  const secret = JSON.parse(machine.home.read(".jfrog/jfrog-cli.conf.v6")).servers[0].accessToken;
  const json = await machine.verb("why", "jfrog", "--json");
  assert.ok(!json.out.includes(secret) && !well.out.includes(secret), "no value is shown");
  assert.deepEqual(
    JSON.parse(json.out).files[0].values.map(({ state }: { state: string }) => state),
    ["ours", "ours", "ours", "ours", "ours", "ours"],
  );

  writeFileSync(path, machine.home.read(".jfrog/jfrog-cli.conf.v6").replace(secret, "stale"));
  const changed = await machine.verb("why", path);
  assert.equal(changed.code, 0);
  assert.match(changed.out, /\/servers\/serverId=default-server\/accessToken +line \d+ +changed by somebody else/);
  assert.match(changed.out, /so it is not us: somebody has changed .*accessToken \(line \d+\) since it was written/);
  rmSync(path);
  assert.match((await machine.verb("why", path)).out, /somebody has removed it\n {2}run: dotvault sync/);
  const none = await machine.verb("why", "/etc/hosts");
  assert.deepEqual([none.code, /dotvault writes no file/.test(none.err)], [2, true]);
});

test("why: a file that can't be written is us, with the reason", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const agent = await enrolled(machine, platform);
  machine.home.put(".jfrog/jfrog-cli.conf.v6", "{ this is no json");
  await machine.verb("sync");
  await agent.stop();
  const { code, out } = await machine.verb("why", "jfrog");
  assert.equal(code, 1);
  assert.match(out, /✗ so it is us: the file could not be written since .*not valid JSON/);
});
