import { type Grammar, type Make, type Pieces, pieces, refused, slot } from "./pieces.ts";

const LONG = "long ".repeat(900).trim();
const STYLES = [
  "word",
  "two words",
  "'it''s'",
  '"q\\u00e9 \\"x\\""',
  "12",
  "0x1F",
  "1.50",
  "yes",
  "~",
  "2026-11-27",
  "é😀",
];
const spelling = (roll: number) => STYLES[roll % STYLES.length] ?? "word";
const remark = (roll: number) => ["", " # remark", "\t# remark: {x}", `  # ${LONG}`][roll % 4] ?? "";

const parts: readonly Make[] = [
  (n, roll) => pieces`k${n}: ${slot(spelling(roll), `k${n}`)}${remark(roll >> 1)}\n`,
  (n, roll) => pieces`# above\n"q ${n}":   ${slot(spelling(roll), `q ${n}`)}\n\n \n`,
  (n, roll) => pieces`tab${n}:\t${slot(spelling(roll), `tab${n}`)}\n`,
  (n, roll) =>
    pieces`m${n}:${remark(roll)}\n    # deep\n    a: ${slot(spelling(roll), `m${n}`, "a")}\n    b: |\n      text # none\n\n       more\n    c: ${slot(spelling(roll + 1), `m${n}`, "c")}\n  # shallow\n`,
  (n, roll) =>
    pieces`f${n}: {a: ${slot("x", `f${n}`, "a")}, "b": [1, {c: 2}], # in braces\n  d: ${slot("'y'", `f${n}`, "d")} }${remark(roll)}\n`,
  (n) => pieces`f${n}: {"a":${slot('"x"', `f${n}`, "a")},"b":null}\n`,
  (n, roll) =>
    pieces`an${n}: &x${n} {q: 1}\nal${n}: *x${n}\nme${n}:\n  <<: *x${n}\n  own: ${slot(spelling(roll), `me${n}`, "own")}\n`,
  (n) => refused(pieces`sh${n}: &s${n} ${slot("shared", `sh${n}`)}\nuse${n}: *s${n}\n`),
  (n) => refused(pieces`to${n}: &t${n} shared\nal${n}: ${slot(`*t${n}`, `al${n}`)}\n`),
  (n) => pieces`al${n}: &a${n} ${slot("alone", `al${n}`)}\n`,
  (n, roll) => pieces`d${n}: first\nd${n}: ${slot(spelling(roll), `d${n}`)}\n`,
  (n) => pieces`l${n}:\n- a: 1\n  b: 2\n# between\n-   - nested\n    - deep\n`,
  (n, roll) => pieces`? e${n}\n: ${slot(spelling(roll), `e${n}`)}\n`,
  (n) => pieces`b${n}: |2-\n    deep\n   less\nafter${n}: ${slot("x", `after${n}`)}\n`,
  (n) => pieces`b${n}: >+\n  folded\n  text\n\n\nafter${n}: ${slot("x", `after${n}`)}\n`,
  (n, roll) => pieces`bs${n}: ${slot(`|${roll % 2 ? "-" : ""}\n  one\n  two`, `bs${n}`)}\nnext${n}: 1\n`,
  (n) => pieces`p${n}: plain\n  goes on\n\n  and on\ndq${n}: "one\n  two \\\n  three"\nz${n}: ${slot("x", `z${n}`)}\n`,
  (n) => pieces`t${n}: !vault abc\ns${n}: ${slot("!!str 12", `s${n}`)}\n`,
  (n, roll) => pieces`nu${n}:${slot("", `nu${n}`)}${remark(roll).replace("\t", " ")}\nlast${n}: 1\n`,
  (n, roll) => pieces`o${n}:\n  i:\n    j: ${slot(spelling(roll), `o${n}`, "i", "j")}\n  #c\n  k: {}\n`,
  (n) => pieces`li${n}:\n  -   x${n}\n  - {y: 1}\n  -\n    z: 2\n`,
];

const HEADS = ["", "# head\n\n", "---\n", "--- # start\n", "%YAML 1.2\n---\n", "# a\n---\n"];
const TAILS = [
  "",
  "# end\n",
  "...\n",
  "---\nother: &z 1\nmore: *z\n",
  "...\n# between\n---\n- k0\n",
  "\n\n  # deep end\n",
];

function join(all: readonly Pieces[], roll: number): Pieces {
  return [HEADS[roll % HEADS.length] ?? "", ...all.flat(), TAILS[(roll * 7) % TAILS.length] ?? ""];
}

export const yamlHazards: Grammar = { parts, join };
