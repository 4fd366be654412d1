import type { Case } from "../support/formats.ts";

const npm = { basename: ".npmrc" };
const pip = { basename: "pip.conf" };
const git = { basename: ".gitconfig" };

export const INI_CASES: readonly Case[] = [
  {
    protects: "npmrc: keys before any section, remarks, lists",
    before:
      "; mine\nregistry=https://r.example.com/\n//r.example.com/:_authToken=old ; until May\nca[]=one\nca[]=two\n\n# end\n",
    rendered: "//r.example.com/:_authToken=new\n//s.example.com/:_authToken = fresh\n",
    after:
      "; mine\nregistry=https://r.example.com/\n//r.example.com/:_authToken=new ; until May\n//s.example.com/:_authToken=fresh\nca[]=one\nca[]=two\n\n# end\n",
    options: npm,
  },
  {
    protects: "npmrc: quoting as it was, and where it must be",
    before: 'a="x"\nb=x\nc=x\nd=x\n',
    rendered: 'a=y\nb="p;q#r"\nc=" lead"\nd=abc==\n',
    after: 'a="y"\nb=p\\;q\\#r\nc=" lead"\nd=abc==\n',
    options: npm,
  },
  {
    protects: "pip.conf: continuation lines of others, own ones replaced whole",
    before:
      "[global]\nindex-url = https://a/\n# more\nextra-index-url =\n    https://b/\n    https://c/\ntrusted-host = b\n    c\n\n[install]\nno-deps: yes\n",
    rendered: "[global]\nextra-index-url = https://d/\nTimeout = 60\n",
    after:
      "[global]\nindex-url = https://a/\n# more\nextra-index-url = https://d/\ntrusted-host = b\n    c\nTimeout = 60\n\n[install]\nno-deps: yes\n",
    options: pip,
  },
  {
    protects: "pip.conf: # and ; in a value are the value's, keys in any case are one",
    before: "[global]\nIndex-URL: https://a/#x ; y\n",
    rendered: "[global]\nindex-url = https://u:p#;@b/\n",
    after: "[global]\nIndex-URL: https://u:p#;@b/\n",
    options: pip,
  },
  {
    protects: "credentials: sections of one name, duplicate keys, no last line break",
    before: "[default]\nid=A\n\n[dev]\nid = B\nid = C\n\n[default]\nsecret=S\n[last]\nid=Z",
    rendered: "[dev]\nid = D\n[default]\nid = X\nsecret = Y/+=\ntoken = T\n[new]\nid = N\n",
    after: "[default]\nid=X\n\n[dev]\nid = B\nid = D\n\n[default]\nsecret=Y/+=\ntoken=T\n[last]\nid=Z\n\n[new]\nid=N",
    options: { basename: "credentials" },
  },
  {
    protects: "aws: nested keys of others",
    before: "[profile dev]\ns3 =\n  max_concurrent_requests = 20\nregion = eu\n",
    rendered: "[profile dev]\nregion = us\noutput = json\n",
    after: "[profile dev]\ns3 =\n  max_concurrent_requests = 20\nregion = us\noutput = json\n",
    options: { basename: "config" },
  },
  {
    protects: "gitconfig: tabs, subsections, quotes, escapes, lines that go on, remarks",
    before:
      '[user]\n\tname = "A # B" # who\n\temail = a\\\n@example.com\n[core]\n\tbare\n[url "ssh://git@x/"]\n\tinsteadOf = https://x/\n\tinsteadOf = http://x/\n',
    rendered:
      '[user]\n  name = C\n  signingKey = "x;y"\n[core]\n  editor = vi\n[credential "https://x"]\n  helper = store\n',
    after:
      '[user]\n\tname = "C" # who\n\temail = a\\\n@example.com\n\tsigningKey = "x;y"\n[core]\n\tbare\n\teditor = vi\n[url "ssh://git@x/"]\n\tinsteadOf = https://x/\n\tinsteadOf = http://x/\n[credential "https://x"]\n\thelper = store\n',
    options: git,
  },
  {
    protects: "CRLF, a byte order mark, values aligned in columns",
    before: "\uFEFF# c\r\n[a]\r\nx    = 1\r\nlong = 2\r\n",
    rendered: "[a]\nx = 3\ny = 4\n",
    after: "\uFEFF# c\r\n[a]\r\nx    = 3\r\nlong = 2\r\ny = 4\r\n",
  },
  {
    protects: "a key for all goes above the first section and its remark",
    before: "# the file\n\n# about a\n[a]\nx: 1\n",
    rendered: "k = v\n",
    after: "# the file\n\nk: v\n\n# about a\n[a]\nx: 1\n",
  },
  {
    protects: "a section without keys, a key without a value",
    before: "[a]\n[b]\nx =\ny=\n",
    rendered: "[a]\nk = v\n[b]\nx = 1\ny = 2\n",
    after: "[a]\nk = v\n[b]\nx = 1\ny=2\n",
  },
  {
    protects: "keys with a meaning to JavaScript are keys like any other",
    before: "[x]\nconstructor = 1\n",
    rendered: "[x]\n__proto__ = 2\nconstructor = 3\n",
    after: "[x]\nconstructor = 3\n__proto__ = 2\n",
  },
];
