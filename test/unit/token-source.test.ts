import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { TokenSource } from "../../src/adapters/engines/token-source.ts";
import type { SecretStore } from "../../src/adapters/store-port.ts";
import { tokenReader, withoutTokens } from "../../src/commands/assembly/token-source.ts";

const home = mkdtempSync(join(tmpdir(), "dotvault-source-"));
after(() => rmSync(home, { recursive: true }));
writeFileSync(join(home, "token"), "from-a-file\n");
writeFileSync(join(home, "empty"), " \n");

const document = { access_token: "from-vault", number: 7 };
const store = {
  readShared: async (path: string) =>
    path === "ci/jfrog"
      ? { state: "present", version: 1, createdAt: 0, serverTime: 0, fields: document }
      : { state: "absent", version: 0, serverTime: 0 },
} as unknown as SecretStore;

const { signal } = new AbortController();
const env = { CI_TOKEN: "from-the-environment", EMPTY: "", PATH: process.env.PATH };
const read = (source: TokenSource, from: SecretStore | undefined = store) =>
  tokenReader({ env, home }, from)(source, signal);

test("a token comes from a file, a variable, a program or Vault, without space around it", async () => {
  const rows: [TokenSource, string][] = [
    [{ from: "file", path: "~/token" }, "from-a-file"],
    [{ from: "env", name: "CI_TOKEN" }, "from-the-environment"],
    [{ from: "command", words: ["sh", "-c", 'printf "  %s\\n" "$CI_TOKEN"'] }, "from-the-environment"],
    [{ from: "vault", path: "ci/jfrog", field: "access_token" }, "from-vault"],
  ];
  for (const [source, expected] of rows) assert.equal(await read(source), expected);
});

test("what is not there is said by its place, and nothing of it is shown", async () => {
  const rows: [TokenSource, RegExp][] = [
    [{ from: "file", path: "~/none" }, /^the file ~\/none can't be read \(ENOENT\)$/],
    [{ from: "file", path: "~/empty" }, /^the file ~\/empty is empty$/],
    [{ from: "env", name: "NONE" }, /^the variable NONE is not set$/],
    [{ from: "env", name: "EMPTY" }, /^the variable EMPTY is empty$/],
    [{ from: "command", words: ["dotvault-no-such-program"] }, /can't be started \(ENOENT\)$/],
    [{ from: "command", words: ["sh", "-c", "echo secret; exit 3"] }, /^the program sh ended with exit code 3$/],
    [{ from: "command", words: ["sh", "-c", "yes secret"] }, /^the program sh prints more than a token$/],
    [{ from: "vault", path: "ci/jfrog", field: "number" }, /^ci\/jfrog in Vault has no field number$/],
    [{ from: "vault", path: "ci/none", field: "access_token" }, /has no field access_token$/],
  ];
  for (const [source, message] of rows) await assert.rejects(read(source), { code: `source.${source.from}`, message });
  const embedded = tokenReader({ env, home })({ from: "vault", path: "a", field: "b" }, signal);
  await assert.rejects(embedded, { hint: "set vault.address" });
});

test("other programs don't see the variables that logins take their tokens from", () => {
  const settings = { login: { by: "token", source: { from: "env", name: "CI_TOKEN" } } };
  const enrolments = [
    { key: "jfrog", engine: "jfrog", settings },
    { key: "ssh", engine: "sshkey", settings: {} },
  ];
  assert.deepEqual(withoutTokens({ CI_TOKEN: "t", PATH: "p" }, { enrolments }), { PATH: "p" });
});
