import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect as connectTls, type TlsOptions } from "node:tls";
import { createHttp, type HttpOptions } from "../../src/adapters/http/create.ts";
import { parseHttpDate, parseRetryAfter } from "../../src/adapters/http/date.ts";
import { type HttpAnswer, HttpFailure, type HttpRequest } from "../../src/adapters/http/port.ts";

// Made for this test with openssl, good until 2126: a CA, and a certificate for localhost, 127.0.0.1 and dotvault.test.
const ca = [
  "-----BEGIN CERTIFICATE-----",
  "MIIBjTCCATOgAwIBAgIUC7YdTLF5GxfDuUoRYtLnaWVbm/UwCgYIKoZIzj0EAwIw",
  "GzEZMBcGA1UEAwwQZG90dmF1bHQgdGVzdCBDQTAgFw0yNjExMjMwNzMzMjdaGA8y",
  "MTI2MTAzMDA3MzMyN1owGzEZMBcGA1UEAwwQZG90dmF1bHQgdGVzdCBDQTBZMBMG",
  "ByqGSM49AgEGCCqGSM49AwEHA0IABO9U6swZynxjbYm3xGO5ti8HWCAtIl8HZZHZ",
  "6iHM1VFwYZL+tx4etXPfRHiCjyHx9hJraeJg4+LVSrwKtp8imKqjUzBRMB0GA1Ud",
  "DgQWBBQdwW6EPhjvSMEHyAWB3SaRnB0/gjAfBgNVHSMEGDAWgBQdwW6EPhjvSMEH",
  "yAWB3SaRnB0/gjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIFZ0",
  "LPzx6IRATQdI+QGJu4zjjsJQ1tMRQ0p4JPzDhZ9fAiEAuQRiAvLIXiWkIa0NxAuD",
  "RH8H+0aIKaJtKgp0qSloixU=",
  "-----END CERTIFICATE-----",
].join("\n");
const key = [
  "-----BEGIN PRIVATE KEY-----",
  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglG1md2xZ+nJMgdvC",
  "WqSE4KEui9NspJoOUD7Cuzs5K8qhRANCAARNnlepbd7WewmnIHBSIVJXrQM6JBeK",
  "7VTJExr5PoLwFheBwIryyaubxqy+FY76W2+ndYkiJekeEphzpcPF4g5H",
  "-----END PRIVATE KEY-----",
].join("\n");
const certificate = [
  "-----BEGIN CERTIFICATE-----",
  "MIIBrjCCAVWgAwIBAgIUIAp4lGctGJBU17/7mQVFcGi8qKEwCgYIKoZIzj0EAwIw",
  "GzEZMBcGA1UEAwwQZG90dmF1bHQgdGVzdCBDQTAgFw0yNjExMjMwNzMzMjdaGA8y",
  "MTI2MTAzMDA3MzMyN1owGDEWMBQGA1UEAwwNZG90dmF1bHQudGVzdDBZMBMGByqG",
  "SM49AgEGCCqGSM49AwEHA0IABE2eV6lt3tZ7CacgcFIhUletAzokF4rtVMkTGvk+",
  "gvAWF4HAivLJq5vGrL4Vjvpbb6d1iSIl6R4SmHOlw8XiDkejeDB2MCkGA1UdEQQi",
  "MCCCCWxvY2FsaG9zdIINZG90dmF1bHQudGVzdIcEfwAAATAJBgNVHRMEAjAAMB0G",
  "A1UdDgQWBBRExu9drQfn/N6Gytyx0qaaHHEALzAfBgNVHSMEGDAWgBQdwW6EPhjv",
  "SMEHyAWB3SaRnB0/gjAKBggqhkjOPQQDAgNHADBEAiBTVszIOpamsrrmJCCyFPx6",
  "8F6CtcNuKnM7ydXu+PcMSgIgVnS+QCMVgtbx+T48VrEODBazS0kdDllBF7Uy8f4E",
  "1zQ=",
  "-----END CERTIFICATE-----",
].join("\n");

const secret = "tok-5e1f0a77aa";

type Outcome = HttpAnswer | HttpFailure;

interface World {
  /** Files of the test, by name. */
  file(name: string, content: string): string;
  listen(server: Server): Promise<number>;
  /** What a fresh client gets: the answer, or the failure. */
  get(options: HttpOptions, url: string, more?: Partial<HttpRequest>): Promise<Outcome>;
}

function scene(name: string, body: (world: World) => Promise<void>): void {
  test(name, { timeout: 20_000 }, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "dotvault-http-"));
    const sockets = new Set<Socket>();
    const servers: Server[] = [];
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
      rmSync(directory, { recursive: true });
    });
    await body({
      file: (fileName, content) => {
        writeFileSync(join(directory, fileName), content);
        return join(directory, fileName);
      },
      listen: async (server) => {
        servers.push(server);
        server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return (server.address() as AddressInfo).port;
      },
      get: async (options, url, more) => {
        const http = createHttp(options);
        try {
          return await http.send({ method: "POST", url, body: secret, ...more });
        } catch (error) {
          assert.ok(error instanceof HttpFailure, String(error));
          assert.ok(!error.message.includes(secret), error.message);
          return error;
        } finally {
          await http.close();
        }
      },
    });
  });
}

/** An https server that counts the requests that it understood. */
function secureServer(options: TlsOptions = {}): {
  server: Server;
  seen: IncomingMessage[];
} {
  const seen: IncomingMessage[] = [];
  const server = createHttpsServer({ key, cert: certificate, ...options }, (request, response) => {
    seen.push(request);
    response.end("secure");
  });
  return { server, seen };
}

/** A proxy that tunnels to `port` whatever name was asked for, or refuses. */
function proxyTo(port: number, refuse?: string): { server: Server; asked: IncomingMessage[] } {
  const asked: IncomingMessage[] = [];
  const server = createHttpServer();
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(request);
    if (refuse !== undefined) return void socket.end(`HTTP/1.1 ${refuse}\r\n\r\n`);
    const far = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.pipe(far).pipe(socket);
    });
    far.on("error", () => socket.destroy());
    socket.on("error", () => far.destroy());
  });
  return { server, asked };
}

function expectFailure(outcome: Outcome, reason: string, sent: "no" | "maybe"): HttpFailure {
  assert.ok(outcome instanceof HttpFailure, "an answer came");
  assert.deepEqual([outcome.reason, outcome.sent], [reason, sent], outcome.message);
  return outcome;
}

function expectBody(outcome: Outcome, body: string): void {
  assert.ok(!(outcome instanceof HttpFailure), outcome instanceof HttpFailure ? outcome.message : "");
  assert.equal(outcome.body, body);
}

scene("a certificate of an unknown authority: nothing was sent", async ({ listen, get }) => {
  const { server, seen } = secureServer();
  const port = await listen(server);
  expectFailure(await get({}, `https://127.0.0.1:${port}/`), "tls", "no");
  assert.equal(seen.length, 0);
});

scene("a private CA file is trusted beside the system's", async ({ listen, get, file }) => {
  const { server } = secureServer();
  const port = await listen(server);
  const caFile = file("ca.pem", `some text before\n${ca}\n`);
  expectBody(await get({ tls: { caFile } }, `https://127.0.0.1:${port}/`), "secure");
  expectBody(await get({ tls: { caFile } }, `https://localhost:${port}/`), "secure");
});

scene("a certificate for another name: nothing was sent", async ({ listen, get, file }) => {
  const { server, seen } = secureServer();
  const port = await listen(server);
  expectFailure(await get({ tls: { caFile: file("ca.pem", ca) } }, `https://[::1]:${port}/`), "refused", "no");
  expectFailure(await get({ tls: { caFile: file("ca.pem", ca) } }, `https://127.0.0.2:${port}/`), "refused", "no");
  const proxy = proxyTo(port);
  const env = { HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy.server)}` };
  expectFailure(await get({ env, tls: { caFile: file("ca.pem", ca) } }, "https://other.test/"), "tls", "no");
  assert.equal(seen.length, 0);
});

scene("only an explicit insecureSkipVerify accepts any certificate", async ({ listen, get }) => {
  const { server } = secureServer();
  const url = `https://127.0.0.1:${await listen(server)}/`;
  expectBody(await get({ insecureSkipVerify: true }, url), "secure");
  const vague = { insecureSkipVerify: "false" } as unknown as HttpOptions;
  expectFailure(await get(vague, url), "tls", "no");
});

scene("TLS older than 1.2 is refused, 1.2 is spoken", async ({ listen, get, file }) => {
  const caFile = file("ca.pem", ca);
  const lax = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const port = await listen(secureServer(lax).server);
  expectFailure(await get({ tls: { caFile } }, `https://127.0.0.1:${port}/`), "tls", "no");
  const willing = connectTls({ ...lax, port, host: "127.0.0.1", ca });
  await once(willing, "secureConnect");
  assert.equal(willing.getProtocol(), "TLSv1.1", "a client that accepts it would have got it");
  willing.destroy();
  const fine = secureServer({ maxVersion: "TLSv1.2" });
  expectBody(await get({ tls: { caFile } }, `https://127.0.0.1:${await listen(fine.server)}/`), "secure");
});

scene("a handshake that never ends is a connect-timeout: nothing was sent", async ({ listen, get }) => {
  const port = await listen(createTcpServer((socket) => socket.resume()));
  const outcome = await get({}, `https://127.0.0.1:${port}/`, { timeouts: { connectMs: 40 } });
  expectFailure(outcome, "connect-timeout", "no");
});

scene("a server that hangs up in the handshake: nothing was sent", async ({ listen, get }) => {
  const port = await listen(createTcpServer((socket) => socket.once("data", () => socket.resetAndDestroy())));
  expectFailure(await get({}, `https://127.0.0.1:${port}/`), "reset", "no");
});

scene("a server that speaks plain text on the TLS port: nothing was sent", async ({ listen, get }) => {
  const port = await listen(createTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
  expectFailure(await get({}, `https://127.0.0.1:${port}/`), "tls", "no");
});

scene("a CA file that can't be used is said so, by name", async ({ get, file }) => {
  const rows = [
    [file("empty.pem", "nothing here"), "no PEM certificate in the CA file"],
    [file("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "a damaged certificate"],
    ["/nowhere/ca.pem", "ENOENT"],
  ] as const;
  for (const [caFile, words] of rows) {
    const failed = expectFailure(await get({ tls: { caFile } }, "https://127.0.0.1:1/"), "tls", "no");
    assert.ok(failed.message.includes(words) && failed.message.includes(caFile), failed.message);
  }
});

scene(
  "HTTPS_PROXY is used for a far host, with its own password, and sees no request",
  async ({ listen, get, file }) => {
    const { server, seen } = secureServer();
    const proxy = proxyTo(await listen(server));
    const proxyPort = await listen(proxy.server);
    const options = {
      tls: { caFile: file("ca.pem", ca) },
      env: { HTTPS_PROXY: `http://me:pass@127.0.0.1:${proxyPort}` },
    };
    expectBody(await get(options, "https://dotvault.test/path"), "secure");
    assert.equal(proxy.asked[0]?.url, "dotvault.test:443");
    assert.equal(proxy.asked[0]?.headers["proxy-authorization"], `Basic ${Buffer.from("me:pass").toString("base64")}`);
    assert.equal(seen[0]?.headers["proxy-authorization"], undefined);
    assert.equal(seen[0]?.headers.host, "dotvault.test");
  },
);

scene("a proxy without a scheme means http, and lower case wins", async ({ listen, get, file }) => {
  const { server } = secureServer();
  const proxy = proxyTo(await listen(server));
  const env = { https_proxy: `127.0.0.1:${await listen(proxy.server)}`, HTTPS_PROXY: "http://127.0.0.1:1" };
  expectBody(await get({ env, tls: { caFile: file("ca.pem", ca) } }, "https://dotvault.test/"), "secure");
});

scene("loopback never goes through a proxy; NO_PROXY is kept to", async ({ listen, get, file }) => {
  const { server } = secureServer();
  const port = await listen(server);
  const proxy = proxyTo(port);
  const proxied = `http://127.0.0.1:${await listen(proxy.server)}`;
  const caFile = file("ca.pem", ca);
  const env = { HTTPS_PROXY: proxied, HTTP_PROXY: proxied };
  expectBody(await get({ tls: { caFile }, env }, `https://localhost:${port}/`), "secure");
  const plain = createHttpServer((_request, response) => response.end("plain"));
  expectBody(await get({ env }, `http://127.0.0.1:${await listen(plain)}/`), "plain");
  const excepted = { ...env, NO_PROXY: "example.com,0.0.0.0" };
  expectFailure(await get({ tls: { caFile }, env: excepted }, `https://0.0.0.0:${port}/`), "tls", "no");
  assert.equal(proxy.asked.length, 0);
});

for (const status of ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway"]) {
  scene(`a proxy that answers ${status}: nothing was sent`, async ({ listen, get }) => {
    const proxy = proxyTo(1, status);
    const env = { HTTPS_PROXY: `http://me:${secret}@127.0.0.1:${await listen(proxy.server)}` };
    const failed = expectFailure(await get({ env }, "https://dotvault.test/"), "proxy", "no");
    assert.ok(failed.message.includes(status.slice(0, 3)), failed.message);
    assert.equal(failed.host, "dotvault.test");
  });
}

scene("a proxy that never answers, hangs up or is not there: nothing was sent", async ({ listen, get }) => {
  const silent = await listen(createTcpServer((socket) => socket.resume()));
  const timeouts = { connectMs: 60 };
  const env = (port: number): HttpOptions => ({ env: { HTTPS_PROXY: `http://127.0.0.1:${port}` } });
  expectFailure(await get(env(silent), "https://dotvault.test/", { timeouts }), "connect-timeout", "no");
  const rude = await listen(createTcpServer((socket) => socket.once("data", () => socket.destroy())));
  expectFailure(await get(env(rude), "https://dotvault.test/"), "proxy", "no");
  expectFailure(await get(env(1), "https://dotvault.test/"), "refused", "no");
});

scene("a proxy setting that is no http(s) URL is said so, without its password", async ({ get }) => {
  for (const value of [`socks5://me:${secret}@127.0.0.1:1`, `http://me:${secret}@`, `http://me:${secret}@a b`]) {
    const failed = expectFailure(await get({ env: { HTTPS_PROXY: value } }, "https://dotvault.test/"), "proxy", "no");
    assert.ok(failed.message.includes("HTTPS_PROXY"), failed.message);
  }
});

test("an HTTP-date is read only in its one form", () => {
  assert.equal(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777000);
  for (const odd of [
    "",
    "1994-11-06",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "0",
    "Sun, 99 Nov 1994 08:49:37 GMT",
    undefined,
  ])
    assert.equal(parseHttpDate(odd), undefined);
});

test("Retry-After is seconds, or a date by the server's own clock", () => {
  const date = "Sun, 06 Nov 1994 08:49:37 GMT";
  assert.equal(parseRetryAfter("120", undefined), 120_000);
  assert.equal(parseRetryAfter("0", undefined), 0);
  assert.equal(parseRetryAfter(date, 784111777000 - 5000), 5000);
  assert.equal(parseRetryAfter(date, 784111777000 + 5000), 0);
  for (const odd of ["-1", "1.5", "soon", "", "9999999999", undefined])
    assert.equal(parseRetryAfter(odd, 784111777000), undefined);
  assert.equal(parseRetryAfter(date, undefined), undefined);
});
