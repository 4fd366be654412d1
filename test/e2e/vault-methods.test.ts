import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { after, before, test } from "node:test";
import {
  enrolled,
  type Machine,
  makeMachine,
  showsLivePair,
  startPlatform,
  untilSettled,
} from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { scratch } from "../support/login.ts";
import { freePort, mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";
import { type Authority, makeAuthority } from "../support/pki.ts";
import { documentedPolicies } from "../support/policies.ts";

/** The main job with logins that need no person, as an agent makes them. */

let issuer: OpenBao;
let bao: OpenBao;
let ca: Authority;
let tls = "";
const files = scratch();

before(async () => {
  issuer = await startOpenBao();
  ca = await makeAuthority(issuer);
  const server = await ca.issue({ name: "bao", names: "localhost", ips: "127.0.0.1" });
  const port = await freePort();
  tls = `https://127.0.0.1:${port}`;
  const listener = {
    address: `127.0.0.1:${port}`,
    tls_cert_file: files.file("server.pem", server.certificate),
    tls_key_file: files.file("server.key", server.key),
  };
  bao = await startOpenBao({ config: { listener: [{ tcp: listener }] } });
  await mountKv(bao, "kv");
  await bao.api("POST", "sys/policies/acl/dotvault", { policy: documentedPolicies(userInfo().username).dotvault });
});
after(async () => {
  await Promise.all([bao?.stop(), issuer?.stop()]);
  files.remove();
});

/** Whose certificates gave the tokens that live. */
async function holders(): Promise<Set<string>> {
  const { data } = (await bao.api("LIST", "auth/token/accessors")) as { data: { keys: string[] } };
  const looked = data.keys.map((accessor) => bao.api("POST", "auth/token/lookup-accessor", { accessor }));
  const tokens = (await Promise.all(looked)) as { data: { meta: { common_name?: string } | null } }[];
  return new Set(tokens.flatMap(({ data: { meta } }) => meta?.common_name ?? []));
}

function showsNothing(machine: Machine, secrets: readonly string[]): void {
  for (const { path } of machine.outputs) {
    for (const secret of secrets) assert.ok(!readFileSync(path, "utf8").includes(secret), path);
  }
}

test("cert: enrol and rotate with a client certificate; the one that replaces it is shown at the next login", async (t) => {
  await bao.api("POST", "sys/auth/cert", { type: "cert" });
  const role = { certificate: ca.certificate, token_policies: "dotvault", token_ttl: "1h" };
  await bao.api("POST", "auth/cert/certs/dev", role);
  const platform = await startPlatform(t);
  const written = JSON.parse(configText(jfrogWish(platform.url, { interval: "1s" })));
  const vault = {
    ...{ address: tls, auth_method: "mtls", ca_cert: "~/ca.pem" },
    ...{ client_cert: "~/client.pem", client_key: "~/client.key" },
  };
  const machine = makeMachine(t, JSON.stringify({ ...written, vault }));
  machine.home.put("ca.pem", ca.certificate);
  const put = async (name: string): Promise<string> => {
    const { certificate, key } = await ca.issue({ name });
    machine.home.put("client.pem", certificate);
    machine.home.put("client.key", key);
    return key;
  };
  const keys = [await put("first")];
  await enrolled(machine, platform);
  assert.deepEqual(await holders(), new Set(["first"]));
  keys.push(await put("second"));
  await bao.api("POST", "sys/leases/revoke-prefix/auth/cert/login", { sync: true });
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilSettled(machine, platform);
  assert.ok(showsLivePair(machine.home, platform));
  assert.deepEqual(await holders(), new Set(["second"]));
  showsNothing(
    machine,
    keys.map((key) => key.split("\n")[1] ?? key),
  );
});
