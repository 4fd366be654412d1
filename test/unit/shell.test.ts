import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCommandLine } from "../../src/commands/cli/parse.ts";
import { dotvault, shell } from "../../src/shell.ts";
import { property } from "../support/property.ts";
import { wordsOf } from "../support/shell-words.ts";

// What is shown as a command must do what it says, whatever a name in it holds.

const SPECIAL = [..." '\"\\$`~!*?[]{}()<>|&;#=%^@:,.-_/aZ0", "é", "漢", "\u{1f511}"];
const name = fc.string({ unit: fc.constantFrom(...SPECIAL), minLength: 1, maxLength: 12 });
const UNSEEN = ["\n", "\t", "\r", "\u001b", "\u0007", "\u009b", "\u202e", "\u200b", "\u2028", "a", "7", "'", "\\", " "];

property("a name is one word to a shell, and no option to dotvault", [name], (given) => {
  const words = wordsOf(dotvault("enrol", given, "--again"));
  const { parsed } = parseCommandLine(words);
  assert.deepEqual(parsed, { positionals: [given], flags: { again: true } });
  return true;
});

property(
  "what can't be seen is spelled out, and comes back",
  [fc.string({ unit: fc.constantFrom(...UNSEEN), minLength: 1, maxLength: 8 })],
  (given) => {
    const command = shell`dotvault ${given}`;
    assert.doesNotMatch(command, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
    assert.deepEqual(wordsOf(command, { by: "bash" }), [given]);
    return true;
  },
  { runs: 40 },
);

test("plain names and paths stand without quotes", () => {
  assert.equal(dotvault("enrol", "corp/art-1", "--again"), "dotvault enrol corp/art-1 --again");
  assert.equal(
    shell`chmod 600 ${"/home/ada/.jfrog/jfrog-cli.conf.v6"}`,
    "chmod 600 /home/ada/.jfrog/jfrog-cli.conf.v6",
  );
});

test("the home directory stays the shell's to expand, and only in front of a path", () => {
  const path = "~/My Files/it's.npmrc";
  assert.equal(shell`chmod 600 ${{ path }}`, "chmod 600 ~/'My Files/it'\\''s.npmrc'");
  assert.deepEqual(wordsOf(shell`chmod 600 ${{ path }}`), ["600", "/home/alice/My Files/it's.npmrc"]);
  assert.deepEqual(wordsOf(shell`chmod 600 ${{ path: "~/" }} ${"~/x"}`), ["600", "/home/alice/", "~/x"]);
  assert.deepEqual(wordsOf(shell`chmod 600 ${{ path: "-x" }} ${""}`), ["600", "./-x", ""]);
});

test("where the words behind -- are a program's, a name with a dash comes behind the same", () => {
  assert.equal(`${dotvault("token exec", "jfrog", "--")} npm`, "dotvault token exec jfrog -- npm");
  assert.equal(`${dotvault("token exec", "-x", "--")} npm`, "dotvault token exec -- -x npm");
});
