import type { Enrolment, NormalizedSettings, SettingRemark, SettingsReport, Validators } from "./config.ts";
import type { Named } from "./container-fields.ts";
import type { EnrolmentSection } from "./keys.ts";
import { nearest } from "./nearest.ts";
import { type Findings, quote } from "./problems.ts";
import { offsetOf, offsetWithin, toPlain } from "./tree.ts";
import { parseEnrolmentKey } from "./values.ts";

/** Engines of the predecessor that we lack: their enrolments load, and are left out. */
const foreignEngines: ReadonlyMap<string, string | undefined> = new Map([
  ["github", undefined],
  ["databricks", undefined],
  ["ghp", undefined],
  ["copy", undefined],
  ["langsmith", undefined],
  ["ssh", "the engine sshkey makes a key pair"],
]);

/** Checks every enrolment; gives those that are kept alive. */
export function checkEnrolments(
  sections: readonly Named<EnrolmentSection>[],
  engines: Validators["engines"],
  findings: Findings,
): Enrolment[] {
  return sections.flatMap((section) => checkEnrolment(section, engines, findings) ?? []);
}

function checkEnrolment(
  { key, keyStart, value: section }: Named<EnrolmentSection>,
  engines: Validators["engines"],
  findings: Findings,
): Enrolment | undefined {
  const parsed = parseEnrolmentKey(key);
  if (!parsed.ok) findings.error("config.enrolment-key", keyStart, parsed);
  const { engine, help_text: helpText } = section.values;
  if (engine === undefined) return undefined;
  if (!Object.hasOwn(engines, engine)) {
    refuseEngine(engine, key, offsetOf(section.tree, ["engine"], "value"), engines, findings);
    return undefined;
  }
  const settings = checkSettings(engine, section, keyStart, engines, findings);
  return { key, engine, settings, ...(helpText === undefined ? {} : { helpText }) };
}

function refuseEngine(
  engine: string,
  key: string,
  offset: number,
  engines: Validators["engines"],
  findings: Findings,
): void {
  if (foreignEngines.has(engine)) {
    const hint = foreignEngines.get(engine);
    const what = `the engine ${engine} is not supported yet; the enrolment ${key} is left out`;
    findings.warn("config.later", offset, { what, ...(hint === undefined ? {} : { hint }) });
    return;
  }
  const ours = Object.keys(engines);
  const near = nearest(engine, [...ours, ...foreignEngines.keys()]);
  findings.error("config.engine", offset, {
    what: `unknown engine ${quote(engine)}`,
    hint: `engines: ${ours.toSorted().join(", ")}`,
    ...(near === undefined ? {} : { nearest: near }),
  });
}

function checkSettings(
  engine: string,
  section: EnrolmentSection,
  keyStart: number,
  engines: Validators["engines"],
  findings: Findings,
): NormalizedSettings {
  const report = reporter(section, keyStart, findings);
  try {
    return engines[engine]?.(toPlain(section.values.settings), report) ?? {};
  } catch (error) {
    report([], `the engine ${engine} can't read these settings: ${error instanceof Error ? error.message : "unknown"}`);
    return {};
  }
}

function reporter(section: EnrolmentSection, keyStart: number, findings: Findings): SettingsReport {
  return (path, what, remark = {}) => {
    const offset = section.written ? placeOf(section, path, remark) : keyStart;
    const { hint, known } = remark;
    const near = known && nearest(String(path.at(-1)), known);
    const complaint = { what, ...(hint && { hint }), ...(near && { nearest: near }) };
    if (remark.isWarning) findings.warn("config.setting", offset, complaint);
    else findings.error(known ? "config.unknown-key" : "config.setting", offset, complaint);
  };
}

function placeOf({ tree }: EnrolmentSection, path: readonly (string | number)[], { at, known }: SettingRemark): number {
  const full = ["settings", ...path];
  const within = at === undefined ? undefined : offsetWithin(tree, full, at);
  return within ?? offsetOf(tree, full, known === undefined ? "value" : "key");
}
