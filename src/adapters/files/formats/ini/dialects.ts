import { gitValue } from "./git.ts";
import { npmValue } from "./npm.ts";
import type { IniValue } from "./value.ts";

/** How programs that call their files INI differ. A file's name tells which one reads it. */
export interface IniDialect {
  readonly name: "npm" | "python" | "git" | "unknown";
  /** Finds the separator in a line: the first group is the key, the second the separator with its blanks. */
  readonly keyed: RegExp;
  /** A deeper indented line goes on with the value before it. */
  readonly continues: boolean;
  /** Whether keys may stand before the first section. */
  readonly preamble: boolean;
  /** The name by which two spellings of a key are one. */
  key(raw: string): string;
  /** Reads the value that begins at an offset; the line ends at `lineEnd`. */
  value(text: string, offset: number, lineEnd: number): IniValue;
  /** Spellings of a value, the preferred one first; `old` is what stood there. Those that read back wrong are dropped. */
  spell(value: string, old: string): readonly string[];
}

const EQUALS = /^([^=]*?)([ \t]*=[ \t]*)/;

const npm: IniDialect = {
  name: "npm",
  keyed: EQUALS,
  continues: false,
  preamble: true,
  key: (raw) => raw,
  value: npmValue,
  spell: (value, old) => {
    const quoted = JSON.stringify(value);
    const escaped = value.replaceAll(/[\\;#]/g, "\\$&");
    return old.startsWith('"') ? [quoted, value, escaped] : [value, escaped, quoted];
  },
};

/** configparser, as pip reads its files: no quotes, no remarks behind values, keys in any case. */
const python: IniDialect = {
  name: "python",
  keyed: /^([^=:]*?)([ \t]*[=:][ \t]*)/,
  continues: true,
  preamble: false,
  key: (raw) => raw.toLowerCase(),
  value: (text, offset, lineEnd) => ({ text: text.slice(offset, lineEnd), end: lineEnd }),
  spell: (value) => [value],
};

const git: IniDialect = {
  name: "git",
  keyed: EQUALS,
  continues: false,
  preamble: false,
  key: (raw) => raw.toLowerCase(),
  value: gitValue,
  spell: (value, old) => {
    const quoted = `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
    return old.startsWith('"') ? [quoted] : [value, quoted];
  },
};

/** Any other program: values are taken as they are spelled, and refused where programs would differ. */
const unknown: IniDialect = {
  name: "unknown",
  keyed: /^((?:[^=:]|:(?![ \t]|$))*?)([ \t]*(?:=|:(?=[ \t]|$))[ \t]*)|^([^:]*?)([ \t]*:[ \t]*)/,
  continues: true,
  preamble: true,
  key: (raw) => raw,
  value: (text, offset, lineEnd) => {
    const value = text.slice(offset, lineEnd);
    const doubt = doubtIn(value);
    return { text: value, end: lineEnd, ...(doubt !== undefined && { doubt }) };
  },
  spell: (value) => [value],
};

function doubtIn(value: string): string | undefined {
  if (/^"(?:[^"\\]|\\.)*"$/.test(value)) return undefined;
  if (/(?:^|[ \t])[;#]/.test(value)) return "some programs begin a remark at ; or #";
  return value.endsWith("\\") ? "some programs go on with the next line after a backslash" : undefined;
}

/** The dialect of a file by its name, without folders. */
export function dialectOf(basename: string | undefined): IniDialect {
  const name = basename?.toLowerCase() ?? "";
  if (name.includes("npmrc")) return npm;
  if (name.includes("gitconfig")) return git;
  return /^(?:pip\.(?:conf|ini)|\.?pypirc)$/.test(name) ? python : unknown;
}
