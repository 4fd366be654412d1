import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { listenOnLoopback, type Page } from "../../src/adapters/http/loopback.ts";

const page: Page = { status: 200, title: "A <b> & 'c'", text: '"<script>alert(1)</script>' };

async function listening(t: TestContext, answer: () => Promise<Page> = async () => page, requestMs?: number) {
  const loopback = await listenOnLoopback(0, answer, requestMs);
  t.after(() => loopback.close());
  return { ...loopback, url: `http://localhost:${loopback.port}/` };
}

test("a page's texts are texts: nothing in them is markup", async (t) => {
  const { url } = await listening(t);
  const text = await (await fetch(url)).text();
  assert.ok(!/<b>|<script|'c'/.test(text), text);
  assert.match(text, /<h1>A &#60;b&#62; &#38; &#39;c&#39;<\/h1>/);
});

test("who drips a request is cut off, and others are served meanwhile", async (t) => {
  const { port, url } = await listening(t, async () => page, 100);
  const slow = connect(port, "127.0.0.1").on("error", () => {});
  slow.write("GET / HTTP/1.1\r\nHost: local");
  assert.equal((await fetch(url)).status, 200);
  await once(slow.resume(), "close");
});

test("a request that is none, another method, a header without an end: turned away", async (t) => {
  const { port, url } = await listening(t);
  for (const method of ["POST", "PUT", "OPTIONS", "HEAD"]) assert.equal((await fetch(url, { method })).status, 400);
  const [first] = (await said(port, "no HTTP\r\n\r\n")).split("\r\n");
  assert.match(String(first), /^HTTP\/1\.1 400/);
  assert.match(await said(port, `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431/);
});

test("a host that is not this machine by one of its own names, at this very port, is turned away", async (t) => {
  const { port } = await listening(t);
  const ask = (host: string) => said(port, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
  for (const host of [`LocalHost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
    assert.match(await ask(`Host: ${host}\r\n`), /^HTTP\/1\.1 200/, host);
  const others = [
    `evil.test:${port}`,
    `localhost.evil.test:${port}`,
    `evil.test#localhost:${port}`,
    `localhost:${port + 1}`,
  ];
  for (const host of [...others, "localhost", ""])
    assert.match(await ask(`Host: ${host}\r\n`), /^HTTP\/1\.1 400/, host);
  assert.match(await ask(""), /^HTTP\/1\.1 400/, "no host at all");
});

async function said(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  socket.write(bytes);
  let text = "";
  socket.on("data", (chunk) => {
    text += String(chunk);
  });
  await once(socket, "close");
  return text;
}

test("closing lets an answer that is due be sent; an answer that fails is a page, and says nothing", async (t) => {
  const due = Promise.withResolvers<Page>();
  const { url, close } = await listening(t, () => due.promise);
  const asked = fetch(url);
  const arrived = Promise.withResolvers<void>();
  const failing = await listenOnLoopback(0, async () => {
    arrived.resolve();
    throw new Error("s3cret");
  });
  const broken = await fetch(`http://localhost:${failing.port}/`);
  await arrived.promise;
  assert.equal(broken.status, 500);
  assert.ok(!(await broken.text()).includes("s3cret"));
  await failing.close();
  due.resolve(page);
  const answer = await asked;
  await close();
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /<h1>/);
});
