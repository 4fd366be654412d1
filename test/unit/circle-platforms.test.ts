import assert from "node:assert/strict";
import { test } from "node:test";
import { platformsOf } from "../../src/adapters/engines/jfrog/circle/platforms.ts";

test("every platform of a circle has a name of its own for jf; the issuer keeps the one that it always had", () => {
  const names = (issuer: string, ...others: string[]) => platformsOf(issuer, others).map(({ serverId }) => serverId);
  assert.deepEqual(names("https://acme.jfrog.io", "https://eu.jfrog.io"), ["acme", "eu"]);
  assert.deepEqual(names("https://acme.jfrog.io", "https://acme.example.com"), ["acme", "acme-example-com"]);
  assert.deepEqual(names("http://127.0.0.1:8081", "http://127.0.0.1:8082", "http://127.0.0.1:8083"), [
    "default-server",
    "127-0-0-1-8082",
    "127-0-0-1-8083",
  ]);
  const odd = names("http://[::1]:1", "http://[::1]:2", "https://a.b-c", "https://a.b.c", "https://a-b-c");
  assert.equal(new Set(odd).size, odd.length, odd.join(" "));
});
