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

/** Runs a reader with a report that also counts: what it returns is kept only when nothing was reported as wrong. */
export function soundOnly<T>(report: Report, read: (report: Report) => T | undefined): T | undefined {
  let sound = true;
  const value = read((path, what, remark) => {
    if (remark?.isWarning !== true) sound = false;
    report(path, what, remark);
  });
  return sound ? value : undefined;
}
