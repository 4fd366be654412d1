import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import type { StoreFailure } from "../../src/adapters/store-port.ts";
import { createVaultClient } from "../../src/adapters/vault/client.ts";
import { createVaultStore } from "../../src/adapters/vault/store.ts";
import { vaultHttp } from "../../src/commands/assembly/vault.ts";
import { parseConfig } from "../../src/config/check.ts";
import type { VaultConfig } from "../../src/config/config.ts";
import { validators } from "../fixtures/config/validators.ts";
import { hasIpv6 } from "../support/ipv6.ts";
import { freePort, mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";
import { type Authority, makeAuthority } from "../support/pki.ts";
import { startProxy, startTunnel } from "../support/proxy.ts";

/** The ways to Vault that a configuration can describe, to OpenBao's own server. */

let dir: string;
let issuer: OpenBao;
let ca: Authority;
let bao: OpenBao;
const at = { tls: "", mutual: "", v6: "", v6tls: "", socket: "" };

before(async () => {
  dir = mkdtempSync(join(tmpdir(), "dotvault-network-"));
  issuer = await startOpenBao();
  ca = await makeAuthority(issuer);
  const server = await ca.issue({ name: "bao", ips: "127.0.0.1,::1", names: "vault.example.com" });
  const files = {
    tls_cert_file: file("server.pem", server.certificate),
    tls_key_file: file("server.key", server.key),
    tls_client_ca_file: file("ca.pem", ca.certificate),
  };
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const address = (port: number, host = "127.0.0.1") => ({ address: `${host}:${port}` });
  at.tls = `https://127.0.0.1:${ports[0]}`;
  at.mutual = `https://127.0.0.1:${ports[1]}`;
  at.v6 = `http://[::1]:${ports[2]}`;
  at.v6tls = `https://[::1]:${ports[3]}`;
  at.socket = `unix://${join(dir, "bao.sock")}`;
  const v6 = await hasIpv6();
  bao = await startOpenBao({
    config: {
      listener: [
        { tcp: { ...address(ports[0]), ...files, tls_disable_client_certs: true } },
        { tcp: { ...address(ports[1]), ...files, tls_require_and_verify_client_cert: true } },
        ...(v6
          ? [
              { tcp: { ...address(ports[2], "[::1]"), tls_disable: true } },
              { tcp: { ...address(ports[3], "[::1]"), ...files } },
            ]
          : []),
        { unix: { address: join(dir, "bao.sock") } },
      ],
    },
  });
  await mountKv(bao, "kv");
});
after(async () => {
  await Promise.all([bao?.stop(), issuer?.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  const path = join(dir, name);
  writeFileSync(path, `${content}\n`, { mode: 0o600 });
  return path;
}

/** The store of a configuration's `vault`, as a person writes it. */
async function storeOf(t: TestContext, written: object, env: Record<string, string> = {}) {
  const { config, problems, warnings } = parseConfig(JSON.stringify({ vault: written }), "f", validators);
  assert.deepEqual([problems, warnings], [[], []]);
  const vault = config?.vault as VaultConfig & { address: string };
  const http = await vaultHttp(vault, { env, home: dir });
  t.after(() => http.close());
  const token = async () => "root";
  const { address, kvMount, userPrefix } = vault;
  const client = createVaultClient({ address, token, http });
  return { store: createVaultStore({ address, kvMount, userPrefix, user: "alice", token, http }), client };
}

test("a self-made CA: as a file, and as one of a directory's files; without it nothing is sent", async (t) => {
  const certs = join(dir, "certs");
  mkdirSync(join(certs, "folder"), { recursive: true });
  writeFileSync(join(certs, "README"), "not a certificate");
  writeFileSync(join(certs, "own.crt"), ca.certificate);
  for (const trust of [{ ca_cert: "~/ca.pem" }, { ca_path: "~/certs" }, { ca_path: `${certs}/` }]) {
    const { store } = await storeOf(t, { address: at.tls, ...trust });
    assert.equal((await store.read("n")).state, "absent");
  }
  const { store } = await storeOf(t, { address: at.tls });
  await assert.rejects(store.read("n"), { class: "store.tls", sent: "no", hint: /vault\.ca_cert/ });
});

test("a directory of CAs without one is said so; one that is put there later is trusted from then on", async (t) => {
  const late = join(dir, "late");
  mkdirSync(late);
  const { store } = await storeOf(t, { address: at.tls, ca_path: late });
  await assert.rejects(store.read("n"), { class: "store.tls", message: /no PEM certificate in the CA directory/ });
  writeFileSync(join(late, "own.pem"), ca.certificate);
  assert.equal((await store.read("n")).state, "absent");
});

test("vault.tls_server_name: the certificate bears that name, or nothing is sent", async (t) => {
  const trust = { address: at.tls, ca_cert: "~/ca.pem" };
  const right = await storeOf(t, { ...trust, tls_server_name: "vault.example.com" });
  assert.equal((await right.store.read("n")).state, "absent");
  const wrong = await storeOf(t, { ...trust, tls_server_name: "other.example.com" });
  await assert.rejects(wrong.store.read("n"), { class: "store.tls", sent: "no", message: /ALTNAME/ });
});

test("IPv6, in clear and with TLS; a Unix socket", async (t) => {
  const v6 = (await hasIpv6()) ? [{ address: at.v6 }, { address: at.v6tls, ca_cert: "~/ca.pem" }] : [];
  for (const way of [...v6, { address: at.socket }]) {
    const { store } = await storeOf(t, way);
    const name = `way-${way.address.length}`;
    await store.write(name, { x: "1" }, 0);
    assert.equal((await store.read(name)).state, "present");
  }
});

test("a Unix socket that is not there is unreachable, by its path", async (t) => {
  const { store } = await storeOf(t, { address: "unix:///nowhere/vault.sock" });
  const expected = { class: "store.unreachable", sent: "no", message: "/nowhere/vault.sock: no connection (ENOENT)" };
  await assert.rejects(store.read("n"), expected);
});

test("a client certificate: asked for and not configured, with its key beside it, and in one file", async (t) => {
  const { certificate, key } = await ca.issue({ name: "alice" });
  file("me.pem", certificate);
  file("me.key", key);
  file("both.pem", `${certificate}\n${key}`);
  const trust = { address: at.mutual, ca_cert: "~/ca.pem" };
  const none = await storeOf(t, trust);
  await assert.rejects(none.store.read("n"), { class: "store.unreachable", hint: /vault\.client_cert/ });
  for (const own of [{ client_cert: "~/me.pem", client_key: "~/me.key" }, { client_cert: "~/both.pem" }]) {
    const { store } = await storeOf(t, { ...trust, ...own });
    assert.equal((await store.read("n")).state, "absent");
  }
});

test("a replaced client certificate is shown from the next request on; half a replacement leaves the old one in use", async (t) => {
  await bao.api("POST", "sys/auth/cert", { type: "cert" });
  await bao.api("POST", "auth/cert/certs/any", { certificate: ca.certificate, token_policies: "default" });
  const put = async (name: string) => {
    const { certificate, key } = await ca.issue({ name });
    file("turn.pem", certificate);
    return () => file("turn.key", key);
  };
  const shown = async () => {
    const answer = await client.call({ method: "POST", path: "auth/cert/login", json: {}, token: false });
    const { metadata } = (answer.body as { auth: { metadata: Record<string, string> } }).auth;
    return metadata.common_name;
  };
  (await put("first"))();
  const written = { address: at.mutual, ca_cert: "~/ca.pem", client_cert: "~/turn.pem", client_key: "~/turn.key" };
  const { client } = await storeOf(t, written);
  assert.equal(await shown(), "first");
  const putKey = await put("second");
  assert.equal(await shown(), "first");
  putKey();
  assert.equal(await shown(), "second");
});

test("a client certificate that can't be used is said so, by its file", async (t) => {
  const [mine, other] = [await ca.issue({ name: "mine" }), await ca.issue({ name: "other" })];
  file("mine.pem", mine.certificate);
  file("other.key", other.key);
  const trust = { address: at.mutual, ca_cert: "~/ca.pem" };
  for (const [own, words] of [
    [{ client_cert: "~/mine.pem", client_key: "~/other.key" }, /client key in .*other\.key is none, .* not that of/],
    [{ client_cert: "~/gone.pem" }, /client certificate .*gone\.pem can't be read \(ENOENT\)/],
    [{ client_cert: "~/other.key" }, /no PEM certificate in the client certificate .*other\.key/],
  ] as const) {
    const { store } = await storeOf(t, { ...trust, ...own });
    await assert.rejects(store.read("n"), {
      class: "store.tls",
      sent: "no",
      message: words,
      hint: /vault\.client_cert/,
    });
  }
});

test("twenty requests one after another go over one connection, TLS included", async (t) => {
  let made = 0;
  const target = new URL(at.tls);
  const proxy = createServer((near) => {
    made++;
    const far = connect(Number(target.port), target.hostname);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on("error", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => proxy.once("listening", listening));
  t.after(() => void proxy.close());
  const { port } = proxy.address() as { port: number };
  const { store } = await storeOf(t, { address: `https://127.0.0.1:${port}`, ca_cert: "~/ca.pem" });
  for (let n = 0; n < 20; n++) await store.read(`n${n}`);
  assert.equal(made, 1);
});

test("a rate-limit quota is a throttle with the server's own pause", async (t) => {
  await bao.api("POST", "sys/quotas/config", { enable_rate_limit_response_headers: true });
  await mountKv(bao, "slow");
  await bao.api("POST", "sys/quotas/rate-limit/slow", { path: "slow/", rate: 1, interval: "1h" });
  t.after(() => bao.api("DELETE", "sys/quotas/rate-limit/slow"));
  const { store } = await storeOf(t, { address: bao.address, kv_mount: "slow" });
  await store.read("n");
  await assert.rejects(store.read("n"), ({ class: kind, retryAfterMs }: StoreFailure) => {
    assert.equal(kind, "store.throttled");
    assert.ok(Number(retryAfterMs) > 60_000 && Number(retryAfterMs) <= 3_600_000, String(retryAfterMs));
    return true;
  });
});

test("through a proxy: a tunnel for the name that is asked for, our certificate for Vault alone; NO_PROXY goes straight", async (t) => {
  const { certificate, key } = await ca.issue({ name: "alice" });
  file("far.pem", `${certificate}\n${key}`);
  const port = Number(new URL(at.mutual).port);
  const tunnel = await startTunnel(t, port);
  const way = { address: `https://vault.example.com:${port}`, ca_cert: "~/ca.pem", client_cert: "~/far.pem" };
  const { store } = await storeOf(t, way, { HTTPS_PROXY: tunnel.address });
  assert.equal((await store.read("n")).state, "absent");
  assert.equal((await store.read("m")).state, "absent");
  assert.deepEqual(tunnel.asked, [`vault.example.com:${port}`], "one tunnel serves both requests");
  const straight = await storeOf(t, way, { HTTPS_PROXY: tunnel.address, NO_PROXY: "vault.example.com" });
  await assert.rejects(straight.store.read("n"), { class: "store.unreachable" });
  assert.equal(tunnel.asked.length, 1);
});

test("several addresses: the next one when one fails, also for a write that never left; then that one stays", async (t) => {
  const dead = `http://127.0.0.1:${await freePort()}`;
  const first = await startProxy(t, () => bao.address);
  const { store } = await storeOf(t, { address: dead, addresses: [first.address, at.socket] });
  const { version } = await store.write("many", { x: "1" }, 0);
  assert.equal((await store.read("many")).version, version);
  first.turn("cut");
  assert.equal((await store.read("many")).version, version);
  await store.write("many", { x: "2" }, version);
});

test("several addresses, none of which answers: said in one line, with all of them", async (t) => {
  const [one, other] = [await freePort(), await freePort()];
  const { store } = await storeOf(t, { addresses: [`http://127.0.0.1:${one}`, `http://127.0.0.1:${other}`] });
  const message = new RegExp(`^127.0.0.1:${one}, 127.0.0.1:${other}: none of them answers; the last: `);
  await assert.rejects(store.read("n"), { class: "store.unreachable", sent: "no", message });
});

test("a server that is sealed is passed over", async (t) => {
  const sealed = await startOpenBao();
  t.after(() => sealed.stop());
  await sealed.api("PUT", "sys/seal");
  const { store } = await storeOf(t, { address: sealed.address, addresses: [bao.address] });
  await store.write("passed", { x: "1" }, 0);
});
