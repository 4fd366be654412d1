import type { Case } from "../support/formats.ts";

export const SSH_CONFIG_CASES: readonly Case[] = [
  {
    protects: "remarks, indentation, other hosts, quotes, a remark behind a value",
    before:
      '# mine\nHost git.example.com\n    # note\n    User bob # who\n    IdentityFile "~/old key"\n\nHost *\n    ServerAliveInterval 30\n',
    rendered: "Host git.example.com\n  User alice\n  Port 2222\n",
    after:
      '# mine\nHost git.example.com\n    # note\n    User alice # who\n    IdentityFile "~/old key"\n    Port 2222\n\nHost *\n    ServerAliveInterval 30\n',
  },
  {
    protects: "a new host stands before those that would win over it, with their remarks below it",
    before: "Host a\n\tUser x\n\n# patterns\nHost *.corp\n\tUser y\n\n# all\nHost *\n\tUser z\n",
    rendered: "Host new.corp\n  User n\nHost ?.lab\n  User l\nMatch all\n  Port 1\n",
    after:
      "Host a\n\tUser x\n\nHost new.corp\n\tUser n\n\n# patterns\nHost *.corp\n\tUser y\n\nHost ?.lab\n\tUser l\n\n# all\nHost *\n\tUser z\n\nMatch all\n\tPort 1\n",
  },
  {
    protects: "repeatable keywords by their first argument",
    before:
      "Host a\n  IdentityFile ~/.ssh/one\n  IdentityFile ~/.ssh/two\n  LocalForward 80 x:80\n  SetEnv A=1\n  SendEnv LANG\n",
    rendered: "Host a\n  IdentityFile ~/.ssh/two\n  IdentityFile ~/.ssh/three\n  LocalForward 80 y:80\n  SetEnv A=2\n",
    after:
      "Host a\n  IdentityFile ~/.ssh/one\n  IdentityFile ~/.ssh/two\n  LocalForward 80 y:80\n  SetEnv A=2\n  SendEnv LANG\n  IdentityFile ~/.ssh/three\n",
  },
  {
    protects: "of a key that stands twice the first counts, in blocks of one name as well",
    before: "Host a\n  User one\n  user two\nHost a\n  Port 1\n",
    rendered: "Host a\n  User three\n  Port 2\n  Compression yes\n",
    after: "Host a\n  User three\n  user two\n  Compression yes\nHost a\n  Port 2\n",
  },
  {
    protects: "key=value, CRLF, a byte order mark, no last line break, Match and commands",
    before: '\uFEFFHost=a\r\n\tuser=bob\r\nMatch host b exec "test -e /x"\r\n\tProxyCommand nc %h %p # all of it',
    rendered: 'Host a\n  Port 22\nMatch host b exec "test -e /x"\n  ProxyCommand ssh -W "%h:%p" j # x\n  User u\n',
    after:
      '\uFEFFHost=a\r\n\tuser=bob\r\n\tPort=22\r\nMatch host b exec "test -e /x"\r\n\tProxyCommand ssh -W "%h:%p" j # x\r\n\tUser u',
  },
  {
    protects: "a path with a blank gets quotes, or keeps them",
    before: 'Host a\n  IdentityAgent "/a b"\n  ControlPath /c\n',
    rendered: "Host a\n  IdentityAgent /d\n  ControlPath /e f\n  PKCS11Provider /g  h\n",
    after: 'Host a\n  IdentityAgent "/d"\n  ControlPath "/e f"\n  PKCS11Provider "/g  h"\n',
  },
  {
    protects: "a setting for all goes above the first host",
    before: "# my hosts\n\n# a\nHost a\n  User x\n",
    rendered: "IgnoreUnknown UseKeychain\n",
    after: "# my hosts\n\nIgnoreUnknown UseKeychain\n\n# a\nHost a\n  User x\n",
  },
];
