import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { enrolled, makeMachine, startPlatform, tokenIn } from "../support/agent-process.ts";
import { configText, jfrogWish } from "../support/home.ts";

type Answer = (response: ServerResponse) => void;

/** A host between the agent and the platform that answers presentations itself as long as it is told to. */
interface Mallory {
  readonly origin: string;
  /** Answers to the next presentations; nothing of those reaches the platform. */
  readonly answers: Answer[];
}

async function listen(t: TestContext, handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer({ maxHeaderSize: 65_536 }, handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startMallory(t: TestContext, platform: string): Promise<Mallory> {
  const answers: Answer[] = [];
  const origin = await listen(t, (asked, response) => {
    const chunks: Buffer[] = [];
    asked.on("data", (chunk: Buffer) => chunks.push(chunk));
    asked.on("end", () => {
      const body = Buffer.concat(chunks);
      const answer = body.includes("grant_type=refresh_token") ? answers.shift() : undefined;
      if (answer) answer(response.on("error", () => {}));
      else forward(platform, asked, body, response);
    });
  });
  return { origin, answers };
}

function forward(platform: string, asked: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const { method = "GET", url = "/", headers } = asked;
  const onward = request(`${platform}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  onward.end(body);
}

const json = { "content-type": "application/json" };
const ESCAPES = "\u001b]0;owned\u0007\u001b[2Jgone\r\nok\u009b31m\u202e";

/** What it answers; each one may have been acted on, for all that the agent can know. */
const HOSTILE: Readonly<Record<string, (elsewhere: string) => Answer>> = {
  "a redirect to another host": (elsewhere) => (response) =>
    response.writeHead(307, { location: `${elsewhere}/access/api/v1/tokens` }).end(),
  "a body without an end": () => (response) => {
    response.writeHead(200, json);
    const more = () => {
      while (response.write("x".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  },
  "a body that unpacks to a thousand times its size": () => (response) =>
    response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(32 * 1024 * 1024))),
  "a flood of headers": () => (response) =>
    response
      .writeHead(200, Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`x-${n}`, "y".repeat(60)])))
      .end(),
  "members that reach for prototypes": () => (response) =>
    response.writeHead(200, json).end('{"__proto__":{"access_token":"evil"},"constructor":{"prototype":{"kind":"x"}}}'),
  "a token that closes the quotes of a template": () => (response) =>
    response.writeHead(200, json).end(JSON.stringify({ access_token: 'a","evil":"b\n', refresh_token: "r" })),
  "a refusal with terminal escapes": () => (response) =>
    response.writeHead(401, json).end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: ESCAPES }] })),
};

describe("a hostile host in the service's place", { concurrency: 3, timeout: 400_000 }, () => {
  for (const [what, answer] of Object.entries(HOSTILE)) {
    test(`${what} costs no pair, shows no token to anyone else, and breaks no file`, async (t) => {
      const platform = await startPlatform(t, { oldAccessToken: "lives" });
      const elsewhere: string[] = [];
      const other = await listen(t, (asked, response) => {
        elsewhere.push(asked.url ?? "");
        response.end();
      });
      const mallory = await startMallory(t, platform.url);
      const machine = makeMachine(t, configText(jfrogWish(mallory.origin)));
      const agent = await enrolled(machine, platform);
      const before = tokenIn(machine.home);
      mallory.answers.push(answer(other));
      await machine.ask("refresh", { name: "jfrog" });
      await machine.until("rotated all the same", (reader) => {
        const stored = [...reader.events()].filter(({ event }) => event.type === "STORED");
        return stored.length === 2 && tokenIn(machine.home) !== before;
      });
      assert.equal(platform.ledger.byAccessToken(tokenIn(machine.home) ?? "")?.state, "live");
      assert.deepEqual(platform.ledger.stalePresentations(), []);
      assert.deepEqual(elsewhere, []);
      assert.equal(machine.events("REMOVED").length, 0);
      assert.deepEqual(Object.keys(JSON.parse(machine.home.read(".jfrog/jfrog-cli.conf.v6"))), ["servers", "version"]);
      const [status, log] = [await machine.verb("status"), await machine.verb("log", "jfrog")];
      for (const said of [status.out, log.out, agent.err()]) {
        assert.doesNotMatch(said, /[^\P{C}\n]/u, "control characters reach a terminal");
        assert.ok(!said.includes("owned"));
      }
      assert.ok(agent.running);
      await agent.kill();
    });
  }
});
