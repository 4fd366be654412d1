/** Says what is wrong with a setting: `path` leads from the engine's `settings` to the value. */
export type Report = (path: SettingPath, what: string, remark?: Remark) => void;
export type SettingPath = readonly (string | number)[];

export interface Remark {
  readonly hint?: string | undefined;
  /** The names that are right there: it is the name that is wrong. */
  readonly known?: readonly string[];
  /** Where in the setting's text the mistake begins, UTF-16 units. */
  readonly at?: number;
  /** It hinders nothing: the settings are used. */
  readonly isWarning?: true;
}

/** Checks an engine's settings as they stand in the configuration and fills in defaults; undefined when it reported something. */
export type SettingsValidator<T> = (settings: unknown, report: Report) => T | undefined;

/** Reads `90s`, `24h`, `60d` as milliseconds. The configuration's room has it. */
export type ParseDuration = (
  text: string,
) =>
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly what: string; readonly hint?: string };

export type Entries = Readonly<Record<string, unknown>>;

/** The settings as a mapping (absent means empty), after reporting keys that the engine does not have. */
export function readEntries(settings: unknown, names: readonly string[], report: Report): Entries | undefined {
  if (settings === undefined || settings === null) return {};
  if (typeof settings !== "object" || Array.isArray(settings)) {
    report([], "settings must be a mapping");
    return undefined;
  }
  for (const key of Object.keys(settings)) {
    if (!names.includes(key)) report([key], `unknown setting ${key}`, { known: names });
  }
  return settings as Entries;
}

/** A setting's own value; nothing inherited, and `null` counts as absent. */
export function entry(entries: Entries, name: string): unknown {
  return Object.hasOwn(entries, name) ? (entries[name] ?? undefined) : undefined;
}

/** A text of 1 to `most` printable characters. A number is none: YAML has already changed how it was written. */
export function textEntry(entries: Entries, name: string, most: number, report: Report): string | undefined {
  const value = entry(entries, name);
  if (value === undefined) return undefined;
  if (typeof value === "string" && value.length > 0 && value.length <= most && !/\p{C}/u.test(value)) return value;
  const hint = typeof value === "number" ? "put it into quotes" : undefined;
  report([name], `${name} must be a text of 1 to ${most} printable characters`, { hint });
  return undefined;
}

/** `true` or `false`. */
export function flagEntry(entries: Entries, name: string, report: Report): boolean | undefined {
  const value = entry(entries, name);
  if (value === undefined || typeof value === "boolean") return value;
  report([name], `${name} must be true or false`);
  return undefined;
}

/** One of these words. */
export function choiceEntry<W extends string>(
  entries: Entries,
  name: string,
  words: readonly W[],
  report: Report,
): W | undefined {
  const value = entry(entries, name);
  const chosen = words.find((word) => word === value);
  if (value !== undefined && chosen === undefined) report([name], `${name} must be ${orList(words)}`);
  return chosen;
}

function orList(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** A text with its place. */
export interface Placed {
  readonly path: SettingPath;
  readonly text: string;
}

/** A text, or a list of texts, which together have at most `most` characters. */
export function textsEntry(
  entries: Entries,
  name: string,
  most: number,
  report: Report,
): readonly Placed[] | undefined {
  const value = entry(entries, name);
  if (value === undefined) return undefined;
  const texts = (Array.isArray(value) ? value : [value]).map((text: unknown, index) => ({
    path: Array.isArray(value) ? [name, index] : [name],
    text,
  }));
  const odd = texts.find(({ text }) => typeof text !== "string" || /^\s*$/.test(text) || /\p{Cc}/u.test(text));
  if (odd !== undefined || texts.length === 0)
    report(odd?.path ?? [name], `${name} must be a text, or a list of texts`);
  else if (texts.map(({ text }) => text).join(" ").length > most)
    report([name], `${name} is longer than the ${most} characters that fit`);
  else return texts as readonly Placed[];
  return undefined;
}

/** Runs a reader with a report that also counts: what it returns is kept only when nothing was reported as wrong. */
export function soundOnly<T>(report: Report, read: (report: Report) => T | undefined): T | undefined {
  let sound = true;
  const value = read((path, what, remark) => {
    if (remark?.isWarning !== true) sound = false;
    report(path, what, remark);
  });
  return sound ? value : undefined;
}
