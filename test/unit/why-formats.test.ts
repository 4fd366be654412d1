import assert from "node:assert/strict";
import { test } from "node:test";
import { loadFormat } from "../../src/adapters/files/formats/one.ts";
import type { FormatName } from "../../src/adapters/files/index.ts";
import { type FileRule, renderRule } from "../../src/agent/rules.ts";
import { marksOf } from "../../src/commands/assembly/file-rules.ts";
import type { Asked } from "../../src/commands/why/asked.ts";
import { valuesOf } from "../../src/commands/why/values.ts";
import { journalHome } from "../support/journal.ts";

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const tokenOf = (id: string) => `${part({ alg: "RS256", typ: "JWT" })}.${part({ jti: id, sub: "ada" })}.c2ln`;

/** What stood in the file before, and what the rule writes into it. */
const CASES: Readonly<Record<FormatName, readonly [before: string, template: string]>> = {
  json: ['{\n  // mine\n  "mine": 1\n}\n', '{ "auth": { "token": "{{ .token }}" }, "user": "ada" }'],
  yaml: ["# mine\nmine: 1\n", "auth:\n  token: {{ .token }}\nuser: ada\n"],
  toml: ["# mine\nmine = 1\n\n[other]\nx = 1\n", '[auth]\ntoken = "{{ .token }}"\nuser = "ada"\n'],
  ini: ["; mine\nmine=1\n", "//acme/:_authToken={{ .token }}\nemail=ada\n"],
  netrc: ["machine mine login me password mine\n", "machine acme login ada password {{ .token }}\n"],
  ssh_config: ["Host *\n  Compression yes\n", "Host acme\n  User ada\n  SetEnv TOKEN={{ .token }}\n"],
  text: ["", "{{ .token }}\n"],
};

for (const [format, [before, template]] of Object.entries(CASES) as [FormatName, readonly [string, string]][]) {
  test(`${format}: which value stands in which line, whose it is, and which token`, async () => {
    using home = journalHome();
    const reader = home.open();
    const marks = marksOf(home.options.key);
    const status = () => assert.fail("it is not asked how things stand");
    const asked: Asked = { reader, marks: async () => marks, rules: [], status, now: 0 };
    const rule: FileRule = { name: "r", path: "/home/ada/file", format, deleteNulls: false, template };
    const environment = { env: () => undefined, username: "ada" };
    const { content, managed } = renderRule(rule, environment, { token: tokenOf("id-1") }, before || undefined);
    const found = (await loadFormat(format)).values(content, managed, { basename: "file" });
    const keys = [...found].map(([pointer, { identity, line }]) => ({ pointer, digest: marks.of(identity), line }));

    const well = await valuesOf(rule, keys, content, asked);
    assert.ok(
      well.every(({ state }) => state === "ours"),
      JSON.stringify(well),
    );
    const edited = `${content.replace(tokenOf("id-1"), tokenOf("id-2"))}`;
    const values = await valuesOf(rule, keys, edited, asked);
    const changed = values.filter(({ state }) => state === "changed");
    assert.equal(changed.length, 1, JSON.stringify(values));
    assert.equal(changed[0]?.token?.tokenId, "id-2");
    const lines = edited.split("\n");
    const place = lines.findIndex((line) => line.includes(tokenOf("id-2"))) + 1;
    if (format !== "text") assert.equal(changed[0]?.line, place);
    for (const { line, pointer } of values) {
      if (line === null) assert.equal(format, "text", pointer);
      else assert.ok((lines[line - 1] ?? "") !== "", pointer);
    }
    const gone = await valuesOf(rule, keys, before, asked);
    if (format !== "text")
      assert.ok(
        gone.every(({ state }) => state === "gone"),
        JSON.stringify(gone),
      );
    assert.ok(!JSON.stringify([well, values]).includes("eyJ"), "no value is told");
  });
}
