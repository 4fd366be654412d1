import { harmless } from "../style.ts";
import { count } from "../times.ts";
import type { FilePlan, KeyPlan } from "./report.ts";
import { settingLines } from "./settings.ts";

/** What a plan says of one file, for people. */
export function fileLines(plan: FilePlan): string[] {
  const { name, path, change, keys, leaves, mode, message, settings } = plan;
  const told = [...(change === "moved" ? ["target.path"] : []), ...(mode === null ? [] : ["target.mode"])];
  const shown = keys.filter(({ change: how }) => !["same", "secret", "maybe"].includes(how));
  const maybe = keys.filter((key) => key.change === "maybe").map(pointerWords);
  const secret = keys.filter((key) => key.change === "secret").length;
  return [
    `${harmless(path)}${headWords(plan)}`,
    ...(message === null ? [] : [harmless(message)]),
    ...settingLines(settings, name, told).map((line) => line.replace(/^target\./, "")),
    ...(mode === null ? [] : [`permission bits: ${mode.before} → ${mode.after}`]),
    ...shown.map((key) => `${KEYS[key.change] ?? ""} ${pointerWords(key)}${NOTES[key.change] ?? ""}`),
    ...(maybe.length === 0 || message !== null
      ? []
      : [`~ of the secret, and in another way than before: ${maybe.join(", ")}`]),
    ...(secret === 0 || !isTouched(plan) ? [] : [`  ${count(secret, "value")} as the secret says`]),
    ...(leaves === null ? [] : leaveLines(leaves)),
  ];
}

/** `/servers/serverId=acme/accessToken (line 5)`. */
function pointerWords({ pointer, line }: KeyPlan): string {
  return `${harmless(pointer || "all of it")}${line === null ? "" : ` (line ${line})`}`;
}

/** Whether a byte or a bit of it would be another one. */
export function isTouched({ change, keys, leaves, mode }: FilePlan): boolean {
  if (change === "same") return false;
  if (change === "moved" || change === "unknown" || (leaves?.keys.length ?? 0) > 0 || mode !== null) return true;
  if (change === "removed") return false;
  if (change === "new" && keys.length === 0) return true;
  return !keys.every(({ change: how }) => UNTOUCHED.has(how));
}

const UNTOUCHED: ReadonlySet<string> = new Set(["same", "secret", "left"]);

function headWords(plan: FilePlan): string {
  if (plan.change !== "removed" && !isTouched(plan)) return " stays as it is for now";
  return FILES[plan.change] ?? "";
}

const FILES: Readonly<Record<string, string>> = {
  new: " is written",
  removed: " is written no more",
  unknown: " would be written",
  moved: " is written",
};
const KEYS: Readonly<Record<KeyPlan["change"], string>> = {
  ...{ added: "+", changed: "~", maybe: "~", back: "~", removed: "-", left: " ", same: "", secret: "" },
};
const NOTES: Readonly<Record<string, string>> = {
  left: " stays, and is not ours any more",
  back: ", which somebody else has changed, is written anew",
};

function leaveLines({ path, keys }: NonNullable<FilePlan["leaves"]>): string[] {
  if (keys.length === 0) return [`${harmless(path)} stays as it is`];
  return [
    `${count(keys.length, "value is", "values are")} taken out of ${harmless(path)}: ${keys.map((key) => harmless(key || "all of it")).join(", ")}`,
  ];
}
