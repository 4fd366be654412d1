import type { Marks } from "../../agent/rule-file/deps.ts";
import type { Config } from "../../config/config.ts";
import type { JournalReader, Json } from "../../journal/port.ts";
import { type Means, meaningOf, type Place } from "../../terminal/plan/means.ts";
import type { PlanReport, SettingPlan, SettingValue } from "../../terminal/plan/report.ts";
import { CONFIGURATION, isMarked, type Keys, type Noted, notedOf } from "./noted.ts";

/** What a configuration says otherwise than the one that the agent has. */
export interface SettingChanges {
  readonly vault: readonly SettingPlan[];
  readonly general: readonly SettingPlan[];
  /** @param former the name that it had */
  rule(name: string, former?: string): readonly SettingPlan[];
  enrolment(name: string, rotation: "refresh" | "remint"): readonly SettingPlan[];
  readonly untold: PlanReport["untold"];
}

/** Of a rule or an enrolment that is not on record nothing has changed: it is new. */
export function settingChanges(
  reader: JournalReader | undefined,
  config: Config,
  marks: Marks | undefined,
): SettingChanges {
  const before = reader?.fact(CONFIGURATION) as Noted | undefined;
  const after = notedOf(config, marks ?? NO_MARKS);
  const compare = (one: Keys | undefined, other: Keys | undefined, place: Place) =>
    one && other ? changes(one, other, place) : [];
  return {
    vault: compare(...vaultKeys(before?.vault, after.vault), { section: "vault" }),
    general: compare(before?.general, after.general, { section: "general" }),
    rule: (name, former = name) => compare(own(before?.rules, former), own(after.rules, name), { section: "rules" }),
    enrolment(name, rotation) {
      const known = own(after.enrolments, name);
      const former = own(before?.enrolments, name);
      // With another engine all else is another thing.
      if (former && known && former.engine !== known.engine) return compare(engineOf(former), engineOf(known), ENGINE);
      const place: Place = { section: "enrolments", engine: String(known?.engine), rotation };
      return compare(former, known, place);
    },
    untold: untoldOf(reader, before, marks),
  };
}

/** Where there is no server on one side, the address says it all. */
function vaultKeys(before: Keys | undefined, after: Keys): [Keys | undefined, Keys] {
  if (before === undefined || (before.address !== undefined && after.address !== undefined)) return [before, after];
  const address = ({ address: known }: Keys): Keys => (known === undefined ? {} : { address: known });
  return [address(before), address(after)];
}

const ENGINE: Place = { section: "enrolments", engine: "", rotation: "refresh" };

function engineOf({ engine = null }: Keys): Keys {
  return { engine };
}

const NO_MARKS: Marks = { keyId: "", of: () => "" };

function own<T>(all: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  return all !== undefined && Object.hasOwn(all, name) ? all[name] : undefined;
}

/** Without the journal there is nothing to compare with, and all is told as new. */
function untoldOf(
  reader: JournalReader | undefined,
  before: Noted | undefined,
  marks: Marks | undefined,
): PlanReport["untold"] {
  if (reader === undefined) return null;
  if (before === undefined) return "not-noted";
  const noted = [...Object.values(before.rules), ...Object.values(before.enrolments), before.vault];
  const all = noted.flatMap((keys) => Object.values(keys)).filter(isMarked);
  return all.some(({ mark }) => !marks || !mark.startsWith(`${marks.keyId}:`)) ? "other-key" : null;
}

function changes(before: Keys, after: Keys, place: Place): SettingPlan[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const [one, other] = [before[key], after[key]];
    if (isSame(one, other)) return [];
    const { when, words }: Means = meaningOf(key, place) ?? { when: "now", words: "" };
    const [was, is] = [shown(one), shown(other)];
    const hidden = (isMarked(one) || isMarked(other)) && was === is;
    return [{ key, before: was, after: is, hidden, when, words }];
  });
}

/** What was marked with another key can't be compared: that is told once for all. */
function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (isMarked(one) && isMarked(other) && keyOf(one.mark) !== keyOf(other.mark)) return true;
  return JSON.stringify(one) === JSON.stringify(other);
}

function keyOf(mark: string): string {
  return mark.slice(0, mark.indexOf(":") + 1);
}

function shown(value: Json | undefined): SettingValue {
  if (isMarked(value)) return value.as ?? null;
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "object" ? JSON.stringify(value) : (value as SettingValue);
}
