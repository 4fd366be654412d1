import type { Case } from "../support/formats.ts";

export const TOML_CASES: readonly Case[] = [
  {
    protects: "remarks, order, own spacing, other tables; quotes as they were",
    before:
      "# cargo\n[registries.acme] # ours\nindex = \"sparse+https://a/\" # i\ntoken   = 'old'\n\n[net]\nretry = 0x3\n",
    rendered: "[registries.acme]\nindex = 'sparse+https://b/'\ntoken = \"new\"\n[net]\nretry = 3\n",
    after:
      "# cargo\n[registries.acme] # ours\nindex = \"sparse+https://b/\" # i\ntoken   = 'new'\n\n[net]\nretry = 0x3\n",
  },
  {
    protects: "new keys behind their table's last one, new tables behind their kin, the root's keys above all tables",
    before: "# top\na = 1\n\n# about x\n[x.one]\nk = 1\n\n# about y\n[y]\nk = 2\n# end\n",
    rendered: "b = 2\n[x]\nk = 3\n[x.one]\nl = 4\n[x.two]\nk = 5\n[z]\nk = 6\n",
    after:
      "# top\na = 1\nb = 2\n\n[x]\nk = 3\n\n# about x\n[x.one]\nk = 1\nl = 4\n\n[x.two]\nk = 5\n\n# about y\n[y]\nk = 2\n# end\n\n[z]\nk = 6\n",
  },
  {
    protects: "dotted keys, braces and brackets stay what they are, and grow as they are",
    before: "a.b = 1\nc = { x = 1 }\ne = {}\nd = [\n  1, # one\n  2\n]\nf = [1]\n",
    rendered: "a.z = 2\nc.y = 3\ne.k = 'v'\nd = [1, 2]\nf = [2, {g = 1}]\n",
    after: "a.b = 1\na.z = 2\nc = { x = 1, y = 3 }\ne = {k = 'v'}\nd = [\n  1, # one\n  2\n]\nf = [2, { g = 1 }]\n",
  },
  {
    protects: "what the template has in braces comes in braces",
    before: '[registries]\na = { index = "x" }\n',
    rendered: "[registries]\nb = {index='y', token='t'}\n",
    after: "[registries]\na = { index = \"x\" }\nb = { index = 'y', token = 't' }\n",
  },
  {
    protects: "elements of an array of tables by their key, their own tables, new ones behind the last",
    before: "[[s]]\nid = 1\nt = 'a'\n[s.sub]\nx = 1\n\n[[s]]\nid = 2\n\n[end]\nk = 1\n",
    rendered: "[[s]]\nid = 2\nt = 'b'\n[[s]]\nid = 1\nt = 'c'\n[s.more]\nz = 1\n[[s]]\nid = 3\n[s.own]\nq = 1\n",
    after:
      "[[s]]\nid = 1\nt = 'c'\n[s.sub]\nx = 1\n\n[s.more]\nz = 1\n\n[[s]]\nid = 2\nt = 'b'\n\n[[s]]\nid = 3\n\n[s.own]\nq = 1\n\n[end]\nk = 1\n",
    options: { mergeKey: "id" },
  },
  {
    protects: "CRLF, a byte order mark, indentation, no last line break",
    before: "\uFEFF[a]\r\n  x=1\r\n\r\n  [a.b]\r\n    y=1",
    rendered: "[a]\nz = 2\n[a.b]\nw = 'q'\n",
    after: "\uFEFF[a]\r\n  x=1\r\n  z=2\r\n\r\n  [a.b]\r\n    y=1\r\n    w='q'",
  },
  {
    protects: "values that mean the same are not touched, however they are spelled",
    before: 'd = 1979-05-27 07:32:00Z\nn = 1_000\nf = 1.50\ns = """\na \\\n  b"""\nl = [\n 1,\n]\n"q" = \'x\'\n',
    rendered: "d = 1979-05-27T07:32:00Z\nn = 0x3E8\nf = 15e-1\ns = 'a b'\nl = [1]\nq = \"\\u0078\"\n",
    after: 'd = 1979-05-27 07:32:00Z\nn = 1_000\nf = 1.50\ns = """\na \\\n  b"""\nl = [\n 1,\n]\n"q" = \'x\'\n',
  },
  {
    protects: "texts of several lines and texts full of quotes",
    before: "a = 'x'\nb = \"x\"\nc = '''\nx'''\n",
    rendered: "a = \"it's\"\nb = '''\nl1\n\"l2\" \\\n'''\nc = \"y\"\n",
    after: "a = \"it's\"\nb = '''\nl1\n\"l2\" \\\n'''\nc = \"y\"\n",
  },
  {
    protects: "a list over several lines stays one",
    before: "[a]\nl = [\n    1,\n    2\n]\n",
    rendered: "[a]\nl = [3]\n",
    after: "[a]\nl = [\n    3,\n]\n",
  },
  {
    protects: "large whole numbers",
    before: "n = 9007199254740993\nm = 0x20000000000001\n",
    rendered: "n = 9007199254740992\nm = 9007199254740992\n",
    after: "n = 9007199254740992\nm = 9007199254740992\n",
  },
  {
    protects: "keys with a meaning to JavaScript are keys like any other",
    before: "[x]\nconstructor = 1\n",
    rendered: "[x]\n__proto__ = 2\nconstructor = 3\n[y.prototype]\nz = 1\n",
    after: "[x]\nconstructor = 3\n__proto__ = 2\n\n[y.prototype]\nz = 1\n",
  },
];
