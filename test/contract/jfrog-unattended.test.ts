import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createJfrogEngine, type JfrogDeps } from "../../src/adapters/engines/jfrog/engine.ts";
import type { LoginWay } from "../../src/adapters/engines/jfrog/login-way.ts";
import type { Engine, IssueResult } from "../../src/adapters/engines/port.ts";
import type { TokenSource } from "../../src/adapters/engines/token-source.ts";
import { createHttp } from "../../src/adapters/http/create.ts";
import { DotvaultError } from "../../src/errors.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { ciSystem } from "../support/id-token.ts";

// Logins without a person, against the platform over HTTP.

const http = createHttp();
after(() => http.close());
const { signal } = new AbortController();
const ci = ciSystem();
const source: TokenSource = { from: "env", name: "CI_TOKEN" };
const byToken: LoginWay = { by: "token", source };
const byIdToken: LoginWay = { by: "oidc", provider: "github", source };

interface Scene {
  readonly simulator: Simulator;
  readonly engine: (login: LoginWay, token: () => string, asks?: Partial<JfrogDeps["settings"]>) => Engine;
}

function scene(name: string, play: (scene: Scene) => Promise<void>): void {
  test(name, async () => {
    await using simulator = await startSimulator({ identityProviders: [ci.provider] });
    const settings = {
      url: simulator.url,
      tokenTtlMs: 864e5,
      clientName: "x",
      clientCode: "1",
      rotation: "refresh" as const,
    };
    await play({
      simulator,
      engine: (login, token, asks = {}) =>
        createJfrogEngine({
          settings: { ...settings, ...asks, login },
          http,
          now: Date.now,
          readToken: async () => token(),
        }),
    });
  });
}

function issued(result: IssueResult) {
  assert.ok(result.kind === "issued", JSON.stringify(result));
  return result;
}

const refusal = (result: IssueResult) => {
  assert.ok(result.kind === "refused", JSON.stringify(result));
  return `${result.status} ${result.class} | ${result.message} | ${result.hint ?? ""}`;
};

scene(
  "an administrator's token becomes a scoped pair of another user; itself it is left alone",
  async ({ simulator, engine }) => {
    const admin = simulator.seed({ user: "admin" });
    const asks = { username: "grace", scope: "artifact:libs/*:r", audience: "jfrt@* jfac@*" };
    const ours = engine(byToken, () => admin.accessToken, asks);
    assert.deepEqual(
      [ours.traits.person, ours.unattended, ours.begin, ours.poll, ours.login],
      [false, true, undefined, undefined, undefined],
    );
    const { facts, fields } = issued(await ours.exchange({ description: "dotvault ci" }, signal));
    const row = simulator.ledger.byId(facts.tokenId ?? "");
    assert.deepEqual(
      [row?.user, row?.scope, row?.description, row?.parent],
      ["grace", asks.scope, "dotvault ci", admin.pair.tokenId],
    );
    assert.equal(simulator.ledger.byId(admin.pair.tokenId)?.state, "live");
    issued(await (ours as Required<Engine>).refresh(fields, signal));
    assert.ok(!JSON.stringify([facts, fields]).includes(admin.accessToken));
  },
);

scene("with a pair in its hand it mints with that, and reads no token", async ({ simulator, engine }) => {
  const pair = { access_token: simulator.seed({ user: "ada" }).accessToken, url: simulator.url };
  const ours = engine(byToken, () => assert.fail("nobody asked for it"));
  assert.equal(issued(await ours.exchange({ with: pair, description: "d" }, signal)).facts.user, "ada");
});

scene("where a scoped pair may not mint the next one, the source does", async ({ simulator, engine }) => {
  const admin = simulator.seed({ user: "admin" });
  const asks = { username: "grace", rotation: "remint" as const, projectKey: "web" };
  const ours = engine(byToken, () => admin.accessToken, asks);
  const first = issued(await ours.exchange({ description: "d" }, signal));
  const second = issued(await ours.exchange({ with: first.fields, description: "d" }, signal));
  assert.equal(simulator.ledger.byId(second.facts.tokenId ?? "")?.parent, admin.pair.tokenId);
  const gone = engine(byToken, () => "no longer\nthere", asks);
  assert.match(refusal(await gone.exchange({ with: first.fields, description: "d" }, signal)), /^403 .*project/);
});

scene("an ID token becomes a pair; the token in between is revoked", async ({ simulator, engine }) => {
  const ours = engine(byIdToken, () => ci.idToken("ada"), {
    scope: "applied-permissions/groups:readers",
    tokenTtlMs: 36e5,
  });
  simulator.switches.revocableFromSeconds = 0;
  const { facts, fields } = issued(await ours.exchange({ description: "d" }, signal));
  const [between, pair] = simulator.ledger.pairs;
  assert.deepEqual([between?.by, between?.state], ["oidc", "revoked"]);
  assert.deepEqual(
    [pair?.tokenId, pair?.parent, pair?.scope],
    [facts.tokenId, between?.tokenId, "applied-permissions/groups:readers"],
  );
  assert.ok(fields.refresh_token);
});

scene("where the exchanged token may not mint, it serves itself, and says so", async ({ simulator, engine }) => {
  simulator.inject({ on: "mint", kind: "status", status: 403, body: "access", times: 2 });
  const { facts, notices } = issued(
    await engine(byIdToken, () => ci.idToken("ada")).exchange({ description: "d" }, signal),
  );
  assert.equal(facts.refreshable, false);
  assert.match(notices.join(), /issues no token to the one that it gave for the ID token/);
  const narrower = { scope: "artifact:libs:r" };
  const told = refusal(
    await engine(byIdToken, () => ci.idToken("ada"), narrower).exchange({ description: "d" }, signal),
  );
  assert.match(told, /^403 .*asked for by scope: artifact:libs:r/, "never a wider one than was asked for");
});

scene("every refusal says what to do, and repeats no token", async ({ simulator, engine }) => {
  const expired = () => ci.idToken("ada", { exp: 1 });
  const unknown: LoginWay = { ...byIdToken, provider: "gitlab" };
  const revoked = simulator.seed({ user: "admin" });
  simulator.revoke(revoked.pair.tokenId);
  const unset = () => {
    throw new DotvaultError("source.env", "the variable CI_TOKEN is not set", { hint: "in a pipeline: …" });
  };
  const rows: [LoginWay, () => string, RegExp][] = [
    [byIdToken, expired, /^401 .* the ID token of the variable CI_TOKEN: is its audience the integration's/],
    [byIdToken, () => ci.idToken("ada", { aud: "other" }), /^401 /],
    [byIdToken, () => ci.idToken("nobody"), /^403 .*no identity mapping of github takes this job/],
    [unknown, () => ci.idToken("ada"), /^404 .*provider_name: gitlab: is there an OIDC integration/],
    [byToken, () => revoked.accessToken, /^401 .*the variable CI_TOKEN holds a token that JFrog does not accept/],
    [byToken, () => "two lines\nof text", /^0 jfrog\.login\.no-token .*holds no token/],
    [byToken, unset, /^0 jfrog\.login\.no-token \| the variable CI_TOKEN is not set \| in a pipeline/],
  ];
  for (const [way, token, expected] of rows) {
    const told = refusal(await engine(way, token).exchange({ description: "d" }, signal));
    assert.match(told, expected);
    for (const secret of simulator.secrets()) assert.ok(!told.includes(secret));
  }
});

scene("what passes is trouble: the whole is tried again", async ({ simulator, engine }) => {
  for (const on of ["oidc", "mint"] as const) {
    simulator.inject({ on, kind: "status", status: 503, body: "access" });
    const result = await engine(byIdToken, () => ci.idToken("ada")).exchange({ description: "d" }, signal);
    assert.equal(result.kind, "trouble");
  }
  issued(await engine(byIdToken, () => ci.idToken("ada")).exchange({ description: "d" }, signal));
});
