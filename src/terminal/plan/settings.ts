import { dotvault } from "../../shell.ts";
import { unbroken } from "../layout.ts";
import { harmless } from "../style.ts";
import type { SettingPlan, SettingValue } from "./report.ts";

/** `target.mode: 0600 → 0644`, and what it is about. `told`: keys of which more is said elsewhere. */
export function settingLines(settings: readonly SettingPlan[], name: string, told: readonly string[] = []): string[] {
  return settings.filter(({ key }) => !told.includes(key)).map((setting) => settingLine(setting, name));
}

function settingLine({ key, before, after, hidden, when, words }: SettingPlan, name: string): string {
  const values = hidden ? "another one" : `${shown(key, before)} → ${shown(key, after)}`;
  const about = words === "" ? "" : ` (${words})`;
  return `${harmless(key.replace(/^settings\./, ""))}: ${values}${about}${whenWords(when, name)}`;
}

/** When it makes itself felt; nothing where that is as soon as the agent has read it. */
export function whenWords(when: SettingPlan["when"], name: string): string {
  switch (when) {
    case "next-write":
      return "; from the file's next change on";
    case "next-rotation":
      return `; with the next rotation, or ${command(dotvault("refresh", name))}`;
    case "next-sign-in":
      return `; with the next sign-in, or ${command(dotvault("enrol", name, "--again"))}`;
    case "now":
    case "restart":
    case "never":
      return "";
  }
}

export function command(text: string): string {
  return unbroken(harmless(text));
}

const DURATIONS = /^(?:sync\.|journal\.retention$|settings\.token_ttl$)/;

function shown(key: string, value: SettingValue): string {
  if (value === null) return "not set";
  if (typeof value === "number" && DURATIONS.test(key)) return duration(value);
  return harmless(Array.isArray(value) ? value.join(", ") : String(value)) || '""';
}

const UNITS = [
  ["d", 24 * 60 * 60_000],
  ["h", 60 * 60_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;

/** As it is written in the configuration: `15m`. */
function duration(milliseconds: number): string {
  const [unit, length] = UNITS.find(([, each]) => milliseconds % each === 0) ?? ["ms", 1];
  return `${milliseconds / length}${unit}`;
}
