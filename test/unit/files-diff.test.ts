import assert from "node:assert/strict";
import { test } from "node:test";
import { maskedDiff } from "../../src/adapters/files/index.ts";

const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

test("equal texts have no diff", () => {
  assert.equal(maskedDiff("a\n", "a\n", []), "");
});

test("a unified diff: three lines of context, hunks apart, line numbers of both sides", () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`);
  const changed = lines.with(1, "second").toSpliced(15, 1).concat("end");
  assert.equal(
    maskedDiff(`${lines.join("\n")}\n`, `${changed.join("\n")}\n`, []),
    [
      "@@ -1,5 +1,5 @@",
      " line 1",
      "-line 2",
      "+second",
      " line 3",
      " line 4",
      " line 5",
      "@@ -13,8 +13,8 @@",
      " line 13",
      " line 14",
      " line 15",
      "-line 16",
      " line 17",
      " line 18",
      " line 19",
      " line 20",
      "+end",
      "",
    ].join("\n"),
  );
});

test("a new file is all additions, an added last line break is a change", () => {
  assert.equal(maskedDiff(undefined, "a\nb\n", []), "@@ -0,0 +1,2 @@\n+a\n+b\n");
  assert.equal(maskedDiff("a", "a\n", []), "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
});

test("the new credential and the old one behind the same key are masked, and the change still shows", () => {
  assert.equal(
    maskedDiff('{\n  "password": "old pw"\n}\n', '{\n  "password": "new pw"\n}\n', ["new pw"]),
    '@@ -1,3 +1,3 @@\n {\n-  "password": "••••\n+  "password": "••••"\n }\n',
  );
});

test("what looks like a credential is masked although nobody named it", () => {
  const uuid = "123e4567-e89b-12d3-a456-426614174000";
  const reference = "cmVmdGtuOjAxOjE3ODE2NTM5";
  const pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\nbnNz\n-----END OPENSSH PRIVATE KEY-----";
  const before = `jwt: ${JWT}\nuuid: ${uuid}\nref: ${reference}\n${pem}\n`;
  const diff = maskedDiff(before, "url: https://acme.jfrog.io/artifactory/api\n", []);
  for (const secret of [JWT, uuid, reference, "b3Bl", "bnNz"]) assert.ok(!diff.includes(secret), secret);
  assert.ok(diff.includes("+url: https://acme.jfrog.io/artifactory/api"));
});

test("a credential of several lines is masked line by line, also as JSON spells it", () => {
  const secret = 'first line\nsecond "line"';
  const diff = maskedDiff("", `k: |\n  ${secret.replace("\n", "\n  ")}\n${JSON.stringify({ secret })}\n`, [secret]);
  assert.ok(!diff.includes("first") && !diff.includes("second"), diff);
});

test("control characters of a file are shown, not sent to the terminal", () => {
  const esc = String.fromCharCode(27);
  const diff = maskedDiff("", `${esc}[2Jx\r\n`, []);
  assert.ok(diff.includes("+\\x1b[2Jx\\x0d"));
  assert.ok(!diff.includes(esc));
});

test("a very large change is shown as replaced instead of compared for long", () => {
  const many = (word: string) => Array.from({ length: 5000 }, (_, i) => `${word} ${i}`).join("\n");
  const diff = maskedDiff(`same\n${many("a")}\n`, `same\n${many("b")}\n`, []);
  assert.equal(diff.split("\n").filter((line) => line.startsWith("-")).length, 5000);
  assert.ok(diff.startsWith("@@ -1,5001 +1,5001 @@\n same\n"));
});
