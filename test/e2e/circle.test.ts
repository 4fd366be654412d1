import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { circleSnapshot } from "../../src/machines/circle/circle.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { type Child, type Machine, makeMachine } from "../support/agent-process.ts";
import { circleWish, joinCircle, startMember } from "../support/circle.ts";
import { pem } from "../support/tokens.ts";

/** The agent of a build: enrolled at the issuer, with other platforms beside it. */
async function build(t: TestContext, issuer: Simulator, settings: object): Promise<{ machine: Machine; agent: Child }> {
  const machine = makeMachine(t, JSON.stringify(circleWish(issuer, settings)));
  const agent = machine.run();
  await machine.ask("enrol", { name: "jfrog" });
  await machine.untilState("active.resting");
  return { machine, agent };
}

/** The servers in jf's file, by their address. */
function servers(machine: Machine): { url: string; serverId: string; accessToken: string }[] {
  const path = join(machine.home.directory, ".jfrog/jfrog-cli.conf.v6");
  return existsSync(path) ? JSON.parse(machine.home.read(".jfrog/jfrog-cli.conf.v6")).servers : [];
}

const urls = (machine: Machine) => servers(machine).map(({ url }) => url.replace(/\/$/, ""));

function untilServers(machine: Machine, ...members: readonly Simulator[]): Promise<unknown> {
  const wanted = members.map(({ url }) => url).sort();
  return machine.until(
    `jf knows ${wanted.join(" ") || "nobody"}`,
    () => JSON.stringify(urls(machine).sort()) === JSON.stringify(wanted),
  );
}

function verdicts(machine: Machine): Promise<Record<string, string>> {
  return machine.until("all platforms have answered", (reader) => {
    const { platforms } = circleSnapshot(reader.head("circle/jfrog")?.snapshot);
    const told = platforms.map(({ url, verdict }) => [url, verdict?.accepted === true ? "accepted" : verdict?.reason]);
    return (
      told.length > 0 &&
      told.every(([, what]) => what !== undefined) &&
      (Object.fromEntries(told) as Record<string, string>)
    );
  });
}

async function statusOf(machine: Machine) {
  const { out, code } = await machine.verb("status", "--json");
  return { code, jfrog: JSON.parse(out).enrolments[0], text: (await machine.verb("status")).out };
}

const file = (platform: { url: string }, path: string) => `${platform.url}/artifactory/libs/${path}`;

test("one build agent uploads to and downloads from two instances with one credential", async (t) => {
  const [a, b] = [await startMember(t), await startMember(t)];
  joinCircle(a, b);
  const { machine } = await build(t, a, { platforms: [b.url] });
  await untilServers(machine, a, b);
  const known = servers(machine);
  assert.equal(new Set(known.map(({ accessToken }) => accessToken)).size, 1, "one credential");
  assert.equal(new Set(known.map(({ serverId }) => serverId)).size, 2, "two names");
  for (const { url, accessToken } of known) {
    const authorization = { authorization: `Bearer ${accessToken}` };
    const place = file({ url: url.replace(/\/$/, "") }, "app.jar");
    assert.equal((await fetch(place, { method: "PUT", headers: authorization, body: `built for ${url}` })).status, 201);
    assert.equal(await (await fetch(place, { headers: authorization })).text(), `built for ${url}`);
    assert.equal((await fetch(place)).status, 401, "nobody gets in without it");
  }
  const { code, jfrog, text } = await statusOf(machine);
  assert.equal(code, 0, text);
  assert.deepEqual(
    jfrog.platforms.map(({ url, accepted }: { url: string; accepted: boolean }) => [url, accepted]),
    [[b.url, true]],
  );

  assert.match((await machine.verb("sync", "--dry-run")).err, /✓ jf: .* is current/);
  assert.doesNotMatch((await machine.verb("plan")).out, /can't be told|would change/);

  const before = known[0]?.accessToken;
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await machine.until("both have the new one", () => {
    const now = servers(machine);
    return (
      now.length === 2 && now.every(({ accessToken }) => accessToken !== before && accessToken === now[0]?.accessToken)
    );
  });
  await machine.until(
    "it was tried at B",
    () => machine.events("TRIALS_BEGUN").length === 2 && b.calls.filter(({ kind }) => kind === "version").length === 2,
  );
  assert.deepEqual(
    b.calls.filter(({ kind }) => kind === "refresh" || kind === "mint"),
    [],
    "only the issuer refreshes",
  );
  assert.deepEqual(a.ledger.stalePresentations(), []);
});

test("a certificate is removed from a platform while the agent runs, and comes back: status and files follow", async (t) => {
  const [a, b] = [await startMember(t), await startMember(t)];
  b.trust(a.rootCertificate);
  const { machine, agent } = await build(t, a, { platforms: [b.url] });
  await untilServers(machine, a, b);
  b.distrust(a.rootCertificate);
  await machine.verb("sync");
  await untilServers(machine, a);
  const { code, jfrog, text } = await statusOf(machine);
  assert.equal(code, 1);
  assert.deepEqual([jfrog.platforms[0].accepted, jfrog.platforms[0].reason], [false, "certificate"]);
  assert.match(
    text,
    /does not trust the certificate that signed the token[\s\S]*has to trust the root certificate of http/,
  );
  assert.match((await machine.verb("log", "jfrog")).out, /does not accept the token/);
  const refused = `not us: .*${b.url} does not accept it: it does not trust the certificate`;
  assert.match((await machine.verb("why", "~/.jfrog/jfrog-cli.conf.v6")).out, new RegExp(refused));
  const { enrolments } = JSON.parse((await machine.verb("why", "jfrog", "--json")).out);
  assert.deepEqual([enrolments[0].verdict.code, enrolments[0].verdict.because], ["not-us", "platform-refuses"]);
  assert.match(enrolments[0].verdict.hint, /has to trust the root certificate/);
  assert.ok(agent.running);
  b.trust(a.rootCertificate);
  await machine.verb("sync");
  await untilServers(machine, a, b);
  assert.equal((await statusOf(machine)).code, 0);
});

test("all other platforms are taken out of the configuration: files keep the issuer, and whatever else is not `.platforms`", async (t) => {
  const [a, b] = [await startMember(t), await startMember(t)];
  joinCircle(a, b);
  const dump = { name: "all", vault_key: "jfrog", target: { path: "~/all.json", format: "json" } };
  const wish = (settings: object) => {
    const all = circleWish(a, settings) as { rules: object[] };
    return JSON.stringify({ ...all, rules: [...all.rules, dump] });
  };
  const machine = makeMachine(t, wish({ platforms: [b.url] }));
  const agent = machine.run();
  await machine.ask("enrol", { name: "jfrog" });
  await untilServers(machine, a, b);
  machine.home.configure(wish({}));
  assert.doesNotMatch((await machine.verb("plan")).out, /can't be told/);
  const { out } = await machine.verb("sync", "--dry-run");
  assert.doesNotMatch(out, /"servers": \[\]/, out);
  agent.signal("SIGHUP");
  await untilServers(machine, a);
  assert.deepEqual(servers(machine).length, 1);
  assert.equal(JSON.parse(machine.home.read("all.json")).platforms, undefined, "the secret's fields, as they are");
  const { code, text } = await statusOf(machine);
  assert.equal(code, 0, text);
});

test("the configuration names another issuer: until somebody signs in there, no file shows it the old one's token", async (t) => {
  const [a, b, c] = [await startMember(t), await startMember(t), await startMember(t)];
  joinCircle(a, b);
  const { machine, agent } = await build(t, a, { platforms: [b.url] });
  await untilServers(machine, a, b);
  machine.home.configure(JSON.stringify(circleWish(c, { platforms: [b.url] })));
  agent.signal("SIGHUP");
  await machine.untilState("active.moved");
  assert.equal((await machine.verb("sync")).code, 0);
  assert.match((await machine.verb("sync", "--dry-run")).err, /✓ jf: .* is current/);
  assert.deepEqual(urls(machine).sort(), [a.url, b.url].sort());
  const { text } = await statusOf(machine);
  assert.doesNotMatch(text, /could not be asked|tried again/, "and it is no trouble of the other platform's");
  assert.deepEqual(c.calls, []);
});

test("three instances: two-way, one-way and not at all; each refusal has its own reason", async (t) => {
  const users = [{ name: "grace", groups: ["readers"] }];
  const [a, b, c, d] = [
    await startMember(t),
    await startMember(t),
    await startMember(t, {}, users),
    await startMember(t),
  ];
  joinCircle(a, b);
  c.trust(a.rootCertificate);
  a.trust(d.rootCertificate);
  const { machine } = await build(t, a, { platforms: [b.url, c.url, d.url] });
  assert.deepEqual(await verdicts(machine), { [b.url]: "accepted", [c.url]: "user", [d.url]: "certificate" });
  await untilServers(machine, a, b);
  c.users.set("ada", { name: "ada" });
  d.trust(a.rootCertificate);
  await machine.verb("sync");
  await untilServers(machine, a, b, c, d);
});

test("a revocable token, a token of another audience and a reference token do not cross, and that is told", async (t) => {
  const [a, b] = [await startMember(t), await startMember(t)];
  joinCircle(a, b);
  const long = await build(t, a, { platforms: [b.url], token_ttl: "7d" });
  assert.deepEqual(await verdicts(long.machine), { [b.url]: "revocable" });
  const narrow = await build(t, a, { platforms: [b.url], audience: `jfac@* jfrt@${a.id}` });
  assert.deepEqual(await verdicts(narrow.machine), { [b.url]: "audience" });
  const shown = b.calls.length;
  a.switches.referenceTokens = "opaque";
  const opaque = await build(t, a, { platforms: [b.url] });
  assert.deepEqual(await verdicts(opaque.machine), { [b.url]: "reference-token" });
  assert.equal(b.calls.length, shown, "a reference token is shown to nobody but its issuer");
  const { text } = await statusOf(opaque.machine);
  assert.match(text, /a reference token counts at its issuer alone/);
});

test("a dead platform and a slow one delay nothing, and are told", async (t) => {
  const [a, b, c] = [await startMember(t), await startMember(t), await startMember(t)];
  joinCircle(a, b, c);
  await b.offline();
  const held = c.inject({ on: "version", kind: "hold", when: "before" });
  const { machine } = await build(t, a, { platforms: [b.url, c.url] });
  await held.struck();
  await untilServers(machine, a);
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0, "a rotation goes on meanwhile");
  const failing = await machine.until("B's trouble is told", (reader) => {
    const { platforms } = circleSnapshot(reader.head("circle/jfrog")?.snapshot);
    return platforms.find(({ url }) => url === b.url)?.failure?.class;
  });
  assert.equal(failing, "net.refused");
  assert.match((await statusOf(machine)).text, /no connection/);
  await b.online();
  c.clearFaults();
  await machine.verb("sync");
  await untilServers(machine, a, b, c);
});

test("killed while a platform is asked: the next start asks again", async (t) => {
  const [a, b] = [await startMember(t), await startMember(t)];
  joinCircle(a, b);
  const held = b.inject({ on: "version", kind: "hold", when: "before" });
  const { machine, agent } = await build(t, a, { platforms: [b.url] });
  await held.struck();
  await agent.kill();
  b.clearFaults();
  const [begun] = machine.events("TRIALS_BEGUN");
  assert.deepEqual(
    begun?.intents.map(({ kind, subject }) => [kind, subject]),
    [["tryPlatform", b.url]],
  );
  machine.run();
  await untilServers(machine, a, b);
  assert.equal(machine.events("TRIALS_BEGUN").length, 1);
  assert.equal(machine.events("PLATFORM_TRIED")[0]?.closes, begun?.intents[0]?.id, "the outcome closes the intent");
});

test("killed again and again while platforms join and leave: the file is always whole, of one token, its issuer first", async (t) => {
  const [a, b, c] = [await startMember(t), await startMember(t), await startMember(t)];
  joinCircle(a, b, c);
  const { machine, agent: first } = await build(t, a, { platforms: [b.url] });
  await untilServers(machine, a, b);
  let agent = first;
  const circles = [[], [b, c], [c], [b], [c, b], []];
  for (const [kill, others] of circles.entries()) {
    const before = machine.events("CIRCLE_CONFIGURED").length;
    const settings = others.length === 0 ? {} : { platforms: others.map(({ url }) => url) };
    machine.home.configure(JSON.stringify(circleWish(a, settings)));
    agent.signal("SIGHUP");
    // From the first word of it on, a little later each time.
    await machine.until("it is told", () => machine.events("CIRCLE_CONFIGURED").length > before);
    for (let looks = 0; looks < kill; looks++) machine.snapshot();
    await agent.kill();
    const known = servers(machine);
    assert.equal(known[0]?.url, `${a.url}/`, `kill ${kill}`);
    assert.equal(new Set(known.map(({ accessToken }) => accessToken)).size, 1, `kill ${kill}`);
    const starts = machine.events("AGENT_STARTED").length;
    agent = machine.run();
    await machine.until("it runs", () => machine.events("AGENT_STARTED").length > starts);
    await untilServers(machine, a, ...others);
  }
  assert.deepEqual(a.ledger.stalePresentations(), []);
});

test("trusted certificates come and go while the agent runs: status tells which one vouches, and nothing is deleted", async (t) => {
  const [a, b] = [await startMember(t), await startMember(t)];
  const machine = makeMachine(t, JSON.stringify(circleWish(a, { trusted_certificates: ["~/trust"] })));
  const own = machine.home.put("trust/a.pem", pem(Buffer.from(a.rootCertificate, "base64")));
  machine.home.put("trust/b", b.rootCertificate);
  const agent = machine.run();
  await machine.ask("enrol", { name: "jfrog" });
  const trust = () =>
    machine.until("a verdict", (reader) => circleSnapshot(reader.head("circle/jfrog")?.snapshot).trust ?? undefined);
  const first = await trust();
  assert.equal(first?.certificate?.keyId, a.kid, first?.message ?? "");
  const well = await statusOf(machine);
  assert.equal(well.code, 0, well.text);
  assert.match(well.text, new RegExp(`vouched for by jfac@${a.id}`));
  assert.equal(well.jfrog.trust.certificate.source, own);

  rmSync(own);
  await machine.until("nobody vouches", (reader) => {
    return circleSnapshot(reader.head("circle/jfrog")?.snapshot).trust?.certificate === null;
  });
  const sick = await statusOf(machine);
  assert.deepEqual([sick.code, sick.jfrog.trust.reason, sick.jfrog.situation], [1, "signature", "active"]);
  assert.match(sick.text, /none of 1 trusted certificates vouches for it[\s\S]*nothing is deleted/);
  assert.equal(machine.snapshot()?.context.current?.stored?.version, 1);
  assert.deepEqual(urls(machine), [a.url], "the file keeps it");

  writeFileSync(own, pem(Buffer.from(a.rootCertificate, "base64")));
  await machine.until("it vouches again", (reader) => {
    return circleSnapshot(reader.head("circle/jfrog")?.snapshot).trust?.certificate?.keyId === a.kid;
  });
  assert.ok(agent.running, "without a restart");
});
