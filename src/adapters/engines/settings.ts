/**
 * Says what is wrong with a setting: `path` leads from the engine's `settings` to the value. With `known` (the names that are
 * right there) it is the name that is wrong.
 */
export type Report = (
  path: readonly (string | number)[],
  what: string,
  hint?: string,
  known?: readonly string[],
) => void;

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
    if (!names.includes(key)) report([key], `unknown setting ${key}`, undefined, names);
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
  report([name], `${name} must be a text of 1 to ${most} printable characters`, hint);
  return undefined;
}

/** Runs a reader with a report that also counts: what it returns is kept only when nothing was reported. */
export function soundOnly<T>(report: Report, read: (report: Report) => T | undefined): T | undefined {
  let sound = true;
  const value = read((...problem) => {
    sound = false;
    report(...problem);
  });
  return sound ? value : undefined;
}
