import assert from "node:assert/strict";
import { test } from "node:test";
import { type FormatName, formatFor } from "../../src/adapters/files/index.ts";

/** Changes whose neighbours lie so that the plainest edit would reach them. */
const CHANGES: readonly {
  readonly protects: string;
  readonly format: FormatName;
  readonly basename?: string;
  readonly before: string;
  readonly rendered: string;
  /** The new text, or what the refusal says. */
  readonly after: string | RegExp;
}[] = [
  {
    protects: "ini: a new key stands as deep as the one above, or it would go on with that one's value",
    format: "ini",
    before: "[a]\n    x = 1\nempty =\n",
    rendered: "[a]\ny = 2\n",
    after: "[a]\n    x = 1\nempty =\ny = 2\n",
  },
  {
    protects: "ini: an indented section behind a new key would go on with its value",
    format: "ini",
    before: "[a]\n    [b]\nx=1\n",
    rendered: "[a]\ny = 2\n",
    after: /indented line .*line 2.* would become part/,
  },
  {
    protects: "git: what is appended behind an open value would be part of it",
    format: "ini",
    basename: ".gitconfig",
    before: '[alias]\n\tlg = "log \\\n',
    rendered: "[user]\nname = x\n",
    after: /not valid INI at line 2.*quote that is not closed/,
  },
  {
    protects: "git: a value that goes on behind the file's end",
    format: "ini",
    basename: ".gitconfig",
    before: "[alias]\n\tlg = log \\",
    rendered: "[user]\nname = x\n",
    after: /not valid INI at line 2.*goes on behind the end/,
  },
  {
    protects: "netrc: two logins of one machine, of which programs take the first or the last",
    format: "netrc",
    before: "machine a\n  login x\n  password p\n  login y\n",
    rendered: "machine a login z\n",
    after: /"a" has more than one login: line 2.* and line 4/,
  },
  {
    protects: "netrc: a new machine goes before the entry for all, also where others stand behind it",
    format: "netrc",
    before: "machine a login x\ndefault login q\nmachine b login y\n",
    rendered: "machine b login z\nmachine c login w\n",
    after: "machine a login x\nmachine c login w\ndefault login q\nmachine b login z\n",
  },
  {
    protects: "yaml: a file that holds no map names the line",
    format: "yaml",
    before: "# only\nword\n",
    rendered: "a: 1\n",
    after: /scalar at its top \(line 2/,
  },
];

for (const { protects, format, basename = "x", before, rendered, after } of CHANGES) {
  test(protects, () => {
    const merge = () => formatFor(format).merge(before, rendered, { basename }).content;
    if (after instanceof RegExp) assert.throws(merge, { message: after });
    else assert.equal(merge(), after);
  });
}

const REMOVALS: readonly {
  readonly protects: string;
  readonly format: FormatName;
  readonly before: string;
  readonly gone: string;
  readonly after: string | RegExp;
}[] = [
  { protects: "a key below a blank first line", format: "ini", before: "\na = 1", gone: "//a", after: "" },
  {
    protects: "a section goes with the blank line that parted it",
    format: "ssh_config",
    before: "Host a\n  User x\n\nHost b\n  User y\n\nHost *\n  Port 1\n",
    gone: "/Host b/user",
    after: "Host a\n  User x\n\nHost *\n  Port 1\n",
  },
  {
    protects: "blank lines at the file's end stay: they may be the user's",
    format: "netrc",
    before: "machine a login x\n\nmachine b login y\n",
    gone: "/b/login",
    after: "machine a login x\n\n",
  },
  {
    protects: "yaml: the line break that ends a block text is part of it",
    format: "yaml",
    before: "a: |+\n  text\n\nb: x",
    gone: "/b",
    after: "a: |+\n  text\n\n",
  },
  {
    protects: "yaml: a comment would become part of the block text before it",
    format: "yaml",
    before: "a: |2\n  text\nb: x\n  # deep\n",
    gone: "/b",
    after: /comment at line 4.* would become part of the block text/,
  },
];

for (const { protects, format, before, gone, after } of REMOVALS) {
  test(`taken out: ${protects}`, () => {
    const remove = () => formatFor(format).remove(before, [gone], {});
    if (after instanceof RegExp) assert.throws(remove, { message: after });
    else assert.equal(remove(), after);
  });
}
