import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Asks } from "../../src/adapters/engines/jfrog/asks.ts";
import { createJfrogEngine } from "../../src/adapters/engines/jfrog/engine.ts";
import type { Engine, Fields, IssueResult } from "../../src/adapters/engines/port.ts";
import { createHttp } from "../../src/adapters/http/create.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";

// What the settings ask of JFrog, seen from the platform's ledger; and which setting is to blame when it refuses.

const http = createHttp();
after(() => http.close());
const { signal } = new AbortController();
const DAY = 86_400_000;
const USERS = [
  { name: "ada", groups: ["readers", "my team"], projects: ["web"] },
  { name: "grace" },
  { name: "admin", admin: true },
];

interface Scene {
  readonly simulator: Simulator;
  engine(asks?: Asks & { tokenTtlMs?: number; rotation?: "refresh" | "remint" }): Required<Engine>;
  as(user: string): Fields;
}

function scene(name: string, play: (scene: Scene) => Promise<void>): void {
  test(name, async () => {
    await using simulator = await startSimulator({ users: USERS });
    const basics = {
      url: simulator.url,
      tokenTtlMs: DAY,
      clientName: "x",
      clientCode: "1",
      rotation: "refresh" as const,
    };
    await play({
      simulator,
      engine: (asks = {}) =>
        createJfrogEngine({ settings: { ...basics, ...asks }, http, now: Date.now }) as Required<Engine>,
      as: (user) => ({ access_token: simulator.seed({ user }).accessToken, url: simulator.url }),
    });
  });
}

function issued(result: IssueResult) {
  assert.ok(result.kind === "issued", JSON.stringify(result));
  return result;
}

scene(
  "every setting reaches the platform, and the token's facts tell what was granted",
  async ({ simulator, engine, as }) => {
    const asks = {
      scope: 'applied-permissions/groups:readers,"my team" artifact:libs/a/*:r,w',
      audience: "jfrt@* jfac@*",
      forceRevocable: true,
      referenceToken: true,
      tokenTtlMs: 3_600_000,
    };
    const { fields, facts, notices } = issued(
      await engine(asks).exchange({ with: as("ada"), description: "d" }, signal),
    );
    const row = simulator.ledger.byId(facts.tokenId ?? "");
    assert.equal(row?.scope, asks.scope);
    assert.deepEqual(row?.audience, ["jfrt@*", "jfac@*"]);
    assert.deepEqual([row?.forceRevocable, row?.stored, row?.description], [true, true, "d"]);
    assert.equal(fields.reference_token?.length, 64);
    assert.equal(facts.scope, 'applied-permissions/groups:"my team",readers artifact:libs/a/*:rw');
    assert.equal(facts.audience, "jfac@* jfrt@*");
    assert.deepEqual(notices, []);
  },
);

scene(
  "a reference token is asked for again at each refresh, and no more once the setting says so",
  async ({ engine, as }) => {
    const first = issued(
      await engine({ referenceToken: true }).exchange({ with: as("ada"), description: "d" }, signal),
    );
    const second = issued(await engine({ referenceToken: true }).refresh(first.fields, signal));
    assert.ok(second.fields.reference_token && second.fields.reference_token !== first.fields.reference_token);
    const third = issued(await engine().refresh(second.fields, signal));
    assert.ok(third.fields.reference_token, "where the setting is silent, what was there is asked for again");
    const reminted = await engine({ referenceToken: true }).exchange({ with: third.fields, description: "d" }, signal);
    assert.ok(issued(reminted).fields.reference_token, "nor does a mint forget it");
    const last = issued(await engine({ referenceToken: false }).refresh(third.fields, signal));
    assert.equal(last.fields.reference_token, undefined);
    assert.deepEqual(last.notices, []);
  },
);

scene(
  "a token that is not for Access counts as one that can't be rotated, and its revocation as impossible",
  async ({ engine, as }) => {
    const { fields, facts, notices } = issued(
      await engine({ audience: "jfrt@*" }).exchange({ with: as("ada"), description: "d" }, signal),
    );
    assert.ok(fields.refresh_token, "JFrog gives one all the same");
    assert.equal(facts.refreshable, false);
    assert.deepEqual(notices, ["its audience leaves out jfac@*: this token can neither be rotated nor revoked"]);
    assert.deepEqual(await engine().revoke(fields, signal), { kind: "revoked", how: "not-revocable" });
  },
);

scene(
  "a token of another user, for an administrator; of a project, for the project's",
  async ({ simulator, engine, as }) => {
    const other = issued(await engine({ username: "grace" }).exchange({ with: as("admin"), description: "d" }, signal));
    assert.equal(other.facts.user, "grace");
    const roles = { scope: "applied-permissions/roles:web:Developer", projectKey: "web" };
    const { facts } = issued(await engine(roles).exchange({ with: as("ada"), description: "d" }, signal));
    assert.equal(simulator.ledger.byId(facts.tokenId ?? "")?.scope, roles.scope);
  },
);

const refusals: readonly [
  what: string,
  user: string,
  asks: Parameters<Scene["engine"]>[0],
  status: number,
  hint: RegExp,
][] = [
  [
    "groups of others",
    "grace",
    { scope: "applied-permissions/groups:readers" },
    403,
    /^asked for by scope: .*groups:readers: who is no administrator can name only groups that they are in$/,
  ],
  [
    "an administrator's rights",
    "ada",
    { scope: "applied-permissions/admin" },
    403,
    /only an administrator gets an administrator's token/,
  ],
  [
    "another project's roles",
    "ada",
    { scope: "applied-permissions/roles:app:Dev" },
    403,
    /it takes an administrator of that project/,
  ],
  ["another project", "ada", { projectKey: "app" }, 403, /^asked for by project_key: app: its own administrators/],
  ["another user", "ada", { username: "grace" }, 403, /^asked for by username: grace: only an administrator/],
  ["too long a life", "ada", { tokenTtlMs: 400 * DAY }, 403, /^asked for by token_ttl: 400 d: ask for less$/],
];
for (const [what, user, asks, expected, hint] of refusals) {
  scene(`a refusal of ${what} names the setting that caused it`, async ({ engine, as }) => {
    const result = await engine(asks).exchange({ with: as(user), description: "d" }, signal);
    assert.ok(result.kind === "refused", JSON.stringify(result));
    assert.equal(result.status, expected);
    assert.match(result.hint ?? "", hint);
  });
}

scene("a refusal without a word about why names all that was asked for", async ({ simulator, engine, as }) => {
  const asks = { scope: "applied-permissions/user", audience: "jfac@*", projectKey: "web" };
  simulator.inject({ on: "mint", kind: "status", status: 403, body: "access" });
  const result = await engine(asks).exchange({ with: as("ada"), description: "d" }, signal);
  assert.ok(result.kind === "refused", JSON.stringify(result));
  assert.equal(result.hint, "asked for with scope: applied-permissions/user, audience: jfac@*, project_key: web");
});
