import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { after, before, describe, type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Simulator } from "../../src/simulator/simulator.ts";
import {
  enrolled,
  type Machine,
  makeMachine,
  showsLivePair,
  startPlatform,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";

/** What others do at the same OpenBao: it ends a token by its clock, and a predecessor that knows no lease writes the secret. */

let bao: OpenBao;
const USER = userInfo().username;
const AGAIN = 100;

function machineOn(t: TestContext, url: string, mount: string): Machine {
  const vault = { address: bao.address, mount };
  return makeMachine(t, configText(jfrogWish(url, { vault, interval: "1s" })));
}

/** A token as a person brings it, for an hour, and its accessor. */
async function bring(machine: Machine): Promise<{ readonly token: string; readonly accessor: string }> {
  const made = (await bao.api("POST", "auth/token/create", { policies: ["root"], ttl: "1h" })) as {
    auth: { client_token: string; accessor: string };
  };
  const { client_token: token, accessor } = made.auth;
  machine.home.put(".dotvault-token", token);
  return { token, accessor };
}

/** Its life is cut to a second, which OpenBao then lets run out. */
async function expire({ token, accessor }: { token: string; accessor: string }): Promise<void> {
  await bao.api("POST", "auth/token/renew", { token, increment: "1s" });
  const lives = () =>
    bao.api("POST", "auth/token/lookup-accessor", { accessor }).then(
      () => true,
      () => false,
    );
  while (await lives()) await pause(AGAIN);
}

/** Writes the secret as the predecessor does: no lease, no check. */
async function writeLeaseless(mount: string, platform: Simulator): Promise<void> {
  const { accessToken, refreshToken, pair } = platform.seed({ user: "ada", seconds: 86_400, refreshable: true });
  const data = {
    ...{ access_token: accessToken, refresh_token: refreshToken, url: platform.url },
    ...{ server_id: "default-server", user: "ada" },
    ...{ issued_at: new Date(pair.issuedAt).toISOString(), expires_at: new Date(pair.expiresAt ?? 0).toISOString() },
  };
  await bao.api("POST", `${mount}/data/users/${USER}/jfrog`, { data });
}

/** What `status --json` says of a stranger. */
async function strangerIn(machine: Machine): Promise<{ did: string; version: number } | null> {
  const { out } = await machine.verb("status", "--json");
  return JSON.parse(out).enrolments[0].stranger;
}

describe("others at the same OpenBao", { concurrency: 2, timeout: 300_000 }, () => {
  before(async () => {
    bao = await startOpenBao();
    for (const mount of ["expiring", "shared"]) await mountKv(bao, mount);
  });
  after(() => bao.stop());

  test("the Vault token expires while a rotation is in flight: the file has the new pair, a new token brings it to the store", async (t) => {
    const platform = await startPlatform(t);
    const machine = machineOn(t, platform.url, "expiring");
    const token = await bring(machine);
    await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await expire(token);
    held.release();
    await machine.until("the file has the sealed pair", () => showsLivePair(machine.home, platform));
    assert.equal(machine.events("STORED").length, 1);
    const status = await machine.verb("status");
    assert.match(status.out, /token/);
    await bring(machine);
    await machine.until("the store has it", () => machine.events("STORED").length === 2);
    await untilSettled(machine, platform);
    assert.deepEqual(platform.ledger.stalePresentations(), []);
  });

  test("a predecessor that knows no lease stores, then removes the secret: adopted, noticed in status, nothing of its deleted", async (t) => {
    const platform = await startPlatform(t);
    const machine = machineOn(t, platform.url, "shared");
    await bring(machine);
    await writeLeaseless("shared", platform);
    machine.run();
    await machine.untilState("active.resting");
    assert.equal(await strangerIn(machine), null, "what was there before us is no stranger's");
    await writeLeaseless("shared", platform);
    await machine.until("its pair is ours", () => machine.snapshot()?.context.current?.stored?.version === 2);
    await machine.until("the file has it", () => machine.events("SYNCED").length > 1);
    assert.partialDeepStrictEqual(await strangerIn(machine), { did: "stored", version: 2 });
    assert.match((await machine.verb("status")).out, /version 2 was stored without the lease/);
    await bao.api("DELETE", `shared/data/users/${USER}/jfrog`);
    await machine.untilState("idle.missing");
    assert.partialDeepStrictEqual(await strangerIn(machine), { did: "removed", version: 2 });
    assert.equal(platform.ledger.live().length, 2, "nothing was revoked at the platform");
  });
});
