import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FORMAT_NAMES, type FormatName, formatFor } from "../../src/adapters/files/index.ts";
import { type Case, mergedValues } from "../support/formats.ts";
import { READERS } from "../support/formats-readers.ts";
import { INI_CASES } from "./formats-ini.ts";
import { NETRC_CASES } from "./formats-netrc.ts";
import { SSH_CONFIG_CASES } from "./formats-ssh-config.ts";
import { TOML_CASES } from "./formats-toml.ts";

const JSON_CASES: readonly Case[] = [
  {
    protects: "comments, blank lines, own spacing and number spelling",
    before: '{\n  // mine\n  "a": 1, // one\n\n  "n": 1.50e+1,\n  "b": {"x": 1.0,  "y": [1,2]} /* two */\n}\n',
    rendered: '{"a": 2, "b": {"z": "q"}, "n": 15}',
    after: '{\n  // mine\n  "a": 2, // one\n\n  "n": 1.50e+1,\n  "b": {"x": 1.0,  "y": [1,2], "z": "q"} /* two */\n}\n',
  },
  {
    protects: "a new key behind a remark on the last line, with the comma before the remark",
    before: '{\n    "a": 1 // last\n}',
    rendered: '{"b": {"c": true, "d": [], "e": {}}}',
    after: '{\n    "a": 1, // last\n    "b": {\n        "c": true,\n        "d": [],\n        "e": {}\n    }\n}',
  },
  {
    protects: "trailing commas as the file has them",
    before: '{\n\t"a": [1,],\n\t"b": 2, // two\n}\n',
    rendered: '{"c": 3}',
    after: '{\n\t"a": [1,],\n\t"b": 2, // two\n\t"c": 3,\n}\n',
  },
  {
    protects: "a minified file stays minified",
    before: '{"auths":{"a.io":{"auth":"eDp5"}},"n":12345678901234567890}',
    rendered: '{ "auths": { "b.io": { "auth": "bmV3" } }, "n": 12345678901234567891 }',
    after: '{"auths":{"a.io":{"auth":"eDp5"},"b.io":{"auth":"bmV3"}},"n":12345678901234567891}',
  },
  {
    protects: "CRLF and a byte order mark",
    before: '\uFEFF{\r\n  "a": 1\r\n}\r\n',
    rendered: '{\n  "b": {"c": 1}\n}\n',
    after: '\uFEFF{\r\n  "a": 1,\r\n  "b": {\r\n    "c": 1\r\n  }\r\n}\r\n',
  },
  {
    protects: "an empty map grows in the usual style, one with a comment around its comment",
    before: '{\n  "a": {},\n  "b": {\n    // none yet\n  }\n}\n',
    rendered: '{"a": {"x": 1}, "b": {"y": 2}}',
    after: '{\n  "a": {\n    "x": 1\n  },\n  "b": {\n    // none yet\n    "y": 2\n  }\n}\n',
  },
  {
    protects: "of a duplicate key the one that counts is changed, the other is not ours",
    before: '{"a": 1, "a": 2}',
    rendered: '{"a": 3}',
    after: '{"a": 1, "a": 3}',
  },
  {
    protects: "a list is replaced as a value, in the style that it had",
    before: '{\n  "one": [1, 2],\n  "many": [\n    1\n  ]\n}\n',
    rendered: '{"one": [3, 4, 5], "many": [2, 3]}',
    after: '{\n  "one": [3, 4, 5],\n  "many": [\n    2,\n    3\n  ]\n}\n',
  },
  {
    protects: "values that mean the same are not touched, however they are spelled",
    before: '{"s": "\\u0061\\/", "n": 1e2, "m": {"b": 1, "a": 2}, "l": [{"y": 1, "x": 2}]}',
    rendered: '{"s": "a/", "n": 100, "m": {"a": 2, "b": 1}, "l": [{"x": 2, "y": 1}]}',
    after: '{"s": "\\u0061\\/", "n": 1e2, "m": {"b": 1, "a": 2}, "l": [{"y": 1, "x": 2}]}',
  },
  {
    protects: "a null takes its key away, every duplicate of it, and nothing else",
    before: '{\n  "a": 1, // about a\n  "gone": 2,\n\n  "b": {"gone": 1, "x": 2},\n  "gone": 3\n}\n',
    rendered: '{"gone": null, "b": {"gone": null}, "absent": null, "new": {"gone": null}}',
    after: '{\n  "a": 1, // about a\n\n  "b": {"x": 2},\n  "new": {}\n}\n',
    options: { deleteNulls: true },
  },
  {
    protects: "without delete_nulls a null is a value",
    before: '{"a": 1}',
    rendered: '{"a": null}',
    after: '{"a": null}',
  },
  {
    protects: "jf's other servers, its unknown keys and its text version",
    before:
      '{\n  "servers": [\n    {\n      "serverId": "home",\n      "accessToken": "theirs"\n    },\n    {\n      "serverId": "acme",\n      "accessToken": "old",\n      "isDefault": true\n    }\n  ],\n  "version": "6"\n}\n',
    rendered:
      '{"servers": [{"serverId": "acme", "accessToken": "new"}, {"serverId": "lab", "url": "https://lab/"}], "version": "6"}',
    after:
      '{\n  "servers": [\n    {\n      "serverId": "home",\n      "accessToken": "theirs"\n    },\n    {\n      "serverId": "acme",\n      "accessToken": "new",\n      "isDefault": true\n    },\n    {\n      "serverId": "lab",\n      "url": "https://lab/"\n    }\n  ],\n  "version": "6"\n}\n',
    options: { basename: "jfrog-cli.conf.v6" },
  },
  {
    protects: "an empty keyed list leaves the file's elements alone",
    before: '{"l": [{"id": 1}]}',
    rendered: '{"l": []}',
    after: '{"l": [{"id": 1}]}',
    options: { mergeKey: "id" },
  },
  {
    protects: "keys with a meaning to JavaScript are keys like any other",
    before: '{"__proto__": {"x": 1}}',
    rendered: '{"__proto__": {"y": 2}, "constructor": {"prototype": 3}}',
    after: '{"__proto__": {"x": 1, "y": 2}, "constructor": {"prototype": 3}}',
  },
];

const YAML_CASES: readonly Case[] = [
  {
    protects: "comments, order, quoting and alignment",
    before: "# top\na:   1 # c\nb:\n  # inner\n  c: \"old\" # d\n  e: 'it'\n\n# tail\nf: plain\n",
    rendered: "a: 2\nb:\n  c: new\n  e: it's\nf: 'fresh'\n",
    after: "# top\na:   2 # c\nb:\n  # inner\n  c: \"new\" # d\n  e: 'it''s'\n\n# tail\nf: fresh\n",
  },
  {
    protects: "new keys go behind their section, before the comments of the next",
    before: "a:\n    b: 1\n    # end of a\n\n# about c\nc:\n    - x\n",
    rendered: "a:\n  n: {m: 1}\nd:\n  - y: [1]\n    z: {}\n",
    after:
      "a:\n    b: 1\n    n:\n        m: 1\n    # end of a\n\n# about c\nc:\n    - x\nd:\n    - y:\n          - 1\n      z: {}\n",
  },
  {
    protects: "lists whose dashes stand under their key",
    before: "hosts:\n- name: a\n  token: x\n- name: b\n  # note\n  token: old\n",
    rendered: "hosts:\n  - name: b\n    token: new\n    user: u\n  - name: c\n",
    after: "hosts:\n- name: a\n  token: x\n- name: b\n  # note\n  token: new\n  user: u\n- name: c\n",
    options: { mergeKey: "name" },
  },
  {
    protects: "CRLF, a byte order mark, the other documents and a missing last line break",
    before: "\uFEFFa: 1\r\nb: x # n\r\n---\r\nb:   2\r\n...\r\n# end",
    rendered: "b: 3\nc:\n  d: y\n",
    after: "\uFEFFa: 1\r\nb: 3 # n\r\nc:\r\n  d: y\r\n---\r\nb:   2\r\n...\r\n# end",
  },
  {
    protects: "a file without a last line break keeps having none",
    before: "a: 1",
    rendered: "b: |\n  x\n",
    after: 'a: 1\nb: "x\\n"',
  },
  {
    protects: "flow maps and lists grow between their brackets",
    before: "a: {b: 1, c: [1, 2]} # n\nd: {}\ne: [\n  x, # one\n  y\n]\n",
    rendered: "a: {z: 'a, b'}\nd: {k: v}\ne: [x]\n",
    after: "a: {b: 1, c: [1, 2], z: 'a, b'} # n\nd: {k: v}\ne: [x]\n",
  },
  {
    protects: "JSON in a YAML file stays JSON",
    before: '{\n  "a": 1,\n  "b": {"x": [1]}\n}\n',
    rendered: "c: two\nb: {y: z}\n",
    after: '{\n  "a": 1,\n  "b": {"x": [1], "y": "z"},\n  "c": "two"\n}\n',
  },
  {
    protects: "an empty value is filled, beside its key or below it, and its remark stays",
    before: "a:\nb: # later\nc:   # map\nd: ~\n",
    rendered: "a: 1\nb: 2\nc:\n  x: 1\nd: {y: 2}\n",
    after: "a: 1\nb: 2 # later\nc:   # map\n  x: 1\nd:\n  y: 2\n",
  },
  {
    protects: "block text is replaced whole, with the indentation of its place",
    before: "key: |\n  old\n  lines\nother: >- # folded\n  a\n  b\nend: 1\n",
    rendered: "key: |\n      -----BEGIN-----\n      x\n\n      -----END-----\nother: short\n",
    after: "key: |\n  -----BEGIN-----\n  x\n\n  -----END-----\nother: short # folded\nend: 1\n",
  },
  {
    protects: "a comment that block text would swallow, behind it or between it and its key",
    before: "a:\n  b: 1\n    # deep\nc: 2\n  # behind c\nd:\n  # before e\n  e: 1\n",
    rendered: 'a: {n: \'x\'}\nc: "k\\nl"\nd: "m\\nn"\n',
    after: 'a:\n  b: 1\n  n: \'x\'\n    # deep\nc: "k\\nl"\n  # behind c\nd: "m\\nn"\n  # before e\n',
  },
  {
    protects: "a value becomes a map, a map becomes a value",
    before: "a: 1 # a\nb:\n  # inner\n  c: 1\nd:\n  - 1\ne: end\n",
    rendered: "a:\n  x: 1\nb: text\nd: {y: z}\n",
    after: "a: # a\n  x: 1\nb: text\n  # inner\nd:\n  y: z\ne: end\n",
  },
  {
    protects: "text that looks like something else is quoted, in YAML 1.1 and 1.2",
    before: "a: x\nb: x\nc: x\nd: x\ne: x\n",
    rendered: "a: 'yes'\nb: '0123'\nc: '# no'\nd: '12:30:45'\ne: \"a\\tb\"\n",
    after: "a: 'yes'\nb: '0123'\nc: '# no'\nd: '12:30:45'\ne: \"a\\tb\"\n",
  },
  {
    protects: "an alias of our own is replaced, its anchor elsewhere is not touched",
    before: "base: &t old\nours: *t\ntheirs: *t\n",
    rendered: "ours: new\n",
    after: "base: &t old\nours: new\ntheirs: *t\n",
  },
  {
    protects: "a key that << brings in is overridden beside it",
    before: "base: &b\n  token: x\nprod:\n  <<: *b\n  url: u\n",
    rendered: "prod:\n  token: y\n",
    after: "base: &b\n  token: x\nprod:\n  <<: *b\n  url: u\n  token: y\n",
  },
  {
    protects: "tags of others stay, the tag of a replaced value goes, its anchor stays",
    before: "a: !vault |\n  xx\nb: &x !!str 12\nc: !Ref y\n",
    rendered: "a: new\nb: 13\n",
    after: "a: new\nb: &x 13\nc: !Ref y\n",
  },
  {
    protects: "a null takes its key away with its lines, remarks stay",
    before:
      "a: 1 # about a\nb:\n  gone: 1\n  x: 2\ngone:\n  - 1\n  - 2\nl:\n  - gone: 1\n    k: v\n  - k: w\n    gone: 2\nc:\n  gone: 1\n",
    rendered: "a: ~\nb: {gone: null}\ngone:\nl: [{k: v, gone: }, {k: w, gone: }]\nc: {gone: }\nabsent:\n",
    after: "# about a\nb:\n  x: 2\nl:\n  - k: v\n  - k: w\nc: {}\n",
    options: { deleteNulls: true, mergeKey: "k" },
  },
  {
    protects: "large whole numbers and other spellings of equal ones",
    before: "big: 12345678901234567890\nhex: 0x10\nf: 1.50\n",
    rendered: "big: 12345678901234567891\nhex: 16\nf: 1.5\n",
    after: "big: 12345678901234567891\nhex: 0x10\nf: 1.50\n",
  },
  {
    protects: "a file of comments gets the rendering below them",
    before: "# not used yet\n",
    rendered: "a: 1\n",
    after: "# not used yet\na: 1\n",
  },
  {
    protects: "keys with a meaning to JavaScript are keys like any other",
    before: "__proto__:\n  x: 1\n",
    rendered: "__proto__: {y: 2}\nconstructor: {prototype: 3}\n",
    after: "__proto__:\n  x: 1\n  y: 2\nconstructor:\n  prototype: 3\n",
  },
];

const TEXT_CASES: readonly Case[] = [
  { protects: "the whole file is the rendering", before: "old\r\n", rendered: "new", after: "new" },
  {
    protects: "an equal file is left alone",
    before: "\uFEFFsame\r\n",
    rendered: "\uFEFFsame\r\n",
    after: "\uFEFFsame\r\n",
  },
];

const CASES: Readonly<Record<FormatName, readonly Case[]>> = {
  json: JSON_CASES,
  yaml: YAML_CASES,
  text: TEXT_CASES,
  ini: INI_CASES,
  netrc: NETRC_CASES,
  ssh_config: SSH_CONFIG_CASES,
  toml: TOML_CASES,
};

const UNSEEN = new Set(["an empty keyed list leaves the file's elements alone"]);
/** A list in which a person's remark stands. */
const KEPT = new Map([
  ["dotted keys, braces and brackets stay what they are, and grow as they are", ["/d"]],
  // What names an element in which others have a part; and jf's version, without which it discards the file.
  ["jf's other servers, its unknown keys and its text version", ["/servers/serverId=acme/serverId", "/version"]],
  ["elements of an array of tables by their key, their own tables, new ones behind the last", ["/s/id=1/id"]],
]);

/** A rendering of each format, not as our printers would write it. */
const OWN_STYLE: Readonly<Record<FormatName, string>> = {
  json: '{\n   "a" :  "b"\n}',
  yaml: "# made by a rule\na:   'b'\n",
  text: "any\r\n",
  ini: "# made by a rule\n[a]\n b   =c",
  netrc: "# made by a rule\nmachine   a\n   login b",
  toml: "# made by a rule\na   ='b'\n",
  ssh_config: "# made by a rule\nHOST a\n User=b",
};

for (const name of FORMAT_NAMES) {
  const format = formatFor(name);
  const read = READERS[name];
  describe(`format ${name}`, () => {
    for (const { protects, before, rendered, after, options = {} } of CASES[name]) {
      test(protects, () => {
        const merge = (old: string | undefined) => format.merge(old, rendered, options);
        const first = merge(before);
        assert.equal(first.content, after);
        assert.equal(first.changed, before !== after);
        const second = merge(after);
        assert.deepEqual(
          second,
          { content: after, changed: false, managed: first.managed },
          "a second run changes nothing",
        );
        const fresh = merge(undefined);
        assert.equal(merge(fresh.content).changed, false, "nor does one on a file that it made");
        if (!read) return;
        const defaults = options.basename === undefined ? options : { mergeKey: "serverId" };
        const meaning = (text: string) => read(text, options.basename);
        assert.deepEqual(plain(meaning(after)), plain(mergedValues(meaning(before), meaning(rendered), defaults)));
      });
    }

    for (const { protects, after, rendered, options = {} } of CASES[name]) {
      test(`taken out again: ${protects}`, () => {
        const { managed } = format.merge(after, rendered, options);
        const found = format.values(after, managed, options);
        const unseen = managed.filter((pointer) => !found.has(pointer));
        assert.deepEqual(unseen, UNSEEN.has(protects) ? managed : [], "every value can be found again");
        const removed = format.remove(after, managed, options);
        const left = [...format.values(removed, managed, options)].filter(([, { identity }]) =>
          [...found.values()].some((ours) => ours.identity === identity),
        );
        assert.deepEqual(
          left.map(([pointer]) => pointer),
          KEPT.get(protects) ?? [],
        );
      });
    }

    test("a file that does not exist becomes the rendering, byte for byte", () => {
      const rendered = OWN_STYLE[name];
      assert.deepEqual(format.merge(undefined, rendered, {}).content, rendered);
      assert.equal(format.merge(undefined, rendered, {}).changed, true);
    });

    test("more than 4 MiB is refused, in the file and in the rendering", () => {
      const large = `"${"x".repeat(4 * 1024 * 1024)}"`;
      assert.throws(() => format.merge(undefined, large, {}), { code: "files.too-large" });
      if (name !== "text") assert.throws(() => format.merge(large, "", {}), { code: "files.too-large" });
    });
  });
}

test("what is taken out of one line leaves the line as it was before", () => {
  const lines = {
    json: ['{ "a": 1.0 }', '{ "a": [ 1,2 ] , "l": [ {"id": "x"} ] }', '{"a":1}', '{ "a": 1, }'],
    yaml: ["{ a: 1 }\n", "b: { a: 1, }\n", "x: {a: 1}\n"],
    toml: ["c = { x = 1 }\n", "c = {x = 1}\n"],
  } as const;
  const additions = {
    json: '{"p": 1, "q": {"r": 2}, "l": [{"id": "n"}]}',
    yaml: "b: {p: 1, q: 2}\n",
    toml: "c.p = 1\nc.q = 2\n",
  } as const;
  for (const name of ["json", "yaml", "toml"] as const) {
    for (const before of lines[name]) {
      const format = formatFor(name);
      const { content, managed } = format.merge(before, additions[name], { mergeKey: "id" });
      assert.equal(format.remove(content, managed, { mergeKey: "id" }), before, content);
    }
  }
});

/** Without prototypes and big integers, so that only what the documents say is compared. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner === undefined ? null : inner)));
}
