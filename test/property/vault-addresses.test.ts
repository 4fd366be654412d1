import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Http, type HttpAnswer, HttpFailure, type HttpRequest } from "../../src/adapters/http/port.ts";
import { endpointOf, overAddresses } from "../../src/adapters/vault/addresses.ts";
import { property } from "../support/property.ts";

/** How a server of the cluster takes a request. `lost`: it was acted on, and the answer never came. */
const kinds = ["works", "standby-busy", "refuses", "lost", "sealed", "errors", "redirects"] as const;
type Kind = (typeof kinds)[number];
const ACTED: readonly Kind[] = ["works", "lost", "errors"];

/** Servers whose ways are drawn; what each was sent. */
class Servers implements Http {
  readonly sent: { readonly server: number; readonly kind: Kind }[] = [];
  ways: readonly Kind[] = [];

  async send({ url }: HttpRequest): Promise<HttpAnswer> {
    const server = Number(new URL(url).hostname.slice(1));
    const kind = this.ways[server] ?? "works";
    this.sent.push({ server, kind });
    const host = `v${server}`;
    if (kind === "refuses") throw new HttpFailure("refused", "no", host, "no connection");
    if (kind === "lost") throw new HttpFailure("reset", "maybe", host, "the connection broke");
    return { headers: {}, body: "", status: 200, ...answers[kind] };
  }

  async close() {}
}

const answers: Partial<Record<Kind, Partial<HttpAnswer>>> = {
  "standby-busy": { status: 429 },
  sealed: { status: 503, body: '{"errors":["Vault is sealed"]}' },
  errors: { status: 502, body: "<html>" },
  redirects: { status: 307 },
};

async function outcomeOf(http: Http, method: "GET" | "POST"): Promise<HttpAnswer | HttpFailure> {
  try {
    return await http.send({ method, url: "https://v0/v1/kv/data/x" });
  } catch (failure) {
    assert.ok(failure instanceof HttpFailure);
    return failure;
  }
}

const step = fc.record({
  method: fc.constantFrom("GET" as const, "POST" as const),
  ways: fc.array(fc.constantFrom(...kinds), { minLength: 3, maxLength: 3 }),
});

property(
  "several addresses: each is tried once at most, a write is acted on once at most, what works is kept, and no doubt is hidden",
  [fc.array(step, { minLength: 1, maxLength: 12 })],
  async (steps) => {
    const servers = new Servers();
    const http = overAddresses(servers, ["https://v0", "https://v1", "https://v2"]);
    let last: { readonly server: number; readonly kind: Kind } | undefined;
    for (const { method, ways } of steps) {
      servers.ways = ways;
      servers.sent.length = 0;
      const outcome = await outcomeOf(http, method);
      const sent = [...servers.sent];
      assert.equal(new Set(sent.map(({ server }) => server)).size, sent.length);
      const kept = last !== undefined && ["works", "standby-busy"].includes(last.kind);
      if (kept) assert.equal(sent[0]?.server, last?.server);
      if (method === "POST") assert.ok(sent.filter(({ kind }) => ACTED.includes(kind)).length <= 1);
      const good = sent.at(-1)?.kind === "works" || sent.at(-1)?.kind === "standby-busy";
      if (method === "GET")
        assert.equal(
          good,
          ways.some((kind) => kind === "works" || kind === "standby-busy"),
        );
      assert.equal(!(outcome instanceof HttpFailure) && outcome.status < 300, sent.at(-1)?.kind === "works");
      const doubt = !good && sent.some(({ kind }) => kind === "lost");
      if (doubt) assert.ok(outcome instanceof HttpFailure && outcome.sent === "maybe");
      last = sent.at(-1);
    }
    return true;
  },
);

test("one request's failure moves all on, and many at once move on by one", async () => {
  const servers = new Servers();
  const http = overAddresses(servers, ["https://v0", "https://v1", "https://v2"]);
  servers.ways = ["refuses", "works", "works"];
  await Promise.all(Array.from({ length: 8 }, () => outcomeOf(http, "POST")));
  assert.deepEqual(new Set(servers.sent.map(({ server }) => server)), new Set([0, 1]));
});

test("an address as it is written becomes the one that the transport knows", () => {
  assert.equal(endpointOf("https://v:8200/"), "https://v:8200");
  assert.equal(endpointOf("unix:///run/my vault.sock"), "http+unix://%2Frun%2Fmy%20vault.sock");
});
