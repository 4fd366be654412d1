import { type Grammar, type Make, type Pieces, pieces, slot } from "./pieces.ts";

const SPELLINGS = [
  '"x"',
  '"q\\u00e9 \\"x\\" \\/"',
  "1.50",
  "1E5",
  "-0",
  "12345678901234567890",
  "true",
  "null",
  '"é😀\u2028"',
];
const spelling = (roll: number) => SPELLINGS[roll % SPELLINGS.length] ?? "1";
const LONG = "long ".repeat(900);

const parts: readonly Make[] = [
  (n, roll) => pieces`"k${n}": ${slot(spelling(roll), `k${n}`)}`,
  (n, roll) => pieces`/* a */ "c${n}" /* b */ : /* c */ ${slot(spelling(roll), `c${n}`)} /* d: 1, */`,
  (n, roll) => pieces`// "k${n}": 1,\n  "l${n}"  :  ${slot(spelling(roll), `l${n}`)} // ${LONG}\n`,
  (n, roll) => pieces`"\\u006d${n}":{"a":${slot(spelling(roll), `m${n}`, "a")},"b":[1,{"a":2},[]]}`,
  (n, roll) =>
    pieces`"o${n}": {\n\t\t"a": ${slot(spelling(roll), `o${n}`, "a")},\n\n\t\t/* own\n\t\t line */\n\t\t"b": {"c": ${slot("{}", `o${n}`, "b", "c")}}, // last\n\t}`,
  (n, roll) => pieces`"d${n}": 1, "d${n}": ${slot(spelling(roll), `d${n}`)}`,
  (n) => pieces`"a${n}": [\n  1, // one\n  { "k0": "not ours", }, ]`,
  (n) => pieces`"": "empty", "a/b~${n}": ${slot("0", `a/b~${n}`)}`,
  (n) => pieces`"__proto__": {"k${n}": 1}, "e${n}": {}`,
];

function join(all: readonly Pieces[], roll: number): Pieces {
  const comma = [",", ", ", ",\n  ", " ,\n\n", ",\n  // between\n  "][roll % 5] ?? ",";
  const [open, close] = [
    ["{", "}\n"],
    ["{\n  ", "\n}\n"],
    ["// head {\n{\n  ", ",\n}\n// end }\n"],
    ["\n\n{ /* in */ ", " }\t\n\n"],
  ][roll % 4] ?? ["{", "}"];
  return [open ?? "", ...all.flatMap((one, i) => (i === 0 ? one : [comma, ...one])), close ?? ""];
}

export const jsonHazards: Grammar = { parts, join };
