import { type Block, type BlockFacts, blockTree, type Item, remainder } from "../blocks/block.ts";
import { position } from "../edits.ts";
import type { Whose } from "../format.ts";
import { refuseControls, unsupported } from "../refusals.ts";
import type { Reading } from "../structured.ts";
import { type Token, Tokens } from "./tokens.ts";

/** What a machine's entry may hold; `user` is another word for `login`. */
const FIELDS: Readonly<Record<string, string>> = {
  login: "login",
  user: "login",
  password: "password",
  account: "account",
  port: "port",
  protocol: "protocol",
};

export interface Netrc {
  readonly machines: readonly Block[];
  /** Where the entry for all other machines begins: nothing behind it is ever looked at. */
  readonly defaultAt: number | undefined;
  /** The file ends inside a macro, which only a blank line would end. */
  readonly endsInMacro: boolean;
}

/** The machines of a netrc file (ftp(1), curl, Python). `default` and macros belong to the user. */
export function scanNetrc(text: string, whose: Whose): Netrc {
  const tokens = new Tokens(text, whose);
  const machines: (Block & { readonly items: Item[] })[] = [];
  let items: Item[] | undefined;
  let defaultAt: number | undefined;
  let macroAt: number | undefined;
  for (let token = tokens.keyword(); token; token = tokens.keyword()) {
    macroAt = undefined;
    if (token.text === "machine") {
      const name = tokens.value(token);
      items = [];
      machines.push({ name: name.text, start: token.start, headEnd: name.end, items });
    } else if (token.text === "default") {
      items = [];
      defaultAt ??= token.start;
    } else if (token.text === "macdef") {
      tokens.value(token);
      tokens.skipMacro();
      macroAt = token.start;
    } else items = field(tokens, token, items);
  }
  return { machines, defaultAt, endsInMacro: macroAt !== undefined && !/\n[ \t]*\r?\n$/.test(text) };
}

function field(tokens: Tokens, keyword: Token, items: Item[] | undefined): Item[] {
  const key = Object.hasOwn(FIELDS, keyword.text) ? FIELDS[keyword.text] : undefined;
  if (key === undefined) throw tokens.broken(keyword, "a word that is none of netrc's");
  if (!items) throw tokens.broken(keyword, `"${keyword.text}" before the first machine`);
  const { start, end, text } = tokens.value(keyword);
  items.push({ key, start: keyword.start, keyEnd: keyword.end, valueStart: start, end, text });
  return items;
}

/** Reads a netrc file: blocks are machines; several of one name are told apart by their login. */
export function readNetrc(text: string, whose: Whose): Reading<BlockFacts> {
  refuseControls(text, whose);
  const { machines, defaultAt } = scanNetrc(text, whose);
  const rest = remainder(text, machines);
  if (whose === "rendered") refuseForeign(text, machines, defaultAt);
  if (machines.length === 0 && (whose === "rendered" || !/^[ \t]*[^#\s]/m.test(text)))
    return { root: undefined, rest: "" };
  return { root: blockTree(text, named(machines), whose, { counts: "first", unordered: true }), rest };
}

/** A name of several machines, with the login that tells them apart: no name holds a blank. */
export const withLogin = (name: string, login: string | undefined) => `${name} login ${login ?? ""}`;

/** The name without what {@link withLogin} has added. */
export const withoutLogin = (name: string) => name.replace(/ login .*$/s, "");

function named(machines: readonly Block[]): readonly Block[] {
  const count = Map.groupBy(machines, ({ name }) => name);
  return machines.map((block) => {
    const login = block.items.find(({ key }) => key === "login")?.text;
    return (count.get(block.name)?.length ?? 0) < 2 ? block : { ...block, name: withLogin(block.name, login) };
  });
}

function refuseForeign(text: string, machines: readonly Block[], defaultAt: number | undefined): void {
  if (defaultAt !== undefined) {
    throw unsupported(`the template's output has an entry for all machines (${position(text, defaultAt)})`);
  }
  const macro = /^[ \t]*macdef\b/m.exec(text);
  if (macro) throw unsupported(`the template's output has a macro (${position(text, macro.index)})`);
  const seen = new Set<string>();
  for (const { name, start } of machines) {
    if (seen.has(name)) throw unsupported(`the template's output has one machine twice (${position(text, start)})`);
    seen.add(name);
  }
}
