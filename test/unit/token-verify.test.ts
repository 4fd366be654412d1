import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readCertificates } from "../../src/adapters/engines/jfrog/trust/certificates.ts";
import { readPath } from "../../src/adapters/engines/jfrog/trust/sources.ts";
import { vouchFor } from "../../src/adapters/engines/jfrog/trust/verify.ts";
import { encoded, makeIssuer, pem, usual } from "../support/tokens.ts";

const NOW = Date.now();
const ours = makeIssuer("01ours", NOW);
const other = makeIssuer("01other", NOW);
const stranger = makeIssuer("01stranger", NOW);
const trusted = [ours, other].flatMap(({ certificate, id }) => readCertificates(certificate, id) ?? []);

async function verdict(token: string, now = NOW, certificates = trusted): Promise<string> {
  const found = await vouchFor(token, certificates, now);
  return found.kind === "vouched" ? `vouched by ${found.certificate.source}` : found.reason;
}

test("the certificate that kid names vouches; so does any other trusted one, whatever kid says", async () => {
  assert.equal(await verdict(ours.sign()), "vouched by 01ours");
  assert.equal(await verdict(other.sign()), "vouched by 01other");
  assert.equal(await verdict(other.sign({}, { kid: ours.keyId })), "vouched by 01other", "a wrong kid only costs time");
  assert.equal(await verdict(ours.sign({}, { kid: "nobody's" })), "vouched by 01ours");
  assert.equal(await verdict(ours.sign({}, { kid: undefined })), "vouched by 01ours");
});

test("attack: alg none, signed with nothing or with anything", async () => {
  const [, payload] = ours.sign().split(".");
  for (const alg of ["none", "None", "NONE"]) {
    assert.equal(await verdict(`${encoded({ alg, kid: ours.keyId })}.${payload}.`), "algorithm");
    assert.equal(await verdict(`${encoded({ alg, kid: ours.keyId })}.${payload}.c2ln`), "algorithm");
  }
  assert.equal(await verdict(`${encoded({ kid: ours.keyId })}.${payload}.`), "algorithm");
});

test("attack: HS256 with the public key, in every form that it is published in, as the secret", async () => {
  const head = encoded({ typ: "JWT", alg: "HS256", kid: ours.keyId });
  const signed = `${head}.${encoded(usual("01ours", NOW))}`;
  const forms = [
    ours.publicKey.export({ type: "spki", format: "pem" }),
    ours.publicKey.export({ type: "spki", format: "der" }),
    ours.publicKey.export({ type: "pkcs1", format: "pem" }),
    ours.certificate,
    Buffer.from(pem(ours.certificate)),
    Buffer.from(ours.certificate.toString("base64")),
  ];
  for (const secret of forms) {
    const token = `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
    assert.equal(await verdict(token), "algorithm");
  }
});

test("attack: a foreign issuer, also one that names our kid, our issuer, or brings its own key", async () => {
  assert.equal(await verdict(stranger.sign()), "signature");
  assert.equal(await verdict(stranger.sign(usual("01ours", NOW), { kid: ours.keyId })), "signature");
  const jwk = createPublicKey(stranger.privateKey).export({ format: "jwk" });
  const brought = { jwk, x5c: [stranger.certificate.toString("base64")], jku: "https://evil.example/keys" };
  assert.equal(await verdict(stranger.sign(usual("01ours", NOW), { ...brought, kid: ours.keyId })), "signature");
});

test("attack: a signature cut off, of other claims, of another algorithm, and with critical extensions", async () => {
  const [head = "", , signature = ""] = ours.sign().split(".");
  assert.equal(await verdict(`${head}.${encoded({ ...usual("01ours", NOW), sub: "root" })}.${signature}`), "signature");
  assert.equal(await verdict(ours.sign().replace(/\.[^.]*$/, ".")), "signature");
  assert.equal(await verdict(ours.sign({}, { alg: "RS512" })), "signature");
  assert.equal(await verdict(ours.sign({}, { crit: ["x"], x: 1 })), "signature");
});

test("expired, not valid yet, issued in the future; a minute of the clocks' difference is let pass", async () => {
  const seconds = Math.floor(NOW / 1000);
  assert.equal(await verdict(ours.sign({ exp: seconds - 61 })), "expired");
  assert.equal(await verdict(ours.sign({ exp: seconds - 30 })), "vouched by 01ours");
  assert.equal(await verdict(ours.sign({ nbf: seconds + 120 })), "not-yet-valid");
  assert.equal(await verdict(ours.sign({ iat: seconds + 120 })), "not-yet-valid");
  assert.equal(await verdict(ours.sign({ exp: undefined })), "vouched by 01ours", "no end is no fault");
  assert.equal(await verdict(ours.sign({ exp: 4e9 }), NOW + 20 * 365 * 864e5), "certificate-expired");
});

test("attack: claims that stand twice, however they are spelt", async () => {
  const base = JSON.stringify(usual("01ours", NOW)).slice(1);
  assert.equal(await verdict(ours.sign(`{"sub":"jfac@01ours/users/root",${base}`)), "repeated-claims");
  assert.equal(await verdict(ours.sign(`{"s\\u0075b":"jfac@01ours/users/root",${base}`)), "repeated-claims");
});

test("attack: oversized, and texts that are no token", async () => {
  assert.equal(await verdict(ours.sign({ scp: "x".repeat(40_000) })), "oversized");
  for (const text of ["", ".", "..", "a.b.c", "eyJ.eyJ.x", `${ours.sign()}.more`])
    assert.equal(await verdict(text), "malformed");
  assert.equal(await verdict("cmVmdGtuOjAxOjAw"), "reference-token");
  assert.equal(await verdict(ours.sign(), NOW, []), "no-certificates");
});

test("elliptic keys vouch, too, by their own algorithm only", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const [certificate] = trusted;
  assert.ok(certificate);
  const held = [{ ...certificate, source: "ec", x509: { ...certificate.x509, publicKey } as typeof certificate.x509 }];
  const signedWith = (alg: string, hash: string) => {
    const signed = `${encoded({ alg })}.${encoded(usual("01ours", NOW))}`;
    return `${signed}.${sign(hash, Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  };
  assert.equal(await verdict(signedWith("ES256", "sha256"), NOW, held), "vouched by ec");
  assert.equal(await verdict(signedWith("ES384", "sha384"), NOW, held), "signature");
});

test("certificates: PEM (several in a file), bare base64 DER, DER, a directory with links; what is none is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dotvault-trust-"));
  try {
    mkdirSync(join(folder, "deeper"));
    writeFileSync(join(folder, "both.pem"), `about us\n${pem(ours.certificate)}${pem(other.certificate)}`);
    writeFileSync(join(folder, "bare"), `${stranger.certificate.toString("base64")}\n`);
    writeFileSync(join(folder, ".hidden"), "no certificate");
    symlinkSync(join(folder, "both.pem"), join(folder, "link.crt"));
    const all = await readPath(folder);
    assert.equal(all.problem, null);
    assert.deepEqual(
      all.certificates.map(({ keyId }) => keyId),
      [stranger, ours, other, ours, other].map(({ keyId }) => keyId),
    );
    assert.equal(all.certificates[1]?.name, "jfac@01ours");
    writeFileSync(join(folder, "der.cer"), ours.certificate);
    assert.equal((await readPath(join(folder, "der.cer"))).certificates[0]?.keyId, ours.keyId);
    writeFileSync(join(folder, "odd"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert.match((await readPath(folder)).problem ?? "", /odd holds no certificate/);
    assert.match((await readPath(join(folder, "none"))).problem ?? "", /can't be read \(ENOENT\)/);
    writeFileSync(join(folder, "cut"), pem(ours.certificate) + pem(other.certificate).slice(0, 300));
    assert.match((await readPath(join(folder, "cut"))).problem ?? "", /cut holds .* a broken one/);
    execFileSync("mkfifo", [join(folder, "pipe")]);
    assert.match(
      (await readPath(join(folder, "pipe"))).problem ?? "",
      /pipe holds no certificate/,
      "nobody waits for it",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
