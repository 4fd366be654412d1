import assert from "node:assert/strict";
import { test } from "node:test";
import { dialectOf } from "../../src/adapters/files/formats/ini/dialects.ts";
import { iniEdits } from "../../src/adapters/files/formats/ini/edit.ts";
import { readIni } from "../../src/adapters/files/formats/ini/read.ts";
import { jsonEdits } from "../../src/adapters/files/formats/json/edit.ts";
import { readJson } from "../../src/adapters/files/formats/json/read.ts";
import { netrcEdits } from "../../src/adapters/files/formats/netrc/edit.ts";
import { readNetrc } from "../../src/adapters/files/formats/netrc/read.ts";
import { sshConfigEdits } from "../../src/adapters/files/formats/ssh-config/edit.ts";
import { readSshConfig } from "../../src/adapters/files/formats/ssh-config/read.ts";
import { type Syntax, structured } from "../../src/adapters/files/formats/structured.ts";
import { tomlEdits } from "../../src/adapters/files/formats/toml/edit.ts";
import { readToml } from "../../src/adapters/files/formats/toml/read.ts";
import { yamlEdits } from "../../src/adapters/files/formats/yaml/edit.ts";
import { readYaml } from "../../src/adapters/files/formats/yaml/read.ts";

type Damage = (text: string) => string;

/** The format, with edits that do more than they should. */
function damaged<F>(syntax: Syntax<F>, damage: Damage) {
  return structured<F>({
    ...syntax,
    edits: (text, root, operations) => {
      const [edit] = syntax.edits(text, root, operations);
      const right = edit ? text.slice(0, edit.start) + edit.text + text.slice(edit.end) : text;
      return [{ start: 0, end: text.length, text: damage(right) }];
    },
  });
}

const iniDialect = dialectOf("conf");
const CASES = [
  {
    format: (damage: Damage) =>
      damaged({ name: "ini", read: readIni(iniDialect), edits: iniEdits(iniDialect) }, damage),
    before: "# theirs\n[a]\nx = 1\ny = 2\n[b]\nz = 3\n",
    rendered: "[a]\nx = 9\n",
    damages: [
      ["y = 2\n", ""],
      ["# theirs\n", ""],
      ["[b]", "[c]"],
      ["z = 3", "z = 4"],
      ["[b]\n", ""],
      ["[a]", "[a"],
    ],
  },
  {
    format: (damage: Damage) => damaged({ name: "netrc", read: readNetrc, edits: netrcEdits }, damage),
    before: "# theirs\nmachine a login x\nmachine b login z\nmacdef m\nls\n\ndefault login q\n",
    rendered: "machine a login y\n",
    damages: [
      ["# theirs\n", ""],
      ["b login z", "b login w"],
      ["ls\n", ""],
      ["default login q", ""],
      ["machine b", "b"],
    ],
  },
  {
    format: (damage: Damage) => damaged({ name: "ssh_config", read: readSshConfig, edits: sshConfigEdits }, damage),
    before: "# theirs\nHost a\n  User x\n  User second\nHost *\n  Port 3\n",
    rendered: "Host a\n  User y\n",
    damages: [
      ["# theirs\n", ""],
      ["  User second\n", ""],
      ["Host *", "Host b"],
      ["Port 3", "Port 4"],
      ["Host *\n", ""],
    ],
  },
  {
    format: (damage: Damage) => damaged({ name: "toml", read: readToml, edits: tomlEdits }, damage),
    before: '# theirs\na = "x"\nb = 2\n[t]\nc = 3\n',
    rendered: 'a = "y"\n',
    damages: [
      ["# theirs\n", ""],
      ["b = 2\n", ""],
      ["[t]", "[u]"],
      ["c = 3", "c = 4"],
      ["c = 3", "c = 3.0"],
      ["[t]", "[t"],
    ],
  },
  {
    format: (damage: Damage) => damaged({ name: "yaml", read: readYaml, edits: yamlEdits }, damage),
    before: "a: x\nb: &n 2\nc: *n\nt: !own 1\nd: 1\nd: 2\nm: {k: 1}\nl:\n- 1\n- 2\ntext: |\n  one\n---\nother: 1\n",
    rendered: "a: y\n",
    damages: [
      ["b: &n 2", "b: &n 3"],
      ["c: *n", "c: 2"],
      ["&n", "&m"],
      ["!own ", ""],
      ["d: 1\n", ""],
      ["d: 1\nd: 2", "d: 2\nd: 1"],
      ["{k: 1}", "{k: 1, j: 2}"],
      ["- 1\n- 2", "- 2\n- 1"],
      ["  one", "  one "],
      ["one\n---", "one\n\n\n two\n---"],
      ["other: 1", "other: 2"],
      ["---\nother: 1\n", ""],
      ["m: {", "m: [{"],
    ],
  },
  {
    format: (damage: Damage) => damaged({ name: "json", read: readJson, edits: jsonEdits }, damage),
    before: '{\n  "a": "x", // theirs\n  "b": 1.50,\n  "d": 1, "d": 2,\n  "l": [1, 2]\n}\n',
    rendered: '{"a": "y"}',
    damages: [
      ["1.50", "1.51"],
      ['"d": 1, ', ""],
      ["[1, 2]", "[2, 1]"],
      ['"b"', '"c"'],
      ["[1, 2]", "[1, 2"],
    ],
  },
] as const;

for (const { format, before, rendered, damages } of CASES) {
  test(`${format((text) => text).name}: edits that reach what is not ours, or break the file, never leave the format`, () => {
    assert.equal(format((text) => text).merge(before, rendered, {}).changed, true);
    for (const [old, fresh] of damages) {
      const broken = format((text) => text.replace(old, fresh));
      assert.throws(() => broken.merge(before, rendered, {}), { code: "files.guard" }, old);
    }
  });
}
