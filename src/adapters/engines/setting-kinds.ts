import type { Entries, Remark, Report, SettingPath } from "./settings.ts";
import { entry } from "./settings.ts";

export type JsonSchema = { readonly [key: string]: unknown };

/** One kind of setting: how it is read, and how an editor's JSON Schema describes it. */
export interface Setting<T> {
  readonly schema: JsonSchema;
  /** `value` undefined: it is not written. */
  read(value: unknown, name: string, report: Report): T | undefined;
}

/** Settings by their names. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** Reads settings of a table by their names. */
export function reading<T extends Settings>(table: T, entries: Entries, report: Report) {
  return <K extends keyof T & string>(name: K): ValueOf<T[K]> | undefined =>
    table[name]?.read(entry(entries, name), name, report) as ValueOf<T[K]> | undefined;
}

/** The JSON Schema of a mapping with exactly these settings. */
export function settingsSchema(table: Settings, more: JsonSchema = {}): JsonSchema {
  const properties = Object.fromEntries(Object.entries(table).map(([name, { schema }]) => [name, schema]));
  return { type: "object", properties, additionalProperties: false, ...more };
}

/** What a text has to look like beyond being one. */
export interface Rule {
  readonly pattern: RegExp;
  /** What to say of a text that does not. */
  wrong(text: string, name: string): { readonly what: string } & Pick<Remark, "hint" | "at">;
}

/** A text of 1 to `most` printable characters. A number is none: YAML has already changed how it was written. */
export function text(
  description: string,
  most: number,
  options: { absent?: string; rule?: Rule } = {},
): Setting<string> {
  const { absent, rule } = options;
  const preset = absent === undefined ? {} : { default: absent };
  const printable = { pattern: PRINTABLE.source };
  const looks = rule === undefined ? printable : { pattern: rule.pattern.source, allOf: [printable] };
  return {
    schema: { description, type: "string", minLength: 1, maxLength: most, ...looks, ...preset },
    read(value, name, report) {
      if (value === undefined) return absent;
      if (typeof value !== "string" || value === "" || value.length > most || !PRINTABLE.test(value)) {
        const hint = typeof value === "number" ? "put it into quotes" : undefined;
        report([name], `${name} must be a text of 1 to ${most} printable characters`, { hint });
        return undefined;
      }
      if (rule === undefined || rule.pattern.test(value)) return value;
      const { what, ...remark } = rule.wrong(value, name);
      report([name], what, remark);
      return undefined;
    },
  };
}

const PRINTABLE = /^\P{C}*$/u;

/** `true` or `false`. */
export function flag(description: string): Setting<boolean> {
  return {
    schema: { description, type: "boolean" },
    read(value, name, report) {
      if (value === undefined || typeof value === "boolean") return value;
      report([name], `${name} must be true or false`);
      return undefined;
    },
  };
}

/** One of these words, the first where nothing is written. */
export function choice<W extends string>(description: string, words: readonly [W, ...W[]]): Setting<W> {
  const [absent] = words;
  return {
    schema: { description, enum: words, default: absent },
    read(value, name, report) {
      const chosen = words.find((word) => word === value);
      if (value !== undefined && chosen === undefined)
        report([name], `${name} must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
      return chosen ?? absent;
    },
  };
}

/** A text with its place. */
export interface Placed {
  readonly path: SettingPath;
  readonly text: string;
}

/**
 * A text, or a list of texts, which together have at most `most` characters.
 *
 * @param pattern what each looks like, for editors; the check of its reader says more
 */
export function texts(description: string, most: number, pattern: RegExp = NOT_BLANK): Setting<readonly Placed[]> {
  const each = { type: "string", pattern: pattern.source };
  return {
    schema: {
      description,
      anyOf: [
        { ...each, maxLength: most },
        { type: "array", items: each, minItems: 1 },
      ],
    },
    read(value, name, report) {
      if (value === undefined) return undefined;
      const found = (Array.isArray(value) ? value : [value]).map((item: unknown, index) => ({
        path: Array.isArray(value) ? [name, index] : [name],
        text: item,
      }));
      const odd = found.find((item) => typeof item.text !== "string" || !NOT_BLANK.test(item.text));
      if (found.length === 0) report([name], `${name} is an empty list`, { hint: "leave it out" });
      else if (odd !== undefined) report(odd.path, `${name} must be a text, or a list of texts`);
      else if (found.map((item) => item.text).join(" ").length > most)
        report([name], `${name} is longer than the ${most} characters that fit`);
      else return found as readonly Placed[];
      return undefined;
    },
  };
}

const NOT_BLANK = /^\P{Cc}*[^\s\p{Cc}]\P{Cc}*$/u;
