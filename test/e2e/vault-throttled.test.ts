import assert from "node:assert/strict";
import { test } from "node:test";
import { enrolled, makeMachine, startPlatform } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { mountKv, startOpenBao } from "../support/openbao.ts";

const HOUR = 3_600_000;

test("a rate-limit quota that says Retry-After: the next try waits as long as the server asked, and a rotation waits with it", async (t) => {
  const [bao, platform] = await Promise.all([startOpenBao(), startPlatform(t)]);
  t.after(() => bao.stop());
  await mountKv(bao, "kv");
  await bao.api("POST", "sys/quotas/config", { enable_rate_limit_response_headers: true });
  const vault = { address: bao.address, mount: "kv" };
  const machine = makeMachine(t, configText(jfrogWish(platform.url, { vault })), { DOTVAULT_TOKEN: "root" });
  await enrolled(machine, platform);
  const presented = platform.calls.filter(({ kind }) => kind === "refresh").length;

  await bao.api("POST", "sys/quotas/rate-limit/kv", { path: "kv/", rate: 1, interval: "1h" });
  await bao.api("GET", "kv/config");
  await machine.ask("refresh", { name: "jfrog" });
  const waiting = await machine.until("the throttled try", (reader) =>
    reader.openIntents("enrolment/jfrog").find(({ failure }) => failure?.class === "store.throttled"),
  );
  const asked = waiting.dueAt - (waiting.failure?.at ?? 0);
  // The quota's hour began when it was made; nothing of this test takes minutes of it.
  assert.ok(asked > HOUR / 2 && asked <= HOUR + 60_000, `${asked} ms`);
  assert.equal(platform.calls.filter(({ kind }) => kind === "refresh").length, presented, "no store, no rotation");
  assert.match((await machine.verb("status")).out, /429/);
});
