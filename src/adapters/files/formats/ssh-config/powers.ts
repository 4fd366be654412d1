import { DotvaultError } from "../../../../errors.ts";
import { position } from "../edits.ts";
import { HOLE } from "../format.ts";
import { type Line, linesOf, wordsIn } from "./read.ts";

/** Keywords that run a program, load code, or read further settings from a file (ssh_config(5)); in lower case. */
const POWERS = new Set([
  "include",
  "knownhostscommand",
  "localcommand",
  "permitlocalcommand",
  "pkcs11provider",
  "proxycommand",
  "remotecommand",
  "securitykeyprovider",
  "smartcarddevice",
  "xauthlocation",
]);

/**
 * Values come from servers: what runs a program for the user must be meant by whoever wrote the rule, that is, stand in the
 * template's own words. Throws `files.unnamed-keyword`.
 */
export function refuseUnnamedPowers(rendered: string, literals: string): void {
  for (const line of linesOf(rendered, "rendered")) {
    const power = powerOf(rendered, line);
    if (power === undefined || isNamed(power, literals)) continue;
    const what = `the template's output, ${position(rendered, line.start)}: the rule's template does not name "${power}"`;
    throw new DotvaultError("files.unnamed-keyword", `${what}, a value brought it`, {
      hint: "look at what the secret holds, or write the keyword into the template if it is meant",
    });
  }
}

function powerOf(text: string, line: Line): string | undefined {
  if (POWERS.has(line.keyword)) return line.keyword;
  const runs = line.keyword === "match" && wordsIn(text, line).some((word) => /^!?exec(?:=|$)/i.test(word));
  return runs ? "match exec" : undefined;
}

/** At the beginning of a line, as far as the template's own words tell. */
function isNamed(power: string, literals: string): boolean {
  const words = power === "match exec" ? "match\\b.*\\bexec" : power;
  return new RegExp(`^[\\s${HOLE}]*${words}\\b`, "imu").test(literals);
}
