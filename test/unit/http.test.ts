import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Dispatcher } from "undici";
import { createHttp } from "../../src/adapters/http/create.ts";
import { exchange } from "../../src/adapters/http/exchange.ts";
import { failureOf } from "../../src/adapters/http/failures.ts";
import { type Http, HttpFailure, type HttpRequest } from "../../src/adapters/http/port.ts";

const secret = "tok-9f2b61c07d";

/** What a test may use; everything is ended with the test. */
interface World {
  readonly http: Http;
  /** An HTTP server on loopback; returns its origin. */
  serve(listener: RequestListener): Promise<string>;
  /** A TCP server that says what the test wants; returns its origin as http. */
  raw(onConnection: (socket: Socket) => void): Promise<string>;
}

function scene(name: string, body: (world: World) => Promise<void>): void {
  test(name, { timeout: 20_000 }, async (t) => {
    const http = createHttp();
    const sockets = new Set<Socket>();
    const servers: Server[] = [];
    const listen = async (server: Server): Promise<string> => {
      servers.push(server);
      server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    };
    t.after(async () => {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
      await http.close();
    });
    await body({
      http,
      serve: (listener) => listen(createServer({ keepAlive: true }, listener)),
      raw: (onConnection) => listen(createTcpServer(onConnection)),
    });
  });
}

async function failureOfSend(http: Http, request: HttpRequest): Promise<HttpFailure> {
  const outcome = await http.send(request).then(
    (answer) => assert.fail(`an answer came: ${answer.status}`),
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof HttpFailure, String(outcome));
  for (const hidden of [secret, "/path", "Bearer"]) assert.ok(!outcome.message.includes(hidden), outcome.message);
  return outcome;
}

const post = (origin: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  url: `${origin}/path/${secret}?q=1`,
  headers: { authorization: `Bearer ${secret}` },
  body: secret,
  ...more,
});

/** Calls back once per request head that arrived. */
const onHead = (socket: Socket, then: () => void): void => {
  let head = "";
  socket.on("data", (chunk) => {
    head += chunk.toString("latin1");
    if (!head.includes("\r\n\r\n")) return;
    head = "";
    then();
  });
};

scene("an answer carries status, joined lower-case headers, body and the server's time", async ({ http, serve }) => {
  const origin = await serve((request, response) => {
    response.setHeader("X-Two", ["a", "b"]);
    response.setHeader("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    response.writeHead(418).end(`${request.method} ${request.url}`);
  });
  const answer = await http.send({ method: "PATCH", url: `${origin}/a/b?c=d#e` });
  assert.equal(answer.status, 418);
  assert.equal(answer.headers["x-two"], "a, b");
  assert.equal(answer.body, "PATCH /a/b?c=d");
  assert.equal(answer.serverTime, 784111777000);
});

scene("a redirect is an answer: the token goes nowhere else", async ({ http, serve }) => {
  const urls: (string | undefined)[] = [];
  const origin = await serve((request, response) => {
    urls.push(request.url);
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const answer = await http.send(post(origin));
  assert.equal(answer.status, 302);
  assert.equal(answer.headers.location, "/elsewhere");
  assert.equal(urls.length, 1);
});

for (const url of [
  "http://example.com/",
  "http://127.0.0.1.example.com/",
  "http://128.0.0.1/",
  "http://[::2]/",
  "ftp://127.0.0.1/",
  "https://user:pw@127.0.0.1/",
  "not a url",
]) {
  scene(`${url} is not allowed, and nothing is sent`, async ({ http }) => {
    const failed = await failureOfSend(http, { method: "GET", url });
    assert.deepEqual([failed.reason, failed.sent], ["not-allowed", "no"]);
  });
}

scene("a header that would split the request is not allowed", async ({ http, serve }) => {
  const origin = await serve((_request, response) => response.end());
  const failed = await failureOfSend(http, post(origin, { headers: { "x-a": `${secret}\r\nx-b: 1` } }));
  assert.deepEqual([failed.reason, failed.sent], ["not-allowed", "no"]);
});

scene("Vault's method LIST is sent as it is", async ({ http, raw }) => {
  const origin = await raw((socket) => {
    socket.once("data", (chunk) => {
      const method = chunk.toString("latin1").split(" ")[0] ?? "";
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${method.length}\r\n\r\n${method}`);
    });
  });
  assert.equal((await http.send({ method: "LIST", url: origin })).body, "LIST");
});

scene("connection refused: nothing was sent", async ({ http }) => {
  const closed = createTcpServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const failed = await failureOfSend(http, post(`http://127.0.0.1:${port}`));
  assert.deepEqual([failed.reason, failed.sent], ["refused", "no"]);
});

scene("a reset after the request may have been acted on", async ({ http, raw }) => {
  const origin = await raw((socket) => onHead(socket, () => socket.resetAndDestroy()));
  const failed = await failureOfSend(http, post(origin));
  assert.deepEqual([failed.reason, failed.sent], ["reset", "maybe"]);
});

scene("a close without an answer may have been acted on", async ({ http, raw }) => {
  const origin = await raw((socket) => onHead(socket, () => socket.end()));
  const failed = await failureOfSend(http, post(origin));
  assert.deepEqual([failed.reason, failed.sent], ["reset", "maybe"]);
});

for (const method of ["GET", "POST", "PUT"] as const) {
  scene(`a kept connection that dies under a ${method} is not tried again behind our back`, async ({ http, raw }) => {
    let requests = 0;
    const origin = await raw((socket) =>
      onHead(socket, () => {
        requests += 1;
        if (requests === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        else socket.resetAndDestroy();
      }),
    );
    assert.equal((await http.send({ method: "GET", url: origin })).body, "ok");
    const body = method === "GET" ? {} : { body: secret };
    const failed = await failureOfSend(http, { method, url: `${origin}/path`, ...body });
    assert.deepEqual([failed.reason, failed.sent], ["reset", "maybe"]);
    assert.equal(requests, 2);
  });
}

scene("connections are kept: two requests, one connection", async ({ http, raw }) => {
  let connections = 0;
  const origin = await raw((socket) => {
    connections += 1;
    onHead(socket, () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
  });
  await http.send({ method: "GET", url: origin });
  await http.send({ method: "GET", url: origin });
  assert.equal(connections, 1);
});

scene("silence after the request ends in headers-timeout", async ({ http, raw }) => {
  const origin = await raw((socket) => socket.resume());
  const failed = await failureOfSend(http, post(origin, { timeouts: { headersMs: 30 } }));
  assert.deepEqual([failed.reason, failed.sent], ["headers-timeout", "maybe"]);
});

scene("endless 1xx answers end in headers-timeout", async ({ http, raw }) => {
  const origin = await raw((socket) =>
    onHead(socket, () => {
      const drip = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 5);
      socket.on("close", () => clearInterval(drip));
    }),
  );
  const failed = await failureOfSend(http, post(origin, { timeouts: { headersMs: 60 } }));
  assert.deepEqual([failed.reason, failed.sent], ["headers-timeout", "maybe"]);
});

scene("a body that drips for ever ends in body-timeout: the limit is for the whole body", async ({ http, raw }) => {
  const origin = await raw((socket) =>
    onHead(socket, () => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
      const drip = setInterval(() => socket.write("x"), 5);
      socket.on("close", () => clearInterval(drip));
    }),
  );
  const failed = await failureOfSend(http, post(origin, { timeouts: { bodyMs: 60 } }));
  assert.deepEqual([failed.reason, failed.sent], ["body-timeout", "maybe"]);
});

const broken: readonly [name: string, answer: string, reason: string][] = [
  [
    "shorter than its content-length",
    `HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"access_token":"${secret}`,
    "truncated",
  ],
  ["without the last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", "truncated"],
  ["with half a header", "HTTP/1.1 200 OK\r\ncontent-le", "reset"],
  ["not HTTP", `SSH-2.0-${secret}\r\n\r\n`, "protocol"],
  ["with a chunk size that is none", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "protocol"],
  [
    "cut off in a chunk",
    "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
    "truncated",
  ],
  ["with 40 kB of headers", `HTTP/1.1 200 OK\r\nx-flood: ${"x".repeat(40_000)}\r\n\r\n`, "too-large"],
  [
    "packed, and cut off",
    "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00",
    "truncated",
  ],
  [
    "packed in an unknown way",
    "HTTP/1.1 200 OK\r\ncontent-encoding: constructor\r\ncontent-length: 1\r\n\r\nx",
    "truncated",
  ],
];
for (const [name, answer, reason] of broken) {
  scene(`an answer ${name} is "${reason}", and may have been acted on`, async ({ http, raw }) => {
    const origin = await raw((socket) => onHead(socket, () => socket.end(answer, "latin1")));
    const failed = await failureOfSend(http, post(origin));
    assert.deepEqual([failed.reason, failed.sent], [reason, "maybe"]);
  });
}

scene("an answer larger than the limit is dropped while it comes", async ({ http, serve }) => {
  const origin = await serve((_request, response) => response.end("x".repeat(5000)));
  const failed = await failureOfSend(http, post(origin, { maxBytes: 4999 }));
  assert.deepEqual([failed.reason, failed.sent], ["too-large", "maybe"]);
  assert.equal((await http.send(post(origin, { maxBytes: 5000 }))).body.length, 5000);
});

scene("a small packed answer can't become a large one", async ({ http, serve }) => {
  const packed = gzipSync(Buffer.alloc(8 * 1024 * 1024, 120));
  const origin = await serve((request, response) => {
    assert.equal(request.headers["accept-encoding"], "identity");
    response.writeHead(200, { "content-encoding": "gzip" }).end(packed);
  });
  const failed = await failureOfSend(http, post(origin));
  assert.deepEqual([failed.reason, failed.sent], ["too-large", "maybe"]);
  assert.equal((await http.send(post(origin, { maxBytes: 8 * 1024 * 1024 }))).body.length, 8 * 1024 * 1024);
});

scene("aborted before it began: nothing was sent", async ({ http, serve }) => {
  let requests = 0;
  const origin = await serve((_request, response) => {
    requests += 1;
    response.end();
  });
  const failed = await failureOfSend(http, post(origin, { signal: AbortSignal.abort(new Error(secret)) }));
  assert.deepEqual([failed.reason, failed.sent], ["aborted", "no"]);
  assert.equal(requests, 0);
});

scene(
  "aborted while connecting: nothing is ever sent, also when the connection comes up later",
  async ({ http, raw }) => {
    let bytes = 0;
    let connected: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const origin = await raw((socket) => {
      socket.on("data", (chunk) => {
        bytes += chunk.length;
      });
      socket.on("close", () => connected?.());
    });
    const abort = new AbortController();
    const sending = failureOfSend(http, post(origin, { signal: abort.signal }));
    abort.abort();
    const failed = await sending;
    assert.deepEqual([failed.reason, failed.sent], ["aborted", "no"]);
    await gone;
    assert.equal(bytes, 0);
  },
);

scene("aborted while waiting for the answer, or in its middle: may have been acted on", async ({ http, raw }) => {
  for (const beginning of ["", "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nabc"]) {
    const abort = new AbortController();
    const origin = await raw((socket) => onHead(socket, () => socket.write(beginning, () => abort.abort())));
    const failed = await failureOfSend(http, post(origin, { signal: abort.signal }));
    assert.deepEqual([failed.reason, failed.sent], ["aborted", "maybe"]);
  }
});

scene("closing waits for what is under way, then refuses", async ({ http, serve }) => {
  const origin = await serve((_request, response) => {
    closing = http.close();
    response.end("done");
  });
  let closing: Promise<void> | undefined;
  assert.equal((await http.send(post(origin))).body, "done");
  await closing;
  const failed = await failureOfSend(http, post(origin));
  assert.deepEqual([failed.reason, failed.sent], ["aborted", "no"]);
});

test("a request that the client library would send again fails, and is not sent again", async () => {
  const aborted: unknown[] = [];
  const controller = { abort: (reason: unknown) => aborted.push(reason) };
  const library = {
    dispatch(_request: unknown, handler: Dispatcher.DispatchHandler): boolean {
      for (let i = 0; i < 2; i++) handler.onRequestStart?.(controller as never, undefined);
      return true;
    },
  } as Dispatcher;
  const limits = { maxBytes: 1, connectMs: 5000, headersMs: 5000, bodyMs: 5000 };
  const sending = exchange(library, { method: "POST", path: "/" }, limits, "h", undefined);
  await assert.rejects(sending, { reason: "reset", sent: "maybe" });
  assert.equal(aborted.length, 2);
});

test("an error's name decides the reason, the phase alone decides what was sent", () => {
  const coded = (code: string): Error => Object.assign(new Error(`at /path with ${secret}`), { code });
  const rows = [
    ["ENOTFOUND", "dns", "reset"],
    ["EAI_AGAIN", "dns", "reset"],
    ["ECONNREFUSED", "refused", "reset"],
    ["EHOSTUNREACH", "refused", "reset"],
    ["ETIMEDOUT", "connect-timeout", "reset"],
    ["UND_ERR_CONNECT_TIMEOUT", "connect-timeout", "reset"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "tls", "reset"],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "tls", "reset"],
    ["ECONNRESET", "reset", "reset"],
    ["UND_ERR_PRX_CONN", "proxy", "reset"],
    ["whatever", "reset", "reset"],
  ] as const;
  for (const [code, connecting, sent] of rows) {
    const before = failureOf(coded(code), "connecting", "h");
    assert.deepEqual([before.reason, before.sent], [connecting, "no"], code);
    const after = failureOf(coded(code), "sent", "h");
    assert.deepEqual([after.reason, after.sent], [sent, "maybe"], code);
    for (const failed of [before, after]) assert.ok(!failed.message.includes(secret) && !failed.message.includes("/"));
  }
});
