import jsonc from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { parseAllDocuments } from "yaml";
import type { FormatName } from "../../src/adapters/files/index.ts";

/** What a file means, read independently of the code under test: sections (or machines, or hosts) of keys and values. */
type Blocks = Record<string, Record<string, string>>;

const put = (blocks: Blocks, block: string, key: string, value: string) => {
  blocks[block] ??= Object.create(null) as Record<string, string>;
  blocks[block][key] = value;
};

/** The way programs read it: npm's `ini` with quotes and remarks, configparser with continuations, git with quotes. */
export function readIniText(text: string, basename = ""): Blocks {
  const blocks: Blocks = Object.create(null);
  const style = iniStyle(basename);
  const folded = style === "git" ? text.replaceAll(/\\\r?\n/g, "") : text;
  let [section, key, column] = ["", "", -1];
  for (const line of folded.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const content = line.trim();
    const indent = line.length - line.trimStart().length;
    if (/^(?:$|[#;])/.test(content)) continue;
    const header = /^\[(.+)\]/.exec(content)?.[1];
    if (style === "python" && column >= 0 && indent > column) {
      put(blocks, section, key, `${blocks[section]?.[key]}\n${content}`);
    } else if (header !== undefined) {
      [section, column] = [header, -1];
      blocks[section] ??= {};
    } else {
      const [name, value] = iniPair(content, style, basename);
      [key, column] = [name, indent];
      if (!key.endsWith("[]")) put(blocks, section, key, value);
    }
  }
  return blocks;
}

function iniPair(line: string, style: string, basename: string): [string, string] {
  const at = basename === "pip.conf" ? line.search(/[=:]/) : separatorIn(line, style);
  const key = (at < 0 ? line : line.slice(0, at)).trim();
  const name = style === "git" || basename === "pip.conf" ? key.toLowerCase() : key;
  return [name, at < 0 ? "" : iniValue(line.slice(at + 1).trim(), style)];
}

function iniStyle(basename: string): "npm" | "git" | "python" {
  if (basename.includes("npmrc")) return "npm";
  return basename.includes("gitconfig") ? "git" : "python";
}

function separatorIn(line: string, style: string): number {
  const [equals, colon] = [line.indexOf("="), line.search(/:(\s|$)/)];
  if (style !== "python") return equals;
  const found = [equals, colon].filter((at) => at >= 0);
  return found.length > 0 ? Math.min(...found) : line.indexOf(":");
}

function iniValue(value: string, style: string): string {
  if (style === "python") return value;
  if (style === "npm" && /^".*"$/.test(value)) return npmQuoted(value);
  if (style === "npm")
    return value
      .replace(/(?<!\\)[;#].*$/, "")
      .replaceAll(/\\([;#\\])/g, "$1")
      .trim();
  const plain = value.replace(/^((?:[^"#;]|"(?:[^"\\]|\\.)*")*)[#;].*$/, "$1").trim();
  return plain.replaceAll(/\\(.)|"/g, "$1");
}

/** npm takes what is no JSON string as it stands. */
function npmQuoted(value: string): string {
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

/** As curl and Python's netrc module read it; of several machines of one name the last. */
export function readNetrcText(text: string): Blocks {
  const blocks: Blocks = {};
  const plain = text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll(/^macdef[^\n]*\n(?:[^\n]+\n?)*/gm, "\n");
  const words = plain.matchAll(
    /((?:^|\s)(?:machine|login|user|password|account|port|protocol)\s+)?("(?:\\.|[^"\\])*"|\S+)|\n/g,
  );
  let [machine, remark] = ["", false];
  for (const [all, keyword, word = ""] of words) {
    if (all.includes("\n")) remark = false;
    if (word.startsWith("#") && keyword === undefined) remark = true;
    if (word === "default") machine = "default";
    if (remark || keyword === undefined) continue;
    const value = word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, "$1") : word;
    const field = keyword.trim().replace("user", "login");
    if (field === "machine") [machine, blocks[value]] = [value, {}];
    else put(blocks, machine, field, value);
  }
  return blocks;
}

const REPEATED = /^(identityfile|certificatefile|localforward|remoteforward|dynamicforward|sendenv|setenv|include)$/;

/** As ssh reads it: the first value counts. */
export function readSshText(text: string): Blocks {
  const blocks: Blocks = {};
  let block = "";
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const [, word, rest] = /^\s*(\w+)[ \t]*[ \t=][ \t]*(.*?)\s*$/.exec(line) ?? [];
    if (word === undefined || rest === undefined) continue;
    const keyword = word.toLowerCase();
    const value = sshValue(keyword, rest);
    if (keyword === "host" || keyword === "match") {
      block = `${keyword} ${value}`;
      blocks[block] ??= {};
      continue;
    }
    const key = REPEATED.test(keyword) ? `${keyword} ${sshName(keyword, value)}` : keyword;
    if (blocks[block]?.[key] === undefined) put(blocks, block, key, value);
  }
  return blocks;
}

function sshValue(keyword: string, rest: string): string {
  if (keyword.endsWith("command") && keyword !== "permitlocalcommand") return rest;
  const value = rest.replace(/^((?:"[^"]*"|[^"#]|(?<=\S)#)*?)\s+#.*$/, "$1");
  return value.replaceAll('"', "").replaceAll(/\s+/g, " ");
}

function sshName(keyword: string, value: string): string {
  if (keyword === "setenv") return value.replace(/=.*/, "");
  return keyword.endsWith("forward") || keyword === "sendenv" ? value.replace(/ .*/, "") : value;
}

/** Dates as text, whole numbers that a double can't hold as their digits. */
function readTomlText(text: string): unknown {
  const parsed = parseToml(text.replace(/^\uFEFF/, ""), { integersAsBigInt: "asNeeded" });
  const exact = (_: string, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner);
  return JSON.parse(JSON.stringify(parsed, exact));
}

/** An independent reading of each format that has keys. */
export const READERS: Readonly<Record<FormatName, ((text: string, basename?: string) => unknown) | undefined>> = {
  json: (text) => jsonc.parse(text.replace(/^\uFEFF/, "")),
  yaml: (text) => parseAllDocuments(text, { uniqueKeys: false, merge: true, logLevel: "error" }).at(0)?.toJS(),
  ini: readIniText,
  netrc: readNetrcText,
  ssh_config: readSshText,
  toml: readTomlText,
  text: undefined,
};
