import type { Case } from "../support/formats.ts";

export const NETRC_CASES: readonly Case[] = [
  {
    protects: "remarks, order, one line and many, other machines, an old password that begins with #",
    before:
      "# mine\nmachine a.io login me password #old # r\n\nmachine b.io\n\tlogin you\n\tpassword pw\n\taccount x\n# end\n",
    rendered: "machine a.io login me password new\nmachine b.io login us password pw2\n",
    after:
      "# mine\nmachine a.io login me password new # r\n\nmachine b.io\n\tlogin us\n\tpassword pw2\n\taccount x\n# end\n",
  },
  {
    protects: "macros and default: a new machine goes before default",
    before:
      "machine a.io login me password p\nmacdef init\ncd /pub\nmachine fake password no\n\ndefault login anonymous password me@x\n",
    rendered: "machine n.io login n password q\n",
    after:
      "machine a.io login me password p\nmacdef init\ncd /pub\nmachine fake password no\n\nmachine n.io login n password q\n\ndefault login anonymous password me@x\n",
  },
  {
    protects: "a macro at the end is ended before another machine begins",
    before: "machine a.io login me password p\nmacdef init\ncd /pub\n",
    rendered: "machine n.io login n password q\n",
    after: "machine a.io login me password p\nmacdef init\ncd /pub\n\nmachine n.io login n password q\n",
  },
  {
    protects: "a macro at the end is ended by a blank line, also where the file has none",
    before: "machine a.io login me\nmachine b.io login me\nmacdef init\ncd /pub",
    rendered: "machine n.io login n\n",
    after: "machine a.io login me\nmachine b.io login me\nmacdef init\ncd /pub\n\nmachine n.io login n",
  },
  {
    protects: "quotes where they were and where they must be",
    before: 'machine a.io login "me" password p\n',
    rendered: 'machine a.io login you password "two words"\nmachine b.io login x password "a\\"b\\\\c"\n',
    after: 'machine a.io login "you" password "two words"\n\nmachine b.io login x password "a\\"b\\\\c"\n',
  },
  {
    protects: "new fields in the machine's own style, CRLF, a byte order mark, no last line break",
    before: "\uFEFFmachine a.io login me\r\nmachine b.io\r\n  login you",
    rendered: "machine a.io\n  password p\nmachine b.io password q\nmachine c.io login c\n",
    after:
      "\uFEFFmachine a.io login me password p\r\nmachine b.io\r\n  login you\r\n  password q\r\nmachine c.io\r\n  login c",
  },
  {
    protects: "of several machines of one name the one with the login that is meant",
    before: "machine a.io login one password p\nmachine a.io login two password p\n",
    rendered: "machine a.io login two password q\n",
    after: "machine a.io login one password p\nmachine a.io login two password q\n",
  },
  {
    protects: "user is another word for login",
    before: "machine a.io user me password p port 993\n",
    rendered: "machine a.io login you password p\n",
    after: "machine a.io user you password p port 993\n",
  },
];
