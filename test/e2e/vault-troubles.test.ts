import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { after, before, describe, type TestContext, test } from "node:test";
import {
  enrolled,
  makeMachine,
  showsLivePair,
  startPlatform,
  tokenIn,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { deleteMetadata, mountKv, type OpenBao, revokeToken, startOpenBao, tokenWith } from "../support/openbao.ts";
import { startProxy, type Weather } from "../support/proxy.ts";

let bao: OpenBao;
let mounts = 0;
const USER = userInfo().username;

/** One machine with a token and a mount of its own, on a server that all tests share. */
async function stage(t: TestContext) {
  const platform = await startPlatform(t);
  const mount = `troubles${mounts++}`;
  await mountKv(bao, mount, { casRequired: true });
  const rules = { [`${mount}/*`]: ["create", "read", "update", "list"] };
  const proxy = await startProxy(t, () => bao.address);
  const vault = { address: proxy.address, mount };
  const machine = makeMachine(t, configText(jfrogWish(platform.url, { vault, interval: "1s" })));
  let token = "";
  const setToken = async (more = rules) => {
    token = await tokenWith(bao, more);
    machine.home.put(".dotvault-token", token);
  };
  await setToken();
  const secret = async () => {
    const { data } = (await bao.api("GET", `${mount}/data/users/${USER}/jfrog`)) as {
      data: { data: Record<string, string>; metadata: { version: number } };
    };
    return data;
  };
  return { platform, mount, proxy, machine, setToken, secret, rules, token: () => token };
}
type Stage = Awaited<ReturnType<typeof stage>>;

interface Trouble {
  readonly name: string;
  readonly class: string;
  /** What `status` says. */
  readonly says: RegExp;
  begin(stage: Stage): unknown;
  end(stage: Stage): unknown;
}

function onTheWay(name: string, weather: Weather): Trouble {
  return {
    name,
    class: "store.unreachable",
    says: /unreachable|127\.0\.0\.1/,
    begin: ({ proxy }) => proxy.turn(weather),
    end: ({ proxy }) => proxy.turn("pass"),
  };
}

const TROUBLES: readonly Trouble[] = [
  onTheWay("every connection breaks off", "cut"),
  onTheWay("writes arrive and their answers do not", "deaf"),
  {
    name: "a rate limit (429)",
    class: "store.throttled",
    says: /429/,
    begin: ({ mount }) =>
      bao.api("POST", `sys/quotas/rate-limit/${mount}`, { path: `${mount}/`, rate: 0.000_1, interval: "1h" }),
    end: ({ mount }) => bao.api("DELETE", `sys/quotas/rate-limit/${mount}`),
  },
  {
    name: "the token is revoked, and replaced in its file",
    class: "store.token",
    says: /does not accept the token/,
    begin: ({ token }) => revokeToken(bao, token()),
    end: ({ setToken }) => setToken(),
  },
  {
    name: "the permission to write is lost, and regained",
    class: "store.denied",
    says: /policies do not allow/,
    begin: ({ setToken, mount }) => setToken({ [`${mount}/*`]: ["read", "list"] }),
    end: ({ setToken }) => setToken(),
  },
  {
    name: "the mount is gone, and comes back empty",
    class: "store.no-mount",
    says: /nothing mounted/,
    begin: ({ mount }) => bao.api("DELETE", `sys/mounts/${mount}`),
    end: ({ mount }) => mountKv(bao, mount, { casRequired: true }),
  },
];

describe("OpenBao fails with a new pair on its way to it", { concurrency: 4 }, () => {
  before(async () => {
    bao = await startOpenBao();
  });
  after(() => bao.stop());

  for (const trouble of TROUBLES) {
    test(`${trouble.name}: status says so, the file has the new token, and the store gets it`, async (t) => {
      const at = await stage(t);
      const { machine, platform } = at;
      await enrolled(machine, platform);
      const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
      await machine.ask("refresh", { name: "jfrog" });
      await held.struck();
      const before = machine.events().length;
      await trouble.begin(at);
      held.release();
      await machine.until("the file has the sealed pair", () => showsLivePair(machine.home, platform));
      await machine.until("the store's trouble is named", (reader) =>
        reader.openIntents().some(({ kind, failure }) => kind === "store" && failure?.class === trouble.class),
      );
      const status = await machine.verb("status");
      assert.match(status.out, trouble.says);
      await trouble.end(at);
      await machine.until("delivered", () => machine.events("STORED").length === 2);
      await untilSettled(machine, platform);
      assert.equal((await at.secret()).data.access_token, tokenIn(machine.home));
      assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, 1);
      assert.deepEqual(platform.ledger.stalePresentations(), []);
      const enrolment = machine
        .events()
        .slice(before)
        .filter(({ stream }) => stream.startsWith("enrolment/"));
      assert.ok(enrolment.length <= 14, `${enrolment.map(({ event }) => event.type)}`);
    });
  }

  test("metadata deleted during a rotation: versions begin again at 1, and the pair is the first", async (t) => {
    const at = await stage(t);
    const { machine, platform, mount } = at;
    await enrolled(machine, platform);
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    await deleteMetadata(bao, mount, `users/${USER}/jfrog`);
    held.release();
    await machine.until("delivered", () => machine.events("STORED").length === 2);
    await untilSettled(machine, platform);
    const { data, metadata } = await at.secret();
    assert.deepEqual([data.access_token, metadata.version], [tokenIn(machine.home), 1]);
  });

  test("deleted and written anew as version 1, by somebody else: the file follows", async (t) => {
    const at = await stage(t);
    const { machine, platform, mount } = at;
    await enrolled(machine, platform);
    const { data } = await at.secret();
    const path = `${mount}/data/users/${USER}/jfrog`;
    const other = platform.seed({ user: "ada", refreshable: true });
    await deleteMetadata(bao, mount, `users/${USER}/jfrog`);
    const anew = { ...data, access_token: other.accessToken, refresh_token: other.refreshToken ?? "" };
    await bao.api("POST", path, { data: anew, options: { cas: 0 } });
    await machine.until("the file follows", () => tokenIn(machine.home) === other.accessToken);
  });

  test("a way that takes 300 ms for every packet is slow, and nothing else", async (t) => {
    const at = await stage(t);
    const { machine, platform } = at;
    await enrolled(machine, platform);
    at.proxy.turn(300);
    await machine.ask("refresh", { name: "jfrog" });
    await machine.until("delivered", () => machine.events("STORED").length === 2);
    await untilSettled(machine, platform);
    assert.equal((await at.secret()).data.access_token, tokenIn(machine.home));
    assert.deepEqual(machine.events("ANSWER_LOST"), []);
  });
});
