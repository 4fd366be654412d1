import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import { createJfrogEngine } from "../../src/adapters/engines/jfrog/engine.ts";
import type { Engine, Fields, IssueResult, PollResult, Refused, Trouble } from "../../src/adapters/engines/port.ts";
import { createHttp } from "../../src/adapters/http/create.ts";
import type { Http } from "../../src/adapters/http/port.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.ts";

// The engine against the JFrog simulator: what it makes of a service that behaves, and of every way in which it may not.

const now = Date.UTC(2027, 0, 15, 8);
const hour = 3_600_000;
const day = 24 * hour;
const signal = new AbortController().signal;

const shared = createHttp();
after(() => shared.close());

/** Short waits, for the cases in which the service never answers. */
const impatient: Http = {
  send: (request) => shared.send({ ...request, timeouts: { headersMs: 60, bodyMs: 60 } }),
  close: () => shared.close(),
};

interface World {
  readonly simulator: Simulator;
  readonly engine: Required<Engine>;
  /** A pair of our own, as after an enrolment. */
  pair(ttlMs?: number): Promise<Fields>;
  engineWith(options: { ttlMs?: number; http?: Http }): Required<Engine>;
}

function scene(name: string, body: (world: World) => Promise<void>, options: SimulatorOptions = {}): void {
  test(name, { timeout: 20_000 }, async () => {
    await using simulator = await startSimulator({ clock: () => now, ...options });
    const said: string[] = [];
    const engineWith = ({ ttlMs = 60 * day, http = shared }: { ttlMs?: number; http?: Http } = {}) => {
      const settings = {
        url: simulator.url,
        tokenTtlMs: ttlMs,
        clientName: "JFrog-CLI",
        clientCode: "1",
        rotation: "refresh" as const,
      };
      return listening(createJfrogEngine({ settings, http, now: () => now }) as Required<Engine>, said);
    };
    const engine = engineWith();
    const seeded = (): Fields => ({ access_token: simulator.seed({ user: "ada" }).accessToken, url: simulator.url });
    const pair = async (ttlMs?: number): Promise<Fields> =>
      issued(
        await engineWith(ttlMs === undefined ? {} : { ttlMs }).exchange({ with: seeded(), description: "d" }, signal),
      );
    await body({ simulator, engine, pair, engineWith });
    for (const secret of simulator.secrets())
      assert.ok(!said.join("\n").includes(secret), "a secret of the service stands in a message");
  });
}

/** Writes down every message, hint and notice that the engine gives. */
function listening(engine: Required<Engine>, said: string[]): Required<Engine> {
  return new Proxy(engine, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== "function" || name === "describe" || name === "login") return value;
      return async (...input: unknown[]) => {
        const result = (await value(...input)) as Partial<Trouble> & { notices?: readonly string[] };
        said.push(result.message ?? "", result.hint ?? "", ...(result.notices ?? []));
        return result;
      };
    },
  });
}

function issued(result: IssueResult): Fields {
  assert.ok(result.kind === "issued", JSON.stringify(result));
  return result.fields;
}

function bootstrapOf(result: PollResult): Fields {
  assert.ok(result.kind === "granted", JSON.stringify(result));
  return result.bootstrap;
}

const told = (result: Refused | Trouble | { readonly kind: string }): string => {
  if ("class" in result && "sent" in result) return `trouble ${result.sent} ${result.class}`;
  return "class" in result ? `refused ${result.class}` : result.kind;
};

scene("a whole life: sign in, mint, revoke the bootstrap, rotate twice, revoke", async ({ simulator, engine }) => {
  const session = randomUUID();
  const login = new URL(engine.login(session).url);
  assert.equal(login.origin, simulator.url);
  assert.deepEqual(await engine.begin(session, signal), { kind: "registered", serverTime: now });
  assert.deepEqual(await engine.begin(session, signal), { kind: "registered", serverTime: now }, "repeated");
  assert.deepEqual(await engine.poll(session, signal), { kind: "pending", serverTime: now });
  simulator.approve(engine.login(session).code, "ada");
  const bootstrap = bootstrapOf(await engine.poll(session, signal));
  assert.equal(bootstrap.user, "ada");
  assert.ok(engine.describe(bootstrap).complete);

  const first = issued(await engine.exchange({ with: bootstrap, description: "dotvault ada@host" }, signal));
  assert.deepEqual(await engine.revoke(bootstrap, signal), { kind: "revoked", how: "revoked" });
  const facts = engine.describe(first);
  assert.deepEqual([facts.issuedAt, facts.expiresAt, facts.user], [now, now + 60 * day, "ada"]);
  const row = simulator.ledger.byId(facts.tokenId ?? "");
  assert.deepEqual([row?.description, row?.by, row?.scope], ["dotvault ada@host", "mint", "applied-permissions/user"]);

  const second = issued(await engine.refresh(first, signal));
  const third = issued(await engine.refresh(second, signal));
  assert.equal(new Set([first, second, third].map((pair) => engine.describe(pair).digest)).size, 3);
  assert.deepEqual(await engine.probe(third, signal), { kind: "alive", listed: true, serverTime: now });
  assert.equal(told(await engine.refresh(first, signal)), "refused jfrog.refused.404");
  assert.deepEqual(await engine.revoke(third, signal), { kind: "revoked", how: "revoked" });
  assert.deepEqual(await engine.probe(third, signal), { kind: "dead", serverTime: now });
});

scene("a collected session is pending or gone, as the service has it", async ({ simulator, engine }) => {
  for (const [collectedPoll, expected] of [
    [400, "pending"],
    [404, "refused jfrog.poll.gone"],
  ] as const) {
    simulator.switches.collectedPoll = collectedPoll;
    const session = randomUUID();
    await engine.begin(session, signal);
    simulator.approve(session);
    bootstrapOf(await engine.poll(session, signal));
    assert.equal(told(await engine.poll(session, signal)), expected);
    assert.equal(told(await engine.poll(randomUUID(), signal)), expected, "unknown");
  }
});

scene("every body of a pending poll is pending", async ({ simulator, engine }) => {
  for (const pendingBody of ["access", "flat", "empty", "html"] as const) {
    simulator.switches.pendingBody = pendingBody;
    const session = randomUUID();
    await engine.begin(session, signal);
    assert.equal((await engine.poll(session, signal)).kind, "pending");
  }
});

scene(
  "a proxy that blocks the poll path, and a server that is too old, are each said so",
  async ({ simulator, engine }) => {
    const session = randomUUID();
    await engine.begin(session, signal);
    for (const status of [403, 404] as const) {
      simulator.switches.pollBlocked = status;
      assert.equal(told(await engine.poll(session, signal)), "refused jfrog.poll.blocked");
    }
    simulator.switches.version = "7.63.14";
    assert.equal(told(await engine.begin(session, signal)), "refused jfrog.login.too-old");
  },
);

scene(
  "polling goes through every passing trouble and still collects the token",
  async ({ simulator, engine, engineWith }) => {
    const session = randomUUID();
    await engine.begin(session, signal);
    const once = async (expected: string, asking = engine): Promise<void> =>
      assert.equal(told(await asking.poll(session, signal)), expected);
    simulator.inject({ on: "poll", kind: "status", status: 503, body: "access" });
    await once("trouble no jfrog.http.503");
    simulator.inject({ on: "poll", kind: "status", status: 502 });
    await once("trouble maybe jfrog.html.502");
    simulator.inject({ on: "poll", kind: "status", status: 429, body: "empty", retryAfter: 9 });
    const throttled = await engine.poll(session, signal);
    assert.ok(throttled.kind === "trouble" && throttled.retryAfterMs === 9000);
    simulator.inject({ on: "poll", kind: "reset" });
    await once("trouble maybe net.reset");
    simulator.inject({ on: "poll", kind: "stall", part: "headers" });
    await once("trouble maybe net.headers-timeout", engineWith({ http: impatient }));
    simulator.clearFaults();
    simulator.approve(session);
    bootstrapOf(await engine.poll(session, signal));
  },
);

/** Every way to lose the answer to a request that the service has acted on. */
const losses = [
  ["net.reset", { kind: "reset", when: "after" }],
  ["jfrog.html.502", { kind: "status", status: 502, when: "after" }],
  ["jfrog.http.504", { kind: "status", status: 504, body: "access", when: "after" }],
  ["jfrog.html.200", { kind: "status", status: 200, when: "after" }],
  ["jfrog.html.403", { kind: "status", status: 403, when: "after" }],
  ["jfrog.truncated", { kind: "cut", where: "json" }],
  ["net.truncated", { kind: "cut", where: "connection" }],
  ["net.headers-timeout", { kind: "stall", part: "headers" }],
  ["net.body-timeout", { kind: "stall", part: "body" }],
  ["net.too-large", { kind: "huge", bytes: 2 * 1024 * 1024 }],
  ["net.too-large", { kind: "huge", bytes: 8 * 1024 * 1024, gzip: true }],
] as const;
for (const [expected, fault] of losses) {
  scene(`a rotation's answer lost as ${expected} (${fault.kind}) may have been acted on, and was`, async (world) => {
    const { simulator, engine, engineWith, pair } = world;
    const ours = await pair();
    simulator.inject({ on: "refresh", ...fault });
    const losing = fault.kind === "stall" ? engineWith({ http: impatient }) : engine;
    assert.equal(told(await losing.refresh(ours, signal)), `trouble maybe ${expected}`);
    simulator.clearFaults();
    assert.equal(told(await engine.refresh(ours, signal)), "refused jfrog.refused.404");
    assert.equal((await engine.probe(ours, signal)).kind, "dead");
  });
}

scene("what never reached the service leaves the pair as good as it was", async ({ simulator, engine, pair }) => {
  const ours = await pair();
  await simulator.offline();
  assert.equal(told(await engine.refresh(ours, signal)), "trouble no net.refused");
  await simulator.online();
  simulator.inject({ on: "refresh", kind: "status", status: 503, body: "access" });
  assert.equal(told(await engine.refresh(ours, signal)), "trouble no jfrog.http.503");
  simulator.inject({ on: "refresh", kind: "reset", when: "before" });
  assert.equal(told(await engine.refresh(ours, signal)), "trouble maybe net.reset");
  issued(await engine.refresh(ours, signal));
});

scene("after a lost answer a living access token still mints a new pair", async ({ simulator, engine, pair }) => {
  simulator.switches.oldAccessToken = "lives";
  const ours = await pair();
  simulator.inject({ on: "refresh", kind: "reset", when: "after" });
  await engine.refresh(ours, signal);
  assert.equal(told(await engine.refresh(ours, signal)), "refused jfrog.refused.404");
  assert.notEqual((await engine.probe(ours, signal)).kind, "dead");
  const fresh = issued(await engine.exchange({ with: ours, description: "again" }, signal));
  issued(await engine.refresh(fresh, signal));
});

for (const spentRefresh of [404, 401, 403] as const) {
  scene(`a spent refresh token that answers ${spentRefresh} is a refusal`, async ({ simulator, engine, pair }) => {
    simulator.switches.spentRefresh = spentRefresh;
    const ours = await pair();
    issued(await engine.refresh(ours, signal));
    assert.equal(told(await engine.refresh(ours, signal)), `refused jfrog.refused.${spentRefresh}`);
  });
}

scene("the server's cap decides the life, and a notice says so", async ({ simulator, engine, pair }) => {
  simulator.switches.capSeconds = 3600;
  const session: Fields = { access_token: simulator.seed({ user: "ada" }).accessToken, url: simulator.url };
  const result = await engine.exchange({ with: session, description: "d" }, signal);
  assert.ok(result.kind === "issued");
  assert.equal(result.facts.expiresAt, now + hour);
  assert.deepEqual(result.notices, ["asked for a token of 60 d, JFrog gave 60 min"]);
  const next = await engine.refresh(await pair(), signal);
  assert.ok(next.kind === "issued" && next.facts.expiresAt === now + hour);
});

scene("over the maximum: refused in JFrog's words, or shorter with a notice", async ({ simulator, pair }) => {
  simulator.switches.maximumSeconds = 30 * 86_400;
  simulator.switches.overMaximum = "clamp";
  assert.equal((await pair()).expires_at, new Date(now + 30 * day).toISOString().replace(".000Z", "Z"));
  simulator.switches.overMaximum = "refuse";
  await assert.rejects(pair(), /jfrog\.refused\.403/);
});

scene(
  "a service that forces refreshable off gives a good token that can't be rotated",
  async ({ simulator, engine, pair }) => {
    const ours = await pair();
    simulator.switches.refreshable = false;
    const result = await engine.refresh(ours, signal);
    assert.ok(result.kind === "issued" && result.facts.complete && !result.facts.refreshable);
    assert.deepEqual(result.notices, ["JFrog gave no refresh token: this token can't be rotated"]);
    assert.equal((await engine.probe(result.fields, signal)).kind, "alive");
  },
);

scene("reference tokens beside the access token are kept through rotations", async ({ simulator, engine, pair }) => {
  simulator.switches.referenceTokens = "always";
  const first = await pair();
  assert.ok(first.reference_token?.startsWith("cmVmdGtu"));
  simulator.switches.referenceTokens = "on-request";
  const second = issued(await engine.refresh(first, signal));
  assert.ok(second.reference_token !== undefined && second.reference_token !== first.reference_token);
});

scene("a reference token in the access token's place works all the way", async ({ simulator, engine }) => {
  for (const form of ["number", "string"] as const) {
    simulator.switches.referenceTokens = "opaque";
    simulator.switches.expiresInForm = form;
    const session = randomUUID();
    await engine.begin(session, signal);
    simulator.approve(session, "grace");
    const bootstrap = bootstrapOf(await engine.poll(session, signal));
    const result = await engine.exchange({ with: bootstrap, description: "d" }, signal);
    assert.ok(result.kind === "issued");
    assert.deepEqual(
      [result.facts.issuedAt, result.facts.expiresAt, result.fields.user],
      [now, now + 60 * day, "grace"],
    );
    assert.equal(simulator.ledger.byId(result.facts.tokenId ?? "")?.user, "grace");
    const next = issued(await engine.refresh(result.fields, signal));
    assert.equal((await engine.probe(next, signal)).kind, "alive");
    assert.deepEqual(await engine.revoke(next, signal), { kind: "revoked", how: "revoked" });
  }
});

scene("short tokens: unlisted below three hours, not revocable below six", async ({ engine, pair }) => {
  const brief = await pair(2 * hour);
  assert.equal((await engine.probe(brief, signal)).kind, "unlisted");
  const middling = await pair(5 * hour);
  assert.equal((await engine.probe(middling, signal)).kind, "alive");
  assert.deepEqual(await engine.revoke(middling, signal), { kind: "revoked", how: "not-revocable" });
});

scene("a suspension is a refusal, not a death", async ({ simulator, engine, pair }) => {
  const ours = await pair();
  simulator.switches.suspendedUsers = ["ada"];
  for (const call of [engine.probe, engine.refresh, engine.revoke])
    assert.equal(told(await call(ours, signal)), "refused jfrog.refused.403");
});

scene("an administrator's revocation is a death", async ({ simulator, engine, pair }) => {
  const ours = await pair();
  simulator.revoke(engine.describe(ours).tokenId ?? "");
  assert.equal((await engine.probe(ours, signal)).kind, "dead");
  assert.match(told(await engine.refresh(ours, signal)), /^refused jfrog\.refused\.40[14]$/);
  const again = await engine.revoke(ours, signal);
  assert.ok(again.kind === "revoked" && again.how !== "revoked", JSON.stringify(again));
});

scene(
  "a clock that is off shows in the server's time, and the lives stay the server's",
  async ({ simulator, engine, pair }) => {
    simulator.switches.clockSkewMs = -3 * day;
    const ours = await pair();
    assert.equal(engine.describe(ours).issuedAt, now - 3 * day);
    const probed = await engine.probe(ours, signal);
    assert.ok(probed.kind === "alive" && probed.serverTime === now - 3 * day);
    simulator.switches.dateHeader = false;
    assert.deepEqual(await engine.probe(ours, signal), { kind: "alive", listed: true });
  },
);

scene("the sweep finds what a lost mint has left, and nothing else", async ({ simulator, engine }) => {
  const seeded: Fields = { access_token: simulator.seed({ user: "ada" }).accessToken, url: simulator.url };
  simulator.seed({ user: "grace", description: "dotvault x" });
  await engine.exchange({ with: seeded, description: "dotvault x2" }, signal);
  simulator.inject({ on: "mint", kind: "reset", when: "after", times: 2 });
  for (let i = 0; i < 2; i++)
    assert.equal(
      told(await engine.exchange({ with: seeded, description: "dotvault x" }, signal)),
      "trouble maybe net.reset",
    );
  const kept = issued(await engine.exchange({ with: seeded, description: "dotvault x" }, signal));
  const keep = engine.describe(kept).tokenId ?? "";
  const swept = await engine.sweep({ with: kept, description: "dotvault x", keep }, signal);
  assert.ok(swept.kind === "swept");
  assert.equal(swept.revoked.length, 2);
  const left = simulator.ledger.live().filter((row) => row.description?.startsWith("dotvault") === true);
  assert.deepEqual(
    left.map((row) => [row.user, row.description]),
    [
      ["grace", "dotvault x"],
      ["ada", "dotvault x2"],
      ["ada", "dotvault x"],
    ],
  );
  assert.deepEqual(await engine.sweep({ with: kept, description: "dotvault x", keep }, signal), {
    kind: "swept",
    revoked: [],
  });
});
