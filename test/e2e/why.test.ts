import assert from "node:assert/strict";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { enrolled, makeMachine, startPlatform, tokenIn, untilSettled } from "../support/agent-process.ts";
import { configText, jfRule, jfrogWish } from "../support/home.ts";
import { mountKv, startOpenBao } from "../support/openbao.ts";

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
    if (what === token) continue;
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
  assert.match(changed.out, /\/servers\/serverId=default-server\/accessToken +line \d+ +changed by somebody else\n/);
  assert.match(changed.out, /so it is not us: somebody has changed .*accessToken \(line \d+\) since it was written/);
  rmSync(path);
  assert.match((await machine.verb("why", path)).out, /somebody has removed it\n {2}run: dotvault sync/);
  const other = await machine.verb("why", "/etc/hosts");
  assert.deepEqual([other.code, /not us: dotvault does not write this file/.test(other.out)], [0, true]);
  const none = await machine.verb("why", "/no/such/file");
  assert.deepEqual(
    [none.code, /there is no file .*, and dotvault knows no enrolment or token/.test(none.err)],
    [2, true],
  );
});

test("why: a file that somebody has spoilt is not us, one whose place can't be written is, with the reason", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const agent = await enrolled(machine, platform);
  machine.home.put(".jfrog/jfrog-cli.conf.v6", "{ this is no json");
  await machine.verb("sync");
  const spoilt = await machine.verb("why", "jfrog");
  assert.match(spoilt.out, /✓ so it is not us: somebody has changed the file since it was written .*not valid JSON/);
  rmSync(join(machine.home.directory, ".jfrog"), { recursive: true });
  machine.home.put(".jfrog", "in the way of the folder");
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await machine.verb("sync");
  await agent.stop();
  const { code, out } = await machine.verb("why", "jfrog-file");
  assert.match(
    out,
    /✗ so it is us: the file could not be written since .*, so the newest token is not in it: .*not a directory/,
  );
  assert.match(out, /a person asked for a rotation\n.*new pair sealed.*\n.*stored as version 2\n.* not written: /);
  assert.equal(code, 1);
});

test("why: the end of the chain is told: refused by the service, un-enrolled, an answer that is missing", async (t) => {
  const platform = await startPlatform(t);
  const machine = makeMachine(t, configText(jfrogWish(platform.url)));
  const agent = await enrolled(machine, platform);
  const held = platform.inject({ on: "refresh", kind: "hold", when: "before" });
  platform.inject({ on: "refresh", kind: "reset", when: "before" });
  await machine.ask("refresh", { name: "jfrog" });
  await held.struck();
  await agent.kill();
  held.release();
  const verdict = async (...args: string[]) => {
    const { files, enrolments } = JSON.parse((await machine.verb("why", ...args, "--json")).out);
    return { file: files[0]?.verdict, credential: enrolments[0]?.verdict, enrolment: enrolments[0], story: files[0] };
  };
  const lost = await verdict("jfrog");
  assert.deepEqual([lost.file.code, lost.file.ours, lost.file.run], ["in-doubt", true, "dotvault run"]);
  assert.match(lost.file.text, /a rotation was sent at .* and no answer was recorded; no agent has run since/);
  const again = machine.run();
  await machine.untilState("active");
  await untilSettled(machine, platform);
  const over = await machine.verb("why", "jfrog");
  assert.match(
    over.out,
    /no answer was recorded: the agent was stopped meanwhile\n.*asked again: the old pair still works/,
  );
  assert.match(over.out, /of ada · version 2 in the embedded store · good until .* · rotates /);
  platform.revoke(platform.ledger.live()[0]?.tokenId ?? "");
  await machine.verb("refresh", "jfrog");
  await machine.untilState("revoked");
  const refused = await verdict("jfrog");
  assert.deepEqual([refused.file.code, refused.file.because], ["ended", "refused"]);
  assert.match(refused.file.text, /^so it is the service: .* is over, because JFrog refused the token for good/);
  assert.equal(refused.file.run, "dotvault enrol jfrog");
  await machine.ask("enrol", { name: "jfrog" });
  await untilSettled(machine, platform);
  await machine.verb("revoke", "jfrog");
  const left = await verdict("jfrog");
  assert.deepEqual([left.file.code, left.file.because, left.credential.code], ["ended", "un-enrolled", "none"]);
  await again.stop();
});

test("why: a token tells its own story, and an old one is known wherever somebody has put it", async (t) => {
  const platform = await startPlatform(t);
  const npm = { path: "~/.npmrc", format: "ini", template: "//acme/:_authToken={{ .access_token }}" };
  const rules = [jfRule(), { name: "npm", vault_key: "jfrog", target: npm }];
  const machine = makeMachine(t, configText(jfrogWish(platform.url, { rules })));
  const agent = await enrolled(machine, platform);
  const first = tokenIn(machine.home) ?? "";
  const [login, old] = platform.ledger.pairs.map(({ tokenId }) => tokenId);
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  await agent.stop();
  machine.home.put("project/.npmrc", `//acme/:_authToken=${first}\n`);
  symlinkSync(join(machine.home.directory, "project"), join(machine.home.directory, "link"));
  const other = await machine.verb("why", "link/.npmrc");
  assert.match(
    other.out,
    /line 1 {2}jfrog's token .{8}…, (replaced|rotated away) [\s\S]*✓ so it is not us: somebody has put/,
  );
  const before = await machine.verb("why", old ?? "");
  assert.match(
    before.out,
    /superseded by .* \(a person asked for a rotation\)[\s\S]*whoever still presents it has an old copy/,
  );
  machine.home.put(".npmrc", machine.home.read(".npmrc").replace(/_authToken=.*/, `_authToken=${first}`));
  const pasted = await machine.verb("why", ".npmrc");
  assert.match(pasted.out, /\/\/acme\/:_authToken +line 1 +changed by somebody else: jfrog's token/);
  const story = await machine.verb("why", `${old?.slice(0, 8)}…`);
  assert.match(
    story.out,
    /\.npmrc: written .*until .*; in line 1 now\n✓ so it is not us: .*put it back into .*\.npmrc \(line 1\)/,
  );
  assert.match((await machine.verb("why", login ?? "")).out, /signed in as ada.*\n.*superseded by[\s\S]*revoked/);
  for (const { out } of [other, before, pasted, story]) assert.ok(!out.includes(first), "no token is shown");
});

test("why: which machine rotated; and what it can't know while nobody looks", async (t) => {
  const bao = await startOpenBao();
  t.after(() => bao.stop());
  await mountKv(bao, "kv");
  const platform = await startPlatform(t);
  const config = configText(jfrogWish(platform.url, { vault: { address: bao.address, mount: "kv" } }));
  const [one, two] = [0, 1].map(() =>
    makeMachine(t, config, { DOTVAULT_TOKEN: bao.token, LOGNAME: "ada", USER: "ada" }),
  );
  assert.ok(one && two);
  const agent = await enrolled(one, platform);
  two.run();
  await two.until("it has it, too", () => tokenIn(two.home) !== undefined);
  const before = tokenIn(one.home);
  assert.equal((await two.verb("refresh", "jfrog")).code, 0);
  await one.until("it sees that", () => tokenIn(one.home) !== before);
  // The file is written before that is on record.
  await untilSettled(one, platform);
  const { out } = await one.verb("why", "jfrog");
  assert.match(out, /\w+@\S+ changed the store: version 2/);
  assert.match(out, /✓ so it is not us: the file holds the live token/);
  await agent.stop();
  const blind = await one.verb("why", "jfrog-file");
  assert.equal(blind.code, 0);
  assert.match(
    blind.out,
    /! as far as is known here it is not us: .*no agent has run since .*, and others may have replaced it/,
  );
});

test("why: nobody is logged in to Vault", async (t) => {
  const bao = await startOpenBao();
  t.after(() => bao.stop());
  await mountKv(bao, "kv");
  const platform = await startPlatform(t, { capSeconds: 5 });
  const config = configText(jfrogWish(platform.url, { vault: { address: bao.address, mount: "kv" } }));
  const machine = makeMachine(t, config, { DOTVAULT_TOKEN: bao.token });
  const agent = await enrolled(machine, platform);
  await agent.stop();
  Reflect.deleteProperty(machine.home.env, "DOTVAULT_TOKEN");
  const alone = machine.run();
  await machine.until("the agent knows that nobody is logged in", (reader) => reader.fact("storeTrouble"));
  await machine.until("it is over", () => (machine.snapshot()?.context.current?.expiresAt ?? 0) < Date.now());
  const { code, out } = await machine.verb("why", "jfrog-file");
  assert.equal(code, 1);
  assert.match(
    out,
    /✗ so it is the login to Vault: the token expired .* because nobody is logged in to Vault.*\n {2}put one into ~\/\.dotvault-token/,
  );
  await alone.stop();
});
