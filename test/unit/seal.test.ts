import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { CompactEncrypt, compactDecrypt } from "jose";
import { digest } from "../../src/seal/digest.ts";
import { deriveKey, generateKey, Key, parseKey } from "../../src/seal/key.ts";
import { type Label, open, readLabel, seal } from "../../src/seal/seal.ts";

const key = generateKey();
const label: Label = { id: "s1", kind: "pair", subject: "jfrog", at: 1_764_000_000_123 };
const secret = Buffer.from('{"access_token":"eyJ…"}');
const broken = { code: "seal.broken" };

test("what is sealed opens with the same key and label, and with no other", () => {
  const jwe = seal(key, label, secret);
  assert.deepEqual(open(key, jwe, label), secret);
  assert.throws(() => open(generateKey(), jwe, label), { code: "seal.other-key" });
});

test("a sealed row put in another's place does not open", () => {
  const jwe = seal(key, label, secret);
  for (const other of [{ id: "s2" }, { kind: "bootstrap" }, { subject: "github" }]) {
    assert.throws(() => open(key, jwe, { ...label, ...other }), broken);
  }
});

test("a sealed row can't be given another time", () => {
  const jwe = seal(key, label, secret);
  assert.throws(() => open(key, jwe, { ...label, at: label.at + 1 }), broken);
  const { at: _, ...timeless } = label;
  assert.deepEqual(open(key, jwe, timeless), secret);
  assert.deepEqual(readLabel(jwe), label);
});

test("a header written anew around the same bytes does not open", () => {
  const [header = "", ...rest] = seal(key, label, secret).split(".");
  const changed = { ...JSON.parse(Buffer.from(header, "base64url").toString()), iat: 1 };
  const forged = [Buffer.from(JSON.stringify(changed)).toString("base64url"), ...rest].join(".");
  assert.throws(() => open(key, forged, { ...label, at: 1000 }), broken);
  const { at: _, ...timeless } = label;
  assert.throws(() => open(key, forged, timeless), broken);
});

test("no single character of a sealed row can be changed, cut or added unnoticed", () => {
  const jwe = seal(key, label, secret);
  for (let i = 0; i < jwe.length; i++) {
    const other = jwe[i] === "A" ? "B" : "A";
    assert.throws(() => open(key, jwe.slice(0, i) + other + jwe.slice(i + 1), label), /seal/, `character ${i}`);
    assert.throws(() => open(key, jwe.slice(0, i), label), broken);
  }
  for (const added of [`${jwe}.`, `${jwe}A`, `.${jwe}`, "", "....", jwe.replace("..", ".AAAA.")]) {
    assert.throws(() => open(key, added, label), broken);
  }
});

test("a second spelling of the same bytes is a change, too", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const jwe = seal(key, label, secret);
  const last = alphabet.indexOf(jwe.at(-1) ?? "");
  const respelt = jwe.slice(0, -1) + alphabet[last + 1];
  assert.deepEqual(Buffer.from(respelt.slice(-22), "base64url"), Buffer.from(jwe.slice(-22), "base64url"));
  assert.throws(() => open(key, respelt, label), broken);
  assert.throws(() => open(key, `${jwe}=`, label), broken);
});

test("two seals of the same bytes differ", () => {
  assert.notEqual(seal(key, label, secret), seal(key, label, secret));
});

test("jose opens what we seal", async () => {
  const { plaintext, protectedHeader } = await compactDecrypt(seal(key, label, secret), deriveKey(key, "seal"));
  assert.deepEqual(Buffer.from(plaintext), secret);
  const expected = {
    alg: "dir",
    enc: "A256GCM",
    kid: key.id,
    ref: "s1",
    knd: "pair",
    sub: "jfrog",
    iat: label.at / 1000,
  };
  assert.deepEqual(protectedHeader, expected);
});

test("we open what jose seals", async () => {
  const header = {
    alg: "dir",
    enc: "A256GCM",
    kid: key.id,
    ref: "s1",
    knd: "pair",
    sub: "jfrog",
    iat: label.at / 1000,
  };
  const jwe = await new CompactEncrypt(secret).setProtectedHeader(header).encrypt(deriveKey(key, "seal"));
  assert.deepEqual(open(key, jwe, label), secret);
});

test("an algorithm of the attacker's choice is refused", async () => {
  const header = { alg: "dir", enc: "A256CBC-HS512", kid: key.id, ref: "s1", knd: "pair", sub: "jfrog", iat: 1 };
  const jwe = await new CompactEncrypt(secret).setProtectedHeader(header).encrypt(Buffer.alloc(64));
  assert.throws(() => open(key, jwe, label), broken);
});

test("errors show nothing of the secret and nothing of the key", () => {
  const jwe = seal(key, label, secret);
  assert.throws(
    () => open(key, `${jwe.slice(0, -1)}A`, { ...label, id: "x" }),
    (error) => !inspect(error).includes("access_token") && !inspect(error).includes(key.reveal().slice(16)),
  );
});

test("a key shows its id only, however it is printed", () => {
  const shown = [`${key}`, JSON.stringify({ key }), inspect(key, { depth: 9, showHidden: true }), String(key)].join();
  assert.ok(shown.includes(key.id));
  assert.ok(!shown.includes(key.reveal().slice("dotvault-key-v1:".length)));
  assert.match(key.id, /^[0-9a-f]{8}$/);
});

test("a key survives its line of text; other texts are refused without being quoted", () => {
  assert.equal(parseKey(`${key.reveal()}\n`).id, key.id);
  const line = key.reveal();
  for (const bad of [
    "",
    "hunter2",
    line.slice(0, -1),
    `${line}A`,
    `${line}\n\n`,
    ` ${line}`,
    line.replace("v1", "v2"),
  ]) {
    assert.throws(
      () => parseKey(bad),
      (error: Error & { code: string }) =>
        error.code === "key.malformed" && (bad === "" || !inspect(error).includes(bad)),
    );
  }
  assert.throws(() => new Key(Buffer.alloc(31)), { code: "key.malformed" });
});

test("keys for different purposes differ, and are the same at every start", () => {
  const fixed = new Key(Buffer.alloc(32, 7));
  const exported = (purpose: string) => deriveKey(fixed, purpose).export().toString("hex");
  assert.notEqual(exported("seal"), exported("chain"));
  assert.equal(
    exported("seal"),
    deriveKey(new Key(Buffer.alloc(32, 7)), "seal")
      .export()
      .toString("hex"),
  );
  assert.equal(fixed.id, "bbc74b84");
  assert.equal(exported("chain"), "1eb5a996ef03b2e9ba8fa19e7b6315df92f54f93cd30ae5682deb8fdb09049f4");
});

test("digest is SHA-256 in hex", () => {
  assert.equal(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(digest(Buffer.from("abc")), digest("abc"));
});
