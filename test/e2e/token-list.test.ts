import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Simulator } from "../../src/simulator/simulator.ts";
import type { TokenListReport } from "../../src/terminal/token/list.ts";
import { enrolled, type Machine, makeMachine, startPlatform, stateOf, untilSettled } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

async function listed(
  machine: Machine,
  ...args: string[]
): Promise<{ tokens: TokenListReport[]; notes: string[]; code: number | null }> {
  const { out, err, code } = await machine.verb("token", "list", "--json", ...args);
  assert.ok(out.startsWith("{"), err);
  return { ...JSON.parse(out), code };
}

const standings = (tokens: readonly TokenListReport[]) => tokens.map(({ tokenId, standing }) => [tokenId, standing]);

async function enrolledMachine(t: TestContext, settings: object = {}) {
  const platform = await startPlatform(t);
  const enrolments = { jfrog: { engine: "jfrog", settings: { url: platform.url, ...settings } } };
  const machine = makeMachine(t, configText(jfrogWish(platform.url, { enrolments })));
  const agent = await enrolled(machine, platform);
  return { platform, machine, agent };
}

/** By whom a pair came into the world, as the journal has to know it. */
const HOW: Readonly<Record<string, string>> = { login: "signed-in", mint: "minted", refresh: "rotated" };

function agreesWithLedger(tokens: readonly TokenListReport[], { ledger }: Simulator): void {
  const ours = ledger.pairs.filter(({ by }) => by !== "seed");
  assert.deepEqual(
    tokens.filter(({ how }) => how !== null).map(({ tokenId, how }) => [tokenId, how]),
    ours.map(({ tokenId, by }) => [tokenId, HOW[by]]),
  );
  for (const pair of ours) {
    const line = tokens.find(({ tokenId }) => tokenId === pair.tokenId);
    assert.equal(line?.revokedAt !== null, pair.state === "revoked", `${pair.by} ${pair.state}`);
    assert.equal(line?.standing === "in-use", pair.state === "live", `${pair.by} ${pair.state}`);
    if (pair.successor !== null) assert.equal(line?.supersededBy, pair.successor);
  }
}

test("token list: every token of the history agrees with the service's ledger; offline, and after the agent has ended", async (t) => {
  const { platform, machine, agent } = await enrolledMachine(t);
  for (let rotations = 0; rotations < 2; rotations++) {
    assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
    await untilSettled(machine, platform);
  }
  await agent.stop();
  for (const args of [[], ["--offline"]]) {
    const { tokens, notes, code } = await listed(machine, ...args);
    assert.deepEqual([code, notes], [0, []]);
    agreesWithLedger(tokens, platform);
    assert.deepEqual(
      tokens.map(({ standing }) => standing),
      ["revoked", "to-be-revoked", "to-be-revoked", "in-use"],
    );
    assert.equal(tokens.at(-1)?.listed, args.length === 0 ? true : null);
  }
  const { out } = await machine.verb("token", "list");
  assert.match(out, /^○ \S+ {2}revoked +jfrog · sign-in .* · superseded by \S+ · revoked \d/m);
  assert.match(out, /^✓ \S+ {2}in use +jfrog · rotated .* · ends .* · the service lists it$/m);
  for (const secret of platform.secrets())
    assert.ok(!out.includes(secret) || platform.ledger.byId(secret), "no token is shown");

  await platform.offline();
  const away = await listed(machine);
  assert.deepEqual([away.tokens.length, away.notes.length, away.code], [4, 1, 0]);
});

test("token revoke --orphans: what an unanswered mint left is revoked; what others use, and what is younger, is not", async (t) => {
  const { platform, machine, agent } = await enrolledMachine(t);
  const description = platform.ledger.live()[0]?.description ?? "";
  const seed = (more: object) => platform.seed({ user: "ada", ...more }).pair;
  const orphan = seed({ description });
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  const foreign = seed({ description: "by hand" });
  const other = seed({ description: "dotvault ada@other jfrog #1" });
  const [current] = platform.ledger.pairs.filter(({ by, state }) => by === "refresh" && state === "live");
  const younger = seed({ description });
  Object.assign(younger, { issuedAt: (current?.issuedAt ?? 0) + 60_000 });

  const { tokens, code } = await listed(machine);
  const known = new Map(tokens.map(({ tokenId, standing }) => [tokenId, standing]));
  assert.deepEqual(
    [orphan, foreign, other, younger, current].map((pair) => known.get(pair?.tokenId ?? "")),
    ["orphan", "foreign", "elsewhere", "elsewhere", "in-use"],
  );
  assert.equal(code, 1, "something is left over");
  assert.equal(tokens.find(({ tokenId }) => tokenId === other.tokenId)?.machine, "ada@other");

  const shown = await machine.verb("token", "revoke", "--orphans", "--dry-run");
  assert.deepEqual([shown.code, shown.out, orphan.state], [0, `${orphan.tokenId} (jfrog) would be revoked\n`, "live"]);
  const done = await machine.verb("token", "revoke", "--orphans");
  assert.deepEqual([done.code, done.err], [0, `✓ ${orphan.tokenId} revoked\n`]);
  assert.deepEqual(
    [orphan, foreign, other, younger, current].map((pair) => pair?.state),
    ["revoked", "live", "live", "live", "live"],
  );
  assert.equal((await machine.verb("token", "revoke", "--orphans")).err, "✓ no token is left over\n");
  const after = await listed(machine, "--offline");
  assert.equal(
    after.tokens.find(({ tokenId }) => tokenId === orphan.tokenId)?.standing,
    "revoked",
    "the journal knows",
  );
  assert.match((await machine.verb("log", "jfrog")).out, /a person asked to revoke [\s\S]* revoked/);
  assert.ok(agent.running);
});

test("token revoke <id>: also without an agent; the credential in use is not; an outage is ridden out", async (t) => {
  const { platform, machine, agent } = await enrolledMachine(t);
  await agent.stop();
  const [current] = platform.ledger.live();
  const refused = await machine.verb("token", "revoke", current?.tokenId ?? "");
  assert.deepEqual([refused.code, /in use/.test(refused.err), current?.state], [1, true, "live"]);
  const unknown = await machine.verb("token", "revoke", "no-such-token");
  assert.match(unknown.err, /neither the journal nor a service knows/);

  const one = platform.seed({ user: "ada", description: "by hand" }).pair;
  const done = await machine.verb("token", "revoke", one.tokenId);
  assert.deepEqual([done.code, one.state], [0, "revoked"], done.err);
  const { tokens } = await listed(machine, "--offline");
  const line = tokens.find(({ tokenId }) => tokenId === one.tokenId);
  assert.deepEqual([line?.how, line?.standing], ["named", "revoked"], "and the journal knows whose wish it was");

  const other = platform.seed({ user: "ada", description: "by hand, too" }).pair;
  platform.inject({ on: "revoke", kind: "status", status: 503, times: 1 } as never);
  const tried = await machine.verb("token", "revoke", other.tokenId);
  assert.match(tried.err, /no agent runs: dotvault run goes on with it/);
  machine.run();
  await machine.until("the next agent revokes it", () => other.state === "revoked");
});

test("what compaction drops from the history stays in the lineage", async (t) => {
  const { platform, machine, agent } = await enrolledMachine(t, { rotation: "remint" });
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await machine.until("rotated", () => platform.ledger.pairs.filter(({ by }) => by === "mint").length === 2);
  await machine.untilState("active.resting");
  await agent.stop();
  const before = await listed(machine, "--offline");
  assert.equal((await machine.verb("journal", "compact", "--older-than", "0s")).code, 0);
  const after = await listed(machine, "--offline");
  assert.ok(before.tokens.length === 3 && machine.events("PAIR_ISSUED").length < 2, "the history is dropped");
  assert.deepEqual(standings(after.tokens).slice(-2), standings(before.tokens).slice(-2));
});

test("token revoke --orphans with two enrolments of one user: what the other one uses is its own, and stays", async (t) => {
  const platform = await startPlatform(t);
  const engine = { engine: "jfrog", settings: { url: platform.url } };
  const machine = makeMachine(t, configText(jfrogWish(platform.url, { enrolments: { ci: engine, jfrog: engine } })));
  const agent = machine.run();
  await machine.ask("enrol", { name: "ci" });
  await machine.until("ci is enrolled", (reader) => stateOf(reader, "ci") === "active.resting");
  await machine.ask("enrol", { name: "jfrog" });
  await machine.until("jfrog is enrolled", (reader) => stateOf(reader, "jfrog") === "active.resting");
  await machine.verb("refresh", "jfrog");
  const { tokens } = await listed(machine);
  const [ci] = tokens.filter(({ enrolment, standing }) => enrolment === "ci" && standing === "in-use");
  assert.ok(ci?.tokenId);
  await machine.verb("token", "revoke", "--orphans");
  assert.equal(platform.ledger.byId(ci.tokenId)?.state, "live");
  assert.deepEqual(
    tokens.filter(({ tokenId }) => tokenId === ci.tokenId).map(({ enrolment, standing }) => [enrolment, standing]),
    [["ci", "in-use"]],
  );
  const byId = await machine.verb("token", "revoke", ci.tokenId);
  assert.deepEqual([byId.code, /in use/.test(byId.err)], [1, true]);
  assert.ok(agent.running);
});
