import { harmless, type Style } from "./style.ts";
import { clock, count, moment, span } from "./times.ts";

/** What a configuration would do, beside what the agent does now; for programs as this very document (docs/json.md). */
export interface PlanReport {
  readonly schemaVersion: 1;
  readonly at: Date;
  /** The configuration that is planned with. */
  readonly file: string;
  /** Whether anything is different at all. */
  readonly changes: boolean;
  readonly store: { readonly from: string; readonly to: string } | null;
  readonly enrolments: readonly EnrolmentPlan[];
  readonly files: readonly FilePlan[];
}

export interface EnrolmentPlan {
  readonly name: string;
  /** The engine's name for people. */
  readonly label: string;
  readonly change: "new" | "returns" | "changed" | "paused" | "same";
  /** `null`: none is planned. */
  readonly rotatesAt: { readonly before: Date | null; readonly after: Date | null };
  /** `null`: it stays as it is. */
  readonly origin: { readonly before: string | null; readonly after: string | null } | null;
  readonly rotation: { readonly before: string; readonly after: string } | null;
  /** What tokens are asked to allow, and where; `null` inside: the service's own default. */
  readonly scope: { readonly before: string | null; readonly after: string | null } | null;
  readonly audience: { readonly before: string | null; readonly after: string | null } | null;
  /** That tokens are asked to live, milliseconds. */
  readonly life: { readonly before: number; readonly after: number } | null;
  /** Of the token in use. */
  readonly expiresAt: Date | null;
  /** `always`: a person has to sign in. `unless-stored`: they have to, unless the store holds its secret. */
  readonly signIn: "no" | "always" | "unless-stored";
  readonly run: string | null;
}

export interface FilePlan {
  /** The rule's. */
  readonly name: string;
  readonly path: string;
  readonly change: "new" | "changed" | "moved" | "removed" | "same" | "unknown";
  readonly secret: string | null;
  /** Managed values by JSON pointer; never a value. */
  readonly keys: readonly KeyPlan[];
  /** Values that are taken out of the file where it was before (`moved`, `removed`); else that file stays as it is. */
  readonly leaves: { readonly path: string; readonly keys: readonly string[] } | null;
  /** Why it can't be known what it would write. */
  readonly message: string | null;
}

export interface KeyPlan {
  readonly pointer: string;
  /**
   * `added`, `changed`, `same`: by its digest. `secret`: it comes of the secret, which is not fetched. `removed`: taken out.
   * `left`: not rendered any more, and left in the file.
   */
  readonly change: "added" | "changed" | "same" | "secret" | "removed" | "left";
}

/** `plan` for people. */
export function planText(report: PlanReport, style: Style): string {
  const { at, store, file, changes } = report;
  const enrolments = report.enrolments.filter(({ change }) => change !== "same");
  const files = report.files.filter(({ change }) => change !== "same");
  if (!changes) return `${style.green("✓")} ${harmless(file)} changes no file, rotation or sign-in\n`;
  const stored =
    store === null ? [] : [`~ store: ${harmless(store.from)} → ${harmless(store.to)}`, `    ${MOVED_STORE}`];
  const told = [
    ...stored,
    ...enrolments.flatMap((one) => entry(CHANGES[one.change], one.name, enrolmentLines(one, at), style)),
    ...files.flatMap((one) => entry(CHANGES[one.change], `${one.name} (file)`, fileLines(one), style)),
  ];
  return `${[...told, summary(report)].join("\n")}\n`;
}

const MOVED_STORE =
  "restart the agent; secrets are looked for in the new one (dotvault store move takes an embedded one there)";

const CHANGES = {
  ...({
    new: "+",
    returns: "+",
    changed: "~",
    moved: "~",
    paused: "-",
    removed: "-",
    unknown: "?",
    same: " ",
  } as const),
} as const;

function entry(glyph: string, name: string, lines: readonly string[], style: Style): string[] {
  const paint = { "+": style.green, "-": style.red, "~": style.yellow, "?": style.yellow, " ": style.dim }[glyph];
  return [`${paint?.(glyph) ?? glyph} ${style.bold(harmless(name))}`, ...lines.map((line) => `    ${line}`)];
}

function enrolmentLines(one: EnrolmentPlan, now: Date): string[] {
  const { change, origin, rotation, life, rotatesAt, expiresAt } = one;
  const after = rotatesAt.after;
  const moved = rotatesAt.before?.getTime() !== after?.getTime();
  return [
    ...(change === "paused" ? [`paused: its timers stop, its secret stays${endWords(expiresAt, now)}`] : []),
    ...(change === "returns" ? ["taken up again where it was left"] : []),
    ...(change === "new" ? [`new: ${harmless(one.label)}`] : []),
    ...(origin === null
      ? []
      : [
          `moves from ${harmless(origin.before ?? "nowhere")} to ${harmless(origin.after ?? "nowhere")}: no token of the old one is shown there`,
        ]),
    ...(rotation === null ? [] : [`rotation: ${rotation.before} → ${rotation.after}`]),
    ...termLine("scope", one.scope),
    ...termLine("audience", one.audience),
    ...(life === null ? [] : [`the next token is to live ${span(life.after)}, no longer ${span(life.before)}`]),
    ...(change !== "paused" && moved ? [rotationWords(rotatesAt, now)] : []),
    ...signInLines(one),
  ];
}

/** Whether a rotation or a sign-in brings it, `status` tells once the agent has read it. */
function termLine(name: string, change: EnrolmentPlan["scope"]): string[] {
  if (change === null) return [];
  const [before, after] = [change.before, change.after].map((text) => harmless(text ?? "the service's default"));
  return [`${name}: ${before} → ${after}; the token in use stays as it was issued`];
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

function signInLines({ signIn, run }: EnrolmentPlan): string[] {
  if (signIn === "no") return [];
  const when = signIn === "always" ? "you sign in" : "you sign in, unless the store holds its secret";
  return [`${when}: ${run ?? "dotvault enrol"}`];
}

function fileLines({ path, change, keys, leaves, message }: FilePlan): string[] {
  const shown = keys.filter((key) => key.change !== "same" && key.change !== "secret");
  const secret = keys.filter((key) => key.change === "secret").length;
  return [
    `${harmless(path)}${FILES[change] ?? ""}`,
    ...(message === null ? [] : [harmless(message)]),
    ...shown.map(
      (key) => `${KEYS[key.change] ?? ""} ${harmless(key.pointer || "(all of it)")}${NOTES[key.change] ?? ""}`,
    ),
    ...(secret === 0 ? [] : [`  ${count(secret, "value")} as the secret says`]),
    ...(leaves === null ? [] : leaveLines(leaves)),
  ];
}

const FILES: Readonly<Record<string, string>> = {
  new: " is written",
  removed: " is written no more",
  unknown: " would be written",
};
const KEYS: Readonly<Record<string, string>> = { added: "+", changed: "~", removed: "-", left: " " };
const NOTES: Readonly<Record<string, string>> = { left: " stays, and is not ours any more" };

function leaveLines({ path, keys }: NonNullable<FilePlan["leaves"]>): string[] {
  if (keys.length === 0) return [`${harmless(path)} stays as it is`];
  return [
    `${count(keys.length, "value is", "values are")} taken out of ${harmless(path)}: ${keys.map((key) => harmless(key || "all of it")).join(", ")}`,
  ];
}

function summary({ enrolments, files }: PlanReport): string {
  const logins = enrolments.filter(({ signIn }) => signIn !== "no").length;
  const changed = files.filter(({ change }) => change !== "same").length;
  const paused = enrolments.filter(({ change }) => change === "paused").length;
  return [
    count(logins, "login"),
    `${count(changed, "file")} changed`,
    ...(paused === 0 ? [] : [`${paused} paused`]),
    "nothing was fetched, nothing was changed",
  ].join(" · ");
}
