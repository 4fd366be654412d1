import { folded, spaced, wrap } from "../layout.ts";
import { harmless, type Style } from "../style.ts";
import { clock, count, moment } from "../times.ts";
import { fileLines, isTouched } from "./files.ts";
import type { EnrolmentPlan, PlanReport, VaultPlan } from "./report.ts";
import { command, settingLines, whenWords } from "./settings.ts";

/** `plan` for people. @param columns of the terminal; undefined: lines are as long as they are */
export function planText(report: PlanReport, style: Style, columns?: number): string {
  const { file, changes, untold } = report;
  const note = untold === null ? [] : [`! ${UNTOLD[untold]}`];
  if (!changes) return [...note.map((line) => `${line}\n`), sameText(file, style, untold !== null)].join("");
  const enrolments = report.enrolments.filter(({ change }) => change !== "same");
  const files = report.files.filter(({ change }) => change !== "same");
  const told = [
    ...note,
    ...vaultEntry(report, style),
    ...settingLines(generalOf(report), "").flatMap((line) => [
      `${style.yellow("~")} ${line}`,
      ...droppedLine(line, report),
    ]),
    ...enrolments.flatMap((one) => entry(GLYPHS[one.change], one.name, enrolmentLines(one, report), style)),
    ...files.flatMap((one) => entry(GLYPHS[one.change], `${one.name} (file)`, fileLines(one), style)),
  ];
  const lines = columns === undefined ? told : told.flatMap((line) => folded(line, columns));
  return spaced(`${[...lines, ...summary(report, columns)].join("\n")}\n`);
}

/** What is said of a configuration that changes nothing. */
export function sameText(file: string, style: Style, isPartly = false): string {
  const reservation = isPartly ? ", as far as that can be told" : "";
  return `${style.green("✓")} ${harmless(file)} changes no file, rotation or sign-in${reservation}\n`;
}

const UNTOLD = {
  "not-noted":
    "the agent has noted no configuration yet: changes of sync, journal, vault, templates and other settings can't be told",
  "other-key": "the key was changed since the agent noted its configuration: changes of templates can't be told",
} as const;

const GLYPHS = {
  new: "+",
  returns: "+",
  changed: "~",
  moved: "~",
  paused: "-",
  removed: "-",
  unknown: "?",
  same: " ",
} as const;

function entry(glyph: string, name: string, lines: readonly string[], style: Style): string[] {
  const paint = { "+": style.green, "-": style.red, "~": style.yellow, "?": style.yellow, " ": style.dim }[glyph];
  return [`${paint?.(glyph) ?? glyph} ${style.bold(harmless(name))}`, ...lines.map((line) => `    ${line}`)];
}

const VAULT = /^vault\./;

function generalOf({ settings }: PlanReport) {
  return settings.filter(({ key }) => !VAULT.test(key));
}

/** All of it waits for a restart of the agent. */
function vaultEntry({ store, vault, settings, at }: PlanReport, style: Style): string[] {
  const own = settings.filter(({ key }) => VAULT.test(key));
  if (store === null && own.length === 0) return [];
  const lines = [
    ...(store === null ? [] : storeLines(store)),
    ...settingLines(
      own.map((setting) => ({ ...setting, key: setting.key.replace(VAULT, "") })),
      "",
    ),
    ...(vault === null ? [] : loginLines(vault, at)),
  ];
  return entry("~", "vault: once the agent is started anew", lines, style);
}

function storeLines({ from, to }: NonNullable<PlanReport["store"]>): string[] {
  const isEmbedded = from.startsWith("the embedded");
  const move = isEmbedded
    ? `${command("dotvault store move")} takes them there first`
    : "what the old one holds stays there";
  return [`secrets: ${harmless(from)} → ${harmless(to)}`, `they are looked for in the new one; ${move}`];
}

function loginLines({ login, server, method, drops, endsAt, run }: VaultPlan, now: Date): string[] {
  const where = harmless(server ?? "");
  const how = method === null ? "" : ` (${harmless(method)})`;
  const given = drops ? ["the login at hand is given up, and its token revoked"] : [];
  switch (login) {
    case "same":
      return endsAt === null ? ["the login stays"] : [`the login stays, and ends ${moment(endsAt, now)}`];
    case "alone":
      return [...given, `dotvault logs in to ${where} by itself${how}`];
    case "token":
      return [...given, `your own token (DOTVAULT_TOKEN, ~/.dotvault-token) is presented to ${where}`];
    case "person":
      return [
        ...given,
        run === null
          ? `you put a token for ${where} into ~/.dotvault-token`
          : `you log in to ${where}${how}: ${command(run)}`,
      ];
    case "none":
      return [...given, "no login is needed any more"];
  }
}

function droppedLine(line: string, { dropped }: PlanReport): string[] {
  if (!line.startsWith("journal.retention")) return [];
  if (dropped === 0) return ["    no event is dropped by it now"];
  const they = `${count(dropped, "event")} of the history ${dropped === 1 ? "goes" : "go"}`;
  return [`    ${they} within a day`];
}

function enrolmentLines(one: EnrolmentPlan, { at: now, store }: PlanReport): string[] {
  const { name, change, origin, rotation, rotatesAt, expiresAt, settings } = one;
  const moved = rotatesAt.before?.getTime() !== rotatesAt.after?.getTime();
  const told = [...(origin === null ? [] : ["settings.url"]), ...(rotation === null ? [] : ["settings.rotation"])];
  // Where it signs in by itself at once, that is when they count.
  const counting =
    one.signIn === "alone" ? settings.map((setting) => ({ ...setting, when: "now" as const })) : settings;
  return [
    ...(change === "paused" ? [`paused: its timers stop, its secret stays${endWords(expiresAt, now)}`] : []),
    ...(change === "returns" ? ["taken up again where it was left"] : []),
    ...(change === "new" ? [`new: ${harmless(one.label)}`] : []),
    ...(origin === null || origin.before === null
      ? []
      : [
          `moves from ${harmless(origin.before)} to ${harmless(origin.after ?? "nowhere")}: no token of the old one is shown there`,
        ]),
    ...(rotation === null ? [] : [`rotation: ${rotation.before} → ${rotation.after}`]),
    ...termLine("scope", one),
    ...termLine("audience", one),
    ...settingLines(counting, name, [
      ...told,
      ...(one.scope ? ["settings.scope"] : []),
      ...(one.audience ? ["settings.audience"] : []),
    ]),
    ...(change !== "paused" && moved ? [rotationWords(rotatesAt, now)] : []),
    ...signInLines(one, store === null ? "the store" : "the new store"),
  ];
}

function termLine(term: "scope" | "audience", one: EnrolmentPlan): string[] {
  const change = one[term];
  if (change === null) return [];
  const [before, after] = [change.before, change.after].map((text) => harmless(text ?? "the service's default"));
  if (one.signIn === "alone") return [`${term}: ${before} → ${after}`];
  const when = one.settings.find(({ key }) => key === `settings.${term}`)?.when ?? "now";
  return [`${term}: ${before} → ${after}; the token in use stays as it was issued${whenWords(when, one.name)}`];
}

function endWords(expiresAt: Date | null, now: Date): string {
  return expiresAt === null ? "" : `; its token ends ${moment(expiresAt, now)}, and is not renewed`;
}

function rotationWords({ before, after }: EnrolmentPlan["rotatesAt"], now: Date): string {
  if (after === null) return `no rotation any more; it was due ${before === null ? "" : moment(before, now)}`;
  return before === null
    ? `rotates ${moment(after, now)}`
    : `rotates ${moment(after, now)} instead of ${clock(before, now)}`;
}

function signInLines({ signIn, run }: EnrolmentPlan, store: string): string[] {
  const named = run === null ? "" : `: ${command(run)}`;
  switch (signIn) {
    case "no":
      return run === null ? [] : [`made at your word, without a sign-in${unless(store)}${named}`];
    case "alone":
      return ["dotvault gets its token by itself"];
    case "always":
      return [`you sign in${named}`];
    case "unless-stored":
      return [`you sign in${unless(store)}${named}`];
  }
}

function unless(store: string): string {
  return `, unless ${store} holds its secret`;
}

function summary({ enrolments, files, vault, store, settings }: PlanReport, columns: number | undefined): string[] {
  const signIns = enrolments.filter(({ signIn }) => signIn === "always" || signIn === "unless-stored").length;
  const own = store !== null || settings.some(({ key }) => VAULT.test(key));
  const logins = signIns + (own && vault?.login === "person" ? 1 : 0);
  const changed = files.filter(isTouched).length;
  const paused = enrolments.filter(({ change }) => change === "paused").length;
  const parts = [
    logins === 0 ? "no login" : count(logins, "login"),
    changed === 0 ? "no file changed" : `${count(changed, "file")} changed`,
    ...(paused === 0 ? [] : [`${paused} paused`]),
    "nothing was fetched, nothing was changed",
  ];
  return columns === undefined ? [parts.join(" · ")] : wrap(parts, columns, " · ");
}
