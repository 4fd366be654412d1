import assert from "node:assert/strict";
import { test } from "node:test";
import { type FormatName, formatFor } from "../../src/adapters/files/index.ts";
import type { DotvaultError } from "../../src/errors.ts";

const SECRET = "tok-SECRET-123";

interface Refusal {
  readonly protects: string;
  readonly format: FormatName;
  readonly before: string;
  readonly rendered: string;
  readonly basename?: string;
  readonly code: string;
  /** Part of what a person reads, say the place. */
  readonly says: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    protects: "a broken section, with the place",
    format: "ini",
    before: `[a]\nx = ${SECRET}\n  [b\n`.replace("  [b", "[b"),
    rendered: "[a]\nx = 1\n",
    code: "files.target-unparsable",
    says: "line 3, column 1",
  },
  {
    protects: "against a carriage return in a value: some readers begin a line there",
    format: "ini",
    before: "[a]\nx = 1\n",
    rendered: `[a]\nx = ${SECRET}\rroot = yes\n`,
    code: "files.unsafe-value",
    says: "line 2",
  },
  {
    protects: "against a NUL in a value",
    format: "netrc",
    before: "",
    rendered: `machine a password ${SECRET}\0x\n`,
    code: "files.unsafe-value",
    says: "NUL",
  },
  {
    protects: "a file with carriage returns alone, of whose lines nobody knows the ends",
    format: "ssh_config",
    before: "Host a\r  User b\r",
    rendered: "Host a\n  User c\n",
    code: "files.unsupported",
    says: "line 1, column 7",
  },
  {
    protects: "against a value of two lines, which would go on below",
    format: "ini",
    basename: "pip.conf",
    before: "[global]\nx = 1\n",
    rendered: `[global]\nx = ${SECRET}\n  y\n`,
    code: "files.unsafe-value",
    says: "line 3, column 3",
  },
  {
    protects: "against a line that a value's line break made",
    format: "ini",
    before: "[a]\nx = 1\n",
    rendered: `[a]\nx = 1\n${SECRET}\n`,
    code: "files.rendered-unparsable",
    says: "line 3, column 1",
  },
  {
    protects: "against a key that a value's line break made, when it is there already",
    format: "ini",
    before: "[a]\nx = 1\n",
    rendered: "[a]\nx = 1\ny = 2\nx = 3\n",
    code: "files.ambiguous",
    says: "line 2, column 1 and line 4, column 1",
  },
  {
    protects: "a password from losing its end, since npm begins a remark at #",
    format: "ini",
    basename: ".npmrc",
    before: "a=1\n",
    rendered: `a=${SECRET}#x\n`,
    code: "files.unsafe-value",
    says: "line 1, column 3",
  },
  {
    protects: "a password from losing its end, since some readers begin a remark there",
    format: "ini",
    before: "[a]\nx = 1\n",
    rendered: `[a]\nx = ${SECRET} ;y\n`,
    code: "files.unsafe-value",
    says: "line 2, column 5",
  },
  {
    protects: "what may be a remark, and may be the value's end",
    format: "ini",
    before: "[a]\nx = 1 # mine\n",
    rendered: "[a]\nx = 2\n",
    code: "files.ambiguous",
    says: "line 2, column 5",
  },
  {
    protects: "a remark in a value of several lines",
    format: "ini",
    basename: "pip.conf",
    before: "[global]\nx =\n  1\n  # mine\n  2\n",
    rendered: "[global]\nx = 2\n",
    code: "files.ambiguous",
    says: "line 2, column 4",
  },
  {
    protects: "the program from two keys that it takes for one",
    format: "ini",
    before: "[a]\nToken = 1\n",
    rendered: "[a]\ntoken = 2\n",
    code: "files.ambiguous",
    says: '"Token" at line 2, column 1',
  },
  {
    protects: "pip from a key before the first section, which ends it",
    format: "ini",
    basename: "pip.conf",
    before: "[global]\nx = 1\n",
    rendered: "y = 2\n",
    code: "files.rendered-unparsable",
    says: "line 1, column 1",
  },
  {
    protects: "lists, whose members nobody can tell apart",
    format: "ini",
    basename: ".npmrc",
    before: "ca[]=1\n",
    rendered: "ca[]=2\n",
    code: "files.unsupported",
    says: "line 1, column 1",
  },
  {
    protects: "a broken netrc, with the place",
    format: "netrc",
    before: `machine a\n  login me\n  passwort ${SECRET}\n`,
    rendered: "machine a login x\n",
    code: "files.target-unparsable",
    says: "line 3, column 3",
  },
  {
    protects: "a netrc whose quote is not closed",
    format: "netrc",
    before: `machine a password "${SECRET}\n`,
    rendered: "machine a login x\n",
    code: "files.target-unparsable",
    says: "line 1, column 20",
  },
  {
    protects: "against a password with a blank, whose rest would be words of the file",
    format: "netrc",
    before: "",
    rendered: `machine a password ${SECRET} password x\n`,
    code: "files.ambiguous",
    says: "twice",
  },
  {
    protects: "the entry for all machines",
    format: "netrc",
    before: "default login x\n",
    rendered: "default login y\n",
    code: "files.unsupported",
    says: "line 1, column 1",
  },
  {
    protects: "two machines of one name: nobody knows which is meant",
    format: "netrc",
    before: "machine a login x\nmachine a login y\n",
    rendered: `machine a password ${SECRET}\n`,
    code: "files.ambiguous",
    says: "line 1, column 1 and line 2, column 1",
  },
  {
    protects: "a broken ssh_config, with the place",
    format: "ssh_config",
    before: 'Host a\n  User "b\n',
    rendered: "Host a\n  User c\n",
    code: "files.target-unparsable",
    says: "line 2, column 8",
  },
  {
    protects: "a user's name from becoming a remark",
    format: "ssh_config",
    before: "Host a\n  User b\n",
    rendered: `Host a\n  User ${SECRET} # x\n`,
    code: "files.unsafe-value",
    says: "line 2, column 8",
  },
  {
    protects: "older ssh from a quote that it can't read",
    format: "ssh_config",
    before: "Host a\n  User b\n",
    rendered: `Host a\n  User 'x"y'\n`,
    code: "files.unsafe-value",
    says: "user",
  },
  {
    protects: "against a line that a value's line break made: it is no keyword with a value",
    format: "ssh_config",
    before: "Host a\n  User b\n",
    rendered: `Host a\n  User b\n${SECRET}\n`,
    code: "files.rendered-unparsable",
    says: "line 3, column 1",
  },
  {
    protects: "a broken TOML file, with the place",
    format: "toml",
    before: `[a]\nx = ${SECRET}\n`,
    rendered: "[a]\nx = 1\n",
    code: "files.target-unparsable",
    says: "line 2, column 5",
  },
  {
    protects: "against a template that makes broken TOML: a quote in a value",
    format: "toml",
    before: "a = 1\n",
    rendered: `a = "${SECRET}"x"\n`,
    code: "files.rendered-unparsable",
    says: "line 1",
  },
  {
    protects: "against one key in two places of the file",
    format: "toml",
    before: "[a]\nx = 1\n[a]\ny = 1\n",
    rendered: "[a]\nx = 2\n",
    code: "files.target-unparsable",
    says: "line 3, column 1",
  },
  {
    protects: "a table from becoming a value",
    format: "toml",
    before: "[a]\nx = 1\n",
    rendered: "a = 2\n",
    code: "files.unsupported",
    says: "line 1, column 1",
  },
  {
    protects: "an array of tables from being replaced whole",
    format: "toml",
    before: "k = 1\n[[a]]\nx = 1\n",
    rendered: "[[a]]\nx = 2\n",
    code: "files.unsupported",
    says: "line 2, column 1",
  },
  {
    protects: "a dotted key in braces, where a new key has no place",
    format: "toml",
    before: "a = { b.c = 1 }\n",
    rendered: "[a.b]\nd = 2\n",
    code: "files.unsupported",
    says: "line 1, column 7",
  },
];

for (const { protects, format, before, rendered, basename, code, says } of REFUSALS) {
  test(`${format} refused: ${protects}`, () => {
    assert.throws(
      () => formatFor(format).merge(before, rendered, basename === undefined ? {} : { basename }),
      (error: DotvaultError) => {
        assert.equal(error.code, code);
        assert.ok(error.message.includes(says), error.message);
        assert.ok(!`${error.message}${error.hint}`.includes(SECRET), "no secret in the text");
        return true;
      },
    );
  });
}
