import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { DotvaultError } from "../../errors.ts";
import { VERBS, type Verb } from "../table.ts";
import type { Parsed } from "./io.ts";

export interface Called {
  readonly verb: Verb;
  readonly parsed: Parsed;
  readonly help: boolean;
}

/** The verb and its arguments; options may stand before or behind it. Throws `usage.*` errors. */
export function parseCommandLine(argv: readonly string[]): Called {
  // Node's parser is not loaded where there is nothing for it to do.
  const isPlain = argv.every((argument) => !argument.startsWith("-"));
  const name = isPlain ? (argv[0] ?? "") : verbName(argv);
  const verb = VERBS.find((candidate) => candidate.name === name);
  if (!verb) throw unknownVerb(name);
  if (isPlain) return plainCall(verb, argv.slice(1));
  const { values, positionals } = parseFor(verb, argv);
  const { help = false, ...flags } = values as Parsed["flags"];
  const rest = positionals.slice(1);
  if (help !== true) checkArity(verb, rest);
  return { verb, parsed: { positionals: rest, flags }, help: help === true };
}

function plainCall(verb: Verb, positionals: readonly string[]): Called {
  checkArity(verb, positionals);
  return { verb, parsed: { positionals, flags: {} }, help: false };
}

/** The first argument that is neither an option nor the value of one. */
function verbName(argv: readonly string[]): string {
  const { tokens } = parseArgs({ args: [...argv], strict: false, tokens: true, options: optionsOf(VERBS) });
  const first = tokens.find((token) => token.kind === "positional");
  return first?.value ?? "";
}

function parseFor(verb: Verb, argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: optionsOf([verb]), allowPositionals: true, strict: true });
  } catch (error) {
    const [what = "bad arguments"] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw usage(verb, what.charAt(0).toLowerCase() + what.slice(1));
  }
}

function optionsOf(verbs: readonly Verb[]): ParseArgsOptionsConfig {
  const options: ParseArgsOptionsConfig = { help: { type: "boolean", short: "h" } };
  for (const { name, short, value } of verbs.flatMap((verb) => verb.options)) {
    options[name] = { type: value === undefined ? "boolean" : "string", ...(short === undefined ? {} : { short }) };
  }
  return options;
}

function checkArity(verb: Verb, positionals: readonly string[]): void {
  const [least, most] = verb.arity;
  if (positionals.length < least) throw usage(verb, `${verb.args ?? "an argument"} is missing`);
  if (positionals.length > most) throw usage(verb, `too many arguments: ${positionals.slice(most).join(" ")}`);
}

function usage(verb: Verb, what: string): DotvaultError {
  return new DotvaultError("usage.arguments", `${verb.name}: ${what}`, { hint: `dotvault ${verb.name} --help` });
}

function unknownVerb(name: string): DotvaultError {
  const near = VERBS.map((verb) => verb.name).filter((known) => isNear(known, name));
  const guess = near.length > 0 ? `did you mean ${near.join(" or ")}? ` : "";
  return new DotvaultError("usage.verb", `there is no "${name}"`, { hint: `${guess}dotvault help lists all` });
}

/** Alike enough to be meant: the same beginning, or the same letters but for one. */
function isNear(known: string, given: string): boolean {
  if (given.length < 2) return false;
  if (known.startsWith(given) || given.startsWith(known)) return true;
  const left = [...given];
  const missing = [...known].filter((letter) => {
    const at = left.indexOf(letter);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return missing.length + left.length <= 2;
}
