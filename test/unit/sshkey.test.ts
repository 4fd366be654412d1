import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, createPublicKey, sign, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bcryptPbkdf } from "../../src/adapters/engines/sshkey/bcrypt-pbkdf.ts";
import { freshTables } from "../../src/adapters/engines/sshkey/blowfish.ts";
import { createSshkeyEngine } from "../../src/adapters/engines/sshkey/engine.ts";
import { makeSshKey, type Random } from "../../src/adapters/engines/sshkey/openssh.ts";

/** A stream of bytes that is the same in each run. */
function fixedRandom(seed: string): Random {
  let count = 0;
  return (bytes) => createHash("shake256", { outputLength: bytes }).update(`${seed} ${count++}`).digest();
}

const signal = new AbortController().signal;
const noKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined ? false : "ssh-keygen is not installed";

function engine(settings: { comment?: string; passphrase?: string } = {}) {
  return createSshkeyEngine({
    settings,
    comment: "alice@host",
    random: fixedRandom("e"),
    now: () => 1_795_400_000_000,
  });
}

/** `ssh-keygen -y` on a key: the public key it holds, or undefined when it can't be opened. */
function publicKeyIn(privateKey: string, passphrase: string): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), "dotvault-ssh-"));
  try {
    const file = join(directory, "key");
    writeFileSync(file, privateKey, { mode: 0o600 });
    const run = spawnSync("ssh-keygen", ["-y", "-P", passphrase, "-f", file], { encoding: "utf8" });
    return run.status === 0 ? run.stdout.trim() : undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("Blowfish's tables are π's digits", () => {
  const { p, s } = freshTables();
  assert.deepEqual([...p.slice(0, 3), p[17]], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x8979fb1b]);
  assert.deepEqual([s[0], s[1023]], [0xd1310ba6, 0x3ac372e6]);
});

test("the key derivation is the one that OpenSSH has", async () => {
  // What OpenSSH's own function gives for these; checked by the keys that ssh-keygen opens below, too.
  const key = await bcryptPbkdf("password", Buffer.from("salt"), 4, 32);
  assert.equal(key.toString("hex"), "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9");
});

test("a key is what its randomness makes it, and another one each time", async () => {
  const one = await makeSshKey(fixedRandom("a"), "c");
  assert.deepEqual(await makeSshKey(fixedRandom("a"), "c"), one);
  assert.notEqual((await makeSshKey(fixedRandom("b"), "c")).publicKey, one.publicKey);
});

test("the private key signs what the public key verifies", async () => {
  const { privateKey, publicKey } = await makeSshKey(fixedRandom("a"), "c");
  const raw = Buffer.from(privateKey.split("\n").slice(1, -2).join(""), "base64");
  const point = Buffer.from(publicKey.split(" ")[1] ?? "", "base64").subarray(-32);
  const at = raw.lastIndexOf(point) - 32;
  const seed = raw.subarray(at, at + 32);
  const jwk = { kty: "OKP", crv: "Ed25519", x: point.toString("base64url") };
  const secret = { key: { ...jwk, d: seed.toString("base64url") }, format: "jwk" } as const;
  const signature = sign(null, Buffer.from("text"), secret);
  assert.ok(verify(null, Buffer.from("text"), createPublicKey({ key: jwk, format: "jwk" }), signature));
});

test("ssh-keygen reads the key, its comment and its fingerprint", { skip: noKeygen }, async () => {
  for (const comment of ["c", "alice@host", "ä ö 雪", "x".repeat(255)]) {
    const key = await makeSshKey(fixedRandom(comment), comment);
    assert.equal(publicKeyIn(key.privateKey, ""), key.publicKey);
  }
  const { publicKey, fingerprint } = await makeSshKey(fixedRandom("f"), "me");
  const line = execFileSync("ssh-keygen", ["-l", "-f", "-"], { input: `${publicKey}\n`, encoding: "utf8" });
  assert.equal(line.trim(), `256 ${fingerprint} me (ED25519)`);
});

test("ssh-keygen opens an encrypted key with its passphrase, and with no other", { skip: noKeygen }, async () => {
  for (const passphrase of ["correct horse", "pässwört 雪", "p".repeat(255)]) {
    const key = await makeSshKey(fixedRandom(passphrase), "c", passphrase);
    assert.equal(publicKeyIn(key.privateKey, passphrase), key.publicKey);
    assert.equal(publicKeyIn(key.privateKey, `${passphrase}x`), undefined);
    assert.equal(publicKeyIn(key.privateKey, ""), undefined);
  }
});

test("an encrypted key holds neither its seed nor its comment in clear", async () => {
  const seed = Buffer.from(fixedRandom("s")(32));
  const { privateKey } = await makeSshKey(fixedRandom("s"), "comment-in-clear", "a passphrase");
  const raw = Buffer.from(privateKey.split("\n").slice(1, -2).join(""), "base64");
  assert.ok(!raw.includes(seed) && !raw.includes("comment-in-clear"));
});

test("the engine needs nobody: its fields and facts come at once, with no end and nothing to rotate", async () => {
  const sshkey = engine();
  assert.deepEqual(Object.values(sshkey.traits), [false, false, false, false, false]);
  const result = await sshkey.exchange({ description: "d" }, signal);
  assert.ok(result.kind === "issued");
  assert.deepEqual(Object.keys(result.fields), sshkey.ownedFields);
  assert.equal(result.fields.comment, "alice@host");
  assert.equal(result.fields.issued_at, "2026-11-23T02:13:20Z");
  assert.ok(result.fields.public_key?.endsWith(" alice@host"));
  const { digest, ...facts } = result.facts;
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.deepEqual(facts, {
    complete: true,
    refreshable: false,
    tokenId: result.fields.fingerprint,
    issuedAt: 1_795_400_000_000,
  });
  assert.deepEqual(sshkey.describe(result.fields), result.facts);
});

test("the settings' comment and passphrase are used; the passphrase is stored nowhere", async () => {
  const result = await engine({ comment: "work", passphrase: "do not store me" }).exchange(
    { description: "d" },
    signal,
  );
  assert.ok(result.kind === "issued");
  assert.equal(result.fields.comment, "work");
  assert.ok(!JSON.stringify(result).includes("do not store me"));
});

test("a document without both halves is not complete; two pairs have two digests", async () => {
  const { describe } = engine();
  assert.equal(describe({ public_key: "p" }).complete, false);
  assert.equal(describe({ private_key: "p" }).complete, false);
  assert.equal(describe({ private_key: 1, public_key: 2 }).complete, false);
  assert.notEqual(describe({ public_key: "p" }).digest, describe({ public_key: "q" }).digest);
});
