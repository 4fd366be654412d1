import type { Enrolment } from "../../agent/ports.ts";
import { machineSettings } from "../../agent/resume.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { Context, Settings } from "../../machines/enrolment/context.ts";
import { isUnattended } from "../../machines/enrolment/guards.ts";
import { step } from "../../machines/enrolment/step.ts";
import type { Beginning } from "../../machines/forecast/forecast.ts";
import { dotvault } from "../../shell.ts";
import type { EnrolmentPlan } from "../../terminal/plan/report.ts";
import { beginningOf } from "../next/items.ts";
import type { SettingChanges } from "./settings.ts";

interface Planned {
  readonly reader: JournalReader | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly settings: SettingChanges;
  /** Secrets are looked for elsewhere. */
  readonly isMoved: boolean;
}

const nothing = {
  origin: null,
  rotation: null,
  scope: null,
  audience: null,
  life: null,
  expiresAt: null,
  signIn: "no",
  run: null,
  settings: [],
} as const;
const never = { before: null, after: null } as const;

/** What a configuration means for each of its enrolments, and for those that it names no more. */
export function enrolmentPlans(enrolments: readonly Enrolment[], planned: Planned): EnrolmentPlan[] {
  const names = new Set(enrolments.map(({ name }) => name));
  const before = configuredNow(planned.reader);
  const known = new Set(before.map(({ name }) => name));
  const gone = before.filter(({ name }) => !names.has(name));
  return [
    ...enrolments.map((enrolment) => planOf(enrolment, planned, known)),
    ...gone.map(({ name, label }) => pausedPlan(name, label, planned)),
  ];
}

function planOf({ name, engine }: Enrolment, planned: Planned, known: ReadonlySet<string>): EnrolmentPlan {
  const { label } = engine;
  const beginning = planned.reader && beginningOf(planned.reader, name, true);
  const after = machineSettings("", { name, engine });
  if (!beginning) return { ...nothing, name, label, change: "new", rotatesAt: never, ...loginAnew(name, after) };
  const before = beginning.standing.snapshot.context;
  const settings = { ...after, label: before.settings?.label ?? "" };
  const isAnother = before.settings !== null && before.settings.engine !== settings.engine;
  const changed = isAnother ? null : changesOf(before.settings, settings);
  const taken = configured(beginning, settings, planned.now);
  const life = isAnother ? null : lifeChange(beginning, settings);
  const told = planned.settings.enrolment(name, settings.rotation);
  const signIn = signInOf(name, { before, after: taken.context, wakes: [beginning.wakes, taken.wakes] });
  const isOther = changed !== null || life !== null || told.length > 0 || signIn !== null;
  // What the store holds of it may be nothing to that engine, or not be in that store.
  const isLooked = isAnother || (planned.isMoved && isEnrolled(beginning));
  return {
    ...nothing,
    name,
    label,
    change: known.has(name) ? CHANGED[`${isOther || isLooked}`] : "returns",
    rotatesAt: { before: rotatesAt(beginning.wakes), after: rotatesAt(taken.wakes) },
    ...changed,
    life,
    expiresAt: timeOf(before.current?.expiresAt),
    settings: told,
    ...(isLooked ? loginAnew(name, settings) : {}),
    ...signIn,
  };
}

type SignIn = Pick<EnrolmentPlan, "signIn" | "run">;

/** Where its secret is not in the store, nor was before. */
function loginAnew(name: string, settings: Settings): SignIn {
  if (isUnattended(settings)) return { signIn: "alone", run: null };
  return { signIn: settings.traits.person ? "unless-stored" : "no", run: dotvault("enrol", name) };
}

type Wakes = Beginning["wakes"];

/** What the machine asks for with the other settings, and did not with the old ones. */
function signInOf(
  name: string,
  {
    before,
    after,
    wakes: [set, sets],
  }: { readonly before: Context; readonly after: Context; readonly wakes: readonly [Wakes, Wakes] },
): SignIn | null {
  if (needsPerson(after) && !needsPerson(before)) return { signIn: "always", run: dotvault("enrol", name) };
  const rings = (wakes: Wakes) => wakes.find((wake) => wake.name === "retry")?.at;
  const begins = isUnattended(after.settings) && rings(sets) !== undefined && rings(sets) !== rings(set);
  return begins ? { signIn: "alone", run: null } : null;
}

/** Where it enrols by itself, what it is asked for is its own affair. */
function needsPerson({ ask, settings }: Context): boolean {
  const seesToIt = isUnattended(settings) && (ask?.code === "not-enrolled" || ask?.code === "revoked");
  return ask !== null && !seesToIt;
}

function isEnrolled({ standing: { snapshot } }: Beginning): boolean {
  return snapshot.context.current !== null;
}

const CHANGED = { true: "changed", false: "same" } as const;

/** Its timers stop, and its secret is kept. */
function pausedPlan(name: string, label: string, { reader }: Planned): EnrolmentPlan {
  const beginning = reader && beginningOf(reader, name, true);
  const expiresAt = timeOf(beginning?.standing.snapshot.context.current?.expiresAt);
  const before = beginning ? rotatesAt(beginning.wakes) : null;
  return { ...nothing, name, label, change: "paused", rotatesAt: { before, after: null }, expiresAt };
}

/** As the agent read it last. */
function configuredNow(
  reader: JournalReader | undefined,
): readonly { readonly name: string; readonly label: string }[] {
  const noted = reader?.fact("configured");
  return Array.isArray(noted) ? (noted as readonly { name: string; label: string }[]) : [];
}

/** What the machine itself makes of other settings; of the same it is not told. */
function configured({ standing, wakes }: Beginning, settings: Settings, at: number) {
  const { context } = standing.snapshot;
  if (JSON.stringify(context.settings) === JSON.stringify(settings)) return { wakes, context };
  const taken = step(standing, { type: "CONFIGURED", at, settings });
  const kept = wakes.filter(
    ({ name }) => !taken.cancels.includes(name) && taken.sets.every((set) => set.name !== name),
  );
  return { wakes: [...kept, ...taken.sets], context: taken.snapshot.context };
}

function rotatesAt(wakes: readonly { readonly name: string; readonly at: number }[]): Date | null {
  return timeOf(wakes.find(({ name }) => name === "rotate")?.at);
}

function timeOf(time: number | undefined): Date | null {
  return time === undefined ? null : new Date(time);
}

type Changes = Pick<EnrolmentPlan, "origin" | "rotation" | "scope" | "audience">;

function changesOf(before: Settings | null, after: Settings): Changes | null {
  if (before === null) return null;
  // A token from before these were on record may have been asked for with anything.
  const asked = before.terms !== null && after.terms !== null ? { before: before.terms, after: after.terms } : null;
  const changes: Changes = {
    origin: changeOf(before.origin, after.origin),
    rotation: changeOf(before.rotation, after.rotation),
    scope: asked && changeOf(asked.before.scope, asked.after.scope),
    audience: asked && changeOf(asked.before.audience, asked.after.audience),
  };
  return Object.values(changes).every((change) => change === null) ? null : changes;
}

function changeOf<T>(before: T, after: T): { readonly before: T; readonly after: T } | null {
  return before === after ? null : { before, after };
}

/** What the next token is asked to live, beside what the present one was. */
function lifeChange({ standing }: Beginning, after: Settings): EnrolmentPlan["life"] {
  const before = standing.snapshot.context.settings?.terms?.life ?? null;
  const life = after.terms?.life ?? null;
  return before === null || life === null || before === life ? null : { before, after: life };
}
