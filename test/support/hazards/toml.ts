import { type Grammar, type Make, type Pieces, pieces, slot } from "./pieces.ts";

const SPELLINGS = [
  '"x"',
  "'lit\\eral'",
  '"q\\u00e9 \\"x\\""',
  "0x1F",
  "1_000",
  "1.50",
  "inf",
  "true",
  "1979-05-27T07:32:00Z",
  '"é😀"',
];
const spelling = (roll: number) => SPELLINGS[roll % SPELLINGS.length] ?? "1";
const remark = (roll: number) => ["", " # remark", "\t#[x]", `  # ${"long ".repeat(900)}`][roll % 4] ?? "";

const parts: readonly Make[] = [
  (n, roll) => pieces`[t${n}]${remark(roll)}\na = ${slot(spelling(roll), `t${n}`, "a")}${remark(roll >> 1)}\n\n`,
  (n, roll) => pieces`# above\n[ "q t${n}" ]\n\t"k k"  =  ${slot(spelling(roll), `q t${n}`, "k k")}\n`,
  (n, roll) => pieces`[d${n}]\na . b = ${slot(spelling(roll), `d${n}`, "a", "b")}\na.c = 2\n`,
  (n) =>
    pieces`[i${n}]\nx = { a = ${slot('"x"', `i${n}`, "x", "a")}, b = { c = 1 } } # in line\ny = [ 1, # one\n  2,\n]\n`,
  (n) => pieces`[[aot${n}]]\na = 1\n[[aot${n}]]\na = 2\n[aot${n}.sub]\nb = 3\n`,
  (n, roll) => pieces`[s${n}.b.c]\nx = 1\n[s${n}]\na = ${slot(spelling(roll), `s${n}`, "a")}\n`,
  (n, roll) =>
    pieces`[m${n}]\ntext = """\n[t0]\na = "no" # none\\\n  """\nraw = '''a'b\n#'''\nz = ${slot(spelling(roll), `m${n}`, "z")}\n`,
  (n) => pieces`[m${n}]\nold = ${slot('"""\none\ntwo"""', `m${n}`, "old")}\nnext = 1\n`,
  (n) => pieces`[e${n}]\n# nothing but this\n\n`,
];

const HEADS = ["", "# head\n\n", "top = 1 # top\n", "'q' = [[1,2],\n [3]]\n\n", "a.b.c = 1\n"];

function join(all: readonly Pieces[], roll: number): Pieces {
  return [HEADS[roll % HEADS.length] ?? "", ...all.flat(), ["", "# end\n", "\n\n"][roll % 3] ?? ""];
}

export const tomlHazards: Grammar = { parts, join };
