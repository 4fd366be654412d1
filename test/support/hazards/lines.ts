import { type Grammar, type Make, type Pieces, pieces, refused, shadowing, slot } from "./pieces.ts";

const LONG = "long ".repeat(900).trim();
const pick = (roll: number, ...choices: string[]) => choices[roll % choices.length] ?? "";
const inOrder = (all: readonly Pieces[], roll: number): Pieces => [
  pick(roll, "", "# head\n\n", "; head\n"),
  ...all.flat(),
  pick(roll >> 1, "", "# end\n", "\n\n"),
];

const npmParts: readonly Make[] = [
  (n, roll) => pieces`k${n}${pick(roll, "=", " = ", "  =")}${slot(pick(roll, "x", "a b", '"q;#"'), "", `k${n}`)}\n`,
  (n) => pieces`//r${n}.io/:_authToken=${slot("$TOKEN", "", `//r${n}.io/:_authToken`)}\n`,
  (n) => pieces`ca${n}[]=one\nca${n}[]=two\nalone${n}\n`,
  (n) => pieces`d${n}=first\n; k${n}=x\nd${n}=${slot("second", "", `d${n}`)}\n`,
  (n) => pieces`long${n}=${LONG}\n  in${n} = ${slot("x", "", `in${n}`)}\n\n`,
];

const pythonParts: readonly Make[] = [
  (n, roll) =>
    pieces`[s${n}]\nkey${pick(roll, "=", " = ", ": ")}${slot(pick(roll, "x", "a b", "50%%"), `s${n}`, "key")}\n`,
  (n) => pieces`[m${n}]\nhosts =\n    one\n    # within\n    two\n\nkey = ${slot("x", `m${n}`, "key")}\n`,
  (n) => pieces`[c ${n}]\nold = ${slot("one\n  two", `c ${n}`, "old")}\nnext = é😀\n`,
  (n) => pieces`# above\n[Case${n}]\nKey = ${slot("x", `Case${n}`, "key")}\n; below\n`,
  (n) => pieces`[e${n}]\n\n[f${n}]\nlong = ${LONG}\nkey:${slot("x", `f${n}`, "key")}\n`,
];

const gitParts: readonly Make[] = [
  (n, roll) =>
    pieces`[s${n}]\n\tname${pick(roll, "=", " = ")}${slot(pick(roll, "x", "a b", '"q;#"', 'a "b" c'), `s${n}`, "name")}${pick(roll, "", " ; remark", " # r")}\n`,
  (n) =>
    pieces`[url "ssh://h${n}/"]\n\tinsteadOf = one\n\tinsteadOf = two\n\tx = ${slot("y", `url "ssh://h${n}/"`, "x")}\n`,
  (n) => pieces`[a${n}] # remark\n\tlg = "log \\\n--oneline"\n\tbare\n\tz = ${slot("x", `a${n}`, "z")}\n`,
  (n) => pieces`[d${n}]\n\tk = first\n\tk = ${slot("second", `d${n}`, "k")}\n`,
];

const netrcParts: readonly Make[] = [
  (n, roll) =>
    pieces`machine m${n}${pick(roll, "\n  ", " ", "\n\t")}login ${slot(pick(roll, "me", '"a b"', "#no"), `m${n}`, "login")}${pick(roll, "\n  ", " ")}password ${slot("p#q", `m${n}`, "password")}\n`,
  (n) =>
    pieces`# machine x${n}\nmachine o${n} # remark\n  login a # another\n  password ${slot("x", `o${n}`, "password")}\n\n`,
  (n) => pieces`macdef f${n}\nput machine m0\nlogin x\n\nmachine after${n} login ${slot("l", `after${n}`, "login")}\n`,
  (n) => refused(pieces`machine two${n} login a password ${slot("p", `two${n}`, "password")}\n  password q\n`),
  (n) => pieces`machine u${n} user ${slot("me", `u${n}`, "login")} account "q\\"u" port 21\n`,
];

const sshParts: readonly Make[] = [
  (n, roll) =>
    pieces`Host h${n}${pick(roll, "", " # remark")}\n  User${pick(roll, " ", "=", " = ", "\t")}${slot(pick(roll, "me", '"a b"'), `host h${n}`, "user")}${pick(roll >> 1, "", " # r")}\n`,
  (n) =>
    pieces`host a${n} *.b${n} !c\n\tIdentityFile ~/.ssh/one\n\tidentityfile ~/.ssh/two\n\tPORT ${slot("22", `host a${n} *.b${n} !c`, "port")}\n\n`,
  (n) =>
    pieces`Match host m${n} exec "true"\n  ProxyCommand ssh -W "%h:%p" # no remark\n  User ${slot("x", `match host m${n} exec true`, "user")}\n`,
  (n) =>
    shadowing(pieces`# above\nHost d${n}\n  Port ${slot("1", `host d${n}`, "port")}\n  Port 2\n  Unknown${n} yes\n`),
  (n) =>
    pieces`Host s${n}\n  SetEnv A=1 B=2\n  SendEnv LANG LC_*\n  LocalForward 1 a:2\n  HostName ${slot("x", `host s${n}`, "hostname")}\n`,
];

function sshJoin(all: readonly Pieces[], roll: number): Pieces {
  return [
    pick(roll, "", "# head\n\n", "Include ~/x\nUser top\n", "ControlPath ~/%C\n\n"),
    ...all.flat(),
    pick(roll >> 1, "", "# end\n", "\nHost *\n  Compression yes\n"),
  ];
}

function netrcJoin(all: readonly Pieces[], roll: number): Pieces {
  return [
    pick(roll, "", "# head\n\n"),
    ...all.flat(),
    pick(roll >> 1, "", "# end\n", "default login anonymous password x\n"),
  ];
}

export const lineHazards: readonly {
  readonly name: "ini" | "netrc" | "ssh_config";
  readonly basename: string;
  readonly grammar: Grammar;
}[] = [
  { name: "ini", basename: ".npmrc", grammar: { parts: npmParts, join: inOrder } },
  { name: "ini", basename: "pip.conf", grammar: { parts: pythonParts, join: inOrder } },
  { name: "ini", basename: ".gitconfig", grammar: { parts: gitParts, join: inOrder } },
  { name: "netrc", basename: ".netrc", grammar: { parts: netrcParts, join: netrcJoin } },
  { name: "ssh_config", basename: "config", grammar: { parts: sshParts, join: sshJoin } },
];
