import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, type TestContext, test } from "node:test";
import { fromHere } from "../../src/simulator/admin.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { defaultSwitches, type Switches } from "../../src/simulator/switches.ts";
import { client, tokensOf } from "./simulator-client.ts";

/** For every switch a value that is not its default. */
const OTHERS: Switches = {
  version: "7.63.14",
  pendingBody: "html",
  collectedPoll: 404,
  pollBlocked: 403,
  pollUsername: false,
  bootstrapSeconds: 60,
  sessionSeconds: 5,
  autoApprove: "grace",
  defaultSeconds: 10,
  maximumSeconds: 20,
  overMaximum: "clamp",
  capSeconds: 6,
  refreshable: false,
  referenceTokens: "opaque",
  audienceForm: "array",
  expiresInForm: "string",
  refreshNeedsBearer: true,
  refreshLifetime: "default",
  oldAccessToken: { lagMs: 100 },
  spentRefresh: 401,
  graceSeconds: 0,
  storedFromSeconds: 0,
  revocableFromSeconds: 0,
  foreignRevocable: true,
  suspendedUsers: ["ada"],
  lockAfter: 3,
  clockSkewMs: -5,
  dateSkewMs: 5,
  dateHeader: false,
  versionNeedsToken: true,
};

async function fixture() {
  const simulator = await startSimulator();
  const http = client(simulator.url);
  return { simulator, http, [Symbol.asyncDispose]: () => simulator.close() };
}

describe("the admin path", () => {
  test("sets every switch, one by one, and the instance has it at once", async () => {
    await using it = await fixture();
    for (const [name, value] of Object.entries(OTHERS)) {
      assert.notDeepEqual(value, defaultSwitches()[name as keyof Switches], name);
      assert.equal((await it.http.sendJson("PATCH", "/simulator/switches", { [name]: value })).status, 200, name);
    }
    assert.deepEqual(it.simulator.switches, OTHERS);
    assert.deepEqual((await it.http.get("/simulator/switches")).json, OTHERS);
  });

  test("replaces all switches by PUT: those left out are back at their defaults", async () => {
    await using it = await fixture();
    it.simulator.switches.capSeconds = 4;
    await it.http.sendJson("PUT", "/simulator/switches", { lockAfter: 9 });
    assert.deepEqual(it.simulator.switches, { ...defaultSwitches(), lockAfter: 9 });
  });

  test("refuses an unknown switch and a wrong value, and changes nothing then", async () => {
    await using it = await fixture();
    for (const wrong of [{ capSeconds: 5, nonsense: 1 }, { capSeconds: "5" }, []]) {
      const { status, text } = await it.http.sendJson("PATCH", "/simulator/switches", wrong);
      assert.equal(status, 400, text);
    }
    assert.deepEqual(it.simulator.switches, defaultSwitches());
  });

  test("approves and denies logins, revokes pairs, and trusts another instance", async () => {
    await using it = await fixture();
    await using other = await startSimulator();
    const [first, second] = [randomUUID(), randomUUID()];
    await it.http.register(first);
    await it.http.sendJson("POST", "/simulator/deny", {});
    await it.http.register(second);
    assert.equal((await it.http.sendJson("POST", "/simulator/approve", { user: "grace" })).status, 200);
    assert.equal((await it.http.sendJson("POST", "/simulator/approve", {})).status, 400);
    assert.equal((await it.http.poll(first)).status, 400);
    const { access, tokenId } = tokensOf(await it.http.poll(second));
    assert.equal((await it.http.sendJson("POST", "/simulator/revoke", { tokenId })).status, 200);
    assert.equal((await it.http.show(access)).status, 401);
    const foreign = other.seed({ user: "ada", seconds: 3600 }).accessToken;
    const certificate = { certificate: other.rootCertificate };
    await it.http.sendJson("POST", "/simulator/trust", certificate);
    assert.equal((await it.http.mint(foreign)).status, 200);
    await it.http.sendJson("POST", "/simulator/distrust", certificate);
    assert.equal((await it.http.mint(foreign)).status, 401);
  });

  test("injects, lists, releases and clears faults", async () => {
    await using it = await fixture();
    const held = await it.http.sendJson("POST", "/simulator/faults", { on: "ping", kind: "hold" });
    const pending = it.http.get("/access/api/v1/system/ping");
    await it.simulator.waitFor("ping");
    await it.http.sendJson("POST", "/simulator/release", { id: held.json.id });
    assert.equal((await pending).status, 200);
    await it.http.sendJson("POST", "/simulator/faults", { on: "ping", kind: "status", status: 503, times: "always" });
    assert.equal((await it.http.get("/access/api/v1/system/ping")).status, 503);
    assert.match((await it.http.get("/simulator/faults")).text, /"hits":1.*"hits":1/);
    await it.http.send("/simulator/faults", { method: "DELETE" });
    assert.equal((await it.http.get("/access/api/v1/system/ping")).status, 200);
    assert.equal((await it.http.sendJson("POST", "/simulator/faults", { on: "ping" })).status, 400);
  });

  test("is no part of the call log, and has no other verbs", async () => {
    await using it = await fixture();
    assert.equal((await it.http.get("/simulator/secrets")).status, 404);
    assert.equal(it.simulator.calls.length, 0);
  });

  test("is for loopback addresses and hosts only, and for no page of another site", () => {
    const url = "http://127.0.0.1:4000";
    const allowed = (address: string, headers: Record<string, string>) => fromHere({ headers }, address, url);
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
      assert.ok(allowed(address, { host: "localhost:4000" }), address);
    assert.ok(allowed("127.0.0.1", { host: "127.0.0.1:4000", origin: url }));
    assert.ok(!allowed("192.168.1.7", { host: "127.0.0.1:4000" }));
    assert.ok(!allowed("127.0.0.1", { host: "evil.example:4000" }));
    assert.ok(!allowed("127.0.0.1", { host: "127.0.0.1:4000", origin: "http://evil.example" }));
    assert.ok(!allowed("127.0.0.1", {}));
  });
});

describe("secrets", () => {
  test("are all known in the process, and none of them is in the ledger or the call log, over HTTP or not", async () => {
    await using it = await fixture();
    const session = randomUUID();
    await it.http.register(session);
    await it.http.get(`/ui/login?jfClientSession=${session}&jfClientName=x&jfClientCode=1`);
    it.simulator.approve();
    const bootstrap = tokensOf(await it.http.poll(session));
    const pair = tokensOf(await it.http.mint(bootstrap.access, { refreshable: true, include_reference_token: true }));
    const fresh = tokensOf(await it.http.refresh(pair));
    await it.http.revoke(bootstrap.access);
    await it.http.show("a-token-that-nobody-issued");
    const secrets = it.simulator.secrets();
    const tokens = [bootstrap, pair, fresh].flatMap(({ access, refresh }) => [access, refresh]);
    for (const secret of [session, ...tokens, pair.reference, "a-token-that-nobody-issued"])
      assert.ok(secrets.includes(secret));
    const shown = [
      JSON.stringify(it.simulator.ledger),
      JSON.stringify(it.simulator.calls),
      (await it.http.get("/simulator/ledger")).text,
      (await it.http.get("/simulator/calls")).text,
    ];
    for (const text of shown) {
      assert.ok(text.length > 500);
      for (const secret of secrets) assert.ok(!text.includes(secret));
    }
  });
});

describe("as a process of its own", () => {
  async function start(context: TestContext, ...args: string[]): Promise<{ child: ChildProcess; url: string }> {
    const child = spawn(process.execPath, ["src/simulator/main.ts", ...args], { stdio: ["pipe", "pipe", "inherit"] });
    context.after(() => child.kill("SIGKILL"));
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    return { child, url: (JSON.parse(String(line)) as { url: string }).url };
  }

  test("it prints its url, has the switches of its command line, and ends on SIGTERM with 0", async (context) => {
    const { child, url } = await start(context, "--port", "0", "--switches", '{"capSeconds":4}');
    assert.match((await client(url).get("/simulator/switches")).text, /"capSeconds":4/);
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });

  test("it ends when its starter does: when stdin closes", async (context) => {
    const { child } = await start(context);
    child.stdin?.end();
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
});
