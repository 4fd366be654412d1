import { basename } from "node:path";
import { serverId } from "../../adapters/engines/jfrog/fields.ts";
import { formatFor } from "../../adapters/files/index.ts";
import { octal } from "../../adapters/files/octal.ts";
import type { TemplateEnvironment } from "../../adapters/files/template/template.ts";
import type { Marks } from "../../agent/rule-file/deps.ts";
import { optionsOf, seenBy, templateFields, textOf } from "../../agent/rule-file/render.ts";
import { type FileRule, formerRule } from "../../agent/rule-file/rule.ts";
import type { Config } from "../../config/config.ts";
import { DotvaultError } from "../../errors.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { Snapshot } from "../../machines/enrolment/decide.ts";
import { type RuleSnapshot, ruleSnapshot } from "../../machines/rule/rule.ts";
import { RULE, streamOf } from "../../machines/stream/names.ts";
import type { EnrolmentPlan, FilePlan, KeyPlan, SettingPlan } from "../../terminal/plan/report.ts";
import { circleFields } from "../assembly/circle-fields.ts";
import { contradicted, type Draft, HIDDEN, isOfAnother, placed, read } from "./draft.ts";
import type { SettingChanges } from "./settings.ts";

export interface FilesPlanned {
  readonly reader: JournalReader | undefined;
  readonly config: Config;
  readonly environment: TemplateEnvironment;
  /** Undefined: the key is not there, and no digest can be compared. */
  readonly marks: Marks | undefined;
  readonly settings: SettingChanges;
  readonly enrolments: readonly EnrolmentPlan[];
  /** Secrets are looked for elsewhere. */
  readonly isMoved: boolean;
}

/** What becomes of each rule's file, and of those whose rules are gone. Reads the files; fetches no secret; writes nothing. */
export async function filePlans(rules: readonly FileRule[], planned: FilesPlanned): Promise<FilePlan[]> {
  const paths = [...Map.groupBy(rules, ({ path }) => path).values()];
  const found = new Map((await Promise.all(paths.map((group) => plansOfOne(group, planned)))).flat());
  const inOrder = rules.flatMap((rule) => found.get(rule) ?? []);
  const plans = inOrder.map((plan) => shared(plan, inOrder));
  return [...plans, ...goneRules(planned).map(({ name, known }) => removedPlan(name, known, plans))];
}

/** What another rule writes into the same file is not taken out of it. */
function shared(plan: FilePlan, all: readonly FilePlan[]): FilePlan {
  const others = all.filter(({ name, path }) => path === plan.path && name !== plan.name).flatMap(({ keys }) => keys);
  const isTheirs = (pointer: string) =>
    others.some((key) => key.pointer === pointer && key.change !== "removed" && key.change !== "left");
  const keys = plan.keys.map((key) =>
    key.change === "removed" && isTheirs(key.pointer) ? { ...key, change: "left" as const } : key,
  );
  return { ...plan, keys };
}

/** The rules of one file as they are written: in their order, each into what those before it have made of the text. */
async function plansOfOne(rules: readonly FileRule[], planned: FilesPlanned): Promise<[FileRule, FilePlan][]> {
  const file: Draft = { text: undefined, isRead: false, facts: undefined, claims: [], rules };
  const plans: [FileRule, FilePlan][] = [];
  for (const rule of rules) plans.push([rule, await filePlan(rule, file, planned)]);
  return plans.map(([rule, plan]) => [rule, { ...plan, keys: placed(plan.keys, rule, file) }]);
}

async function filePlan(rule: FileRule, file: Draft, planned: FilesPlanned): Promise<FilePlan> {
  const known = ruleSnapshot(planned.reader?.head(RULE + rule.name)?.snapshot);
  const settings = planned.settings.rule(rule.name);
  const plan = { name: rule.name, path: rule.path, secret: rule.secret ?? null, settings };
  if (known.value === "stopped" && known.path === rule.path) {
    const change = settings.length === 0 ? "same" : "changed";
    return { ...plan, ...NOTHING, change, message: STOPPED };
  }
  const isMoved = known.path !== null && known.path !== rule.path && known.keys.length > 0;
  const leaves = isMoved ? leavesOf(rule.name, known) : takenOut(rule, known);
  try {
    return { ...plan, leaves, ...(await written({ rule, known, isMoved, settings, leaves }, file, planned)) };
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    const message = `what it writes can't be told without its secret, or not at all: ${error.message}`;
    const change = known.keys.length === 0 ? "new" : "unknown";
    return { ...plan, ...NOTHING, leaves, change, message };
  }
}

const NOTHING = { keys: [], leaves: null, mode: null } as const;

interface Known {
  readonly rule: FileRule;
  readonly known: RuleSnapshot;
  readonly isMoved: boolean;
  readonly settings: readonly SettingPlan[];
  readonly leaves: FilePlan["leaves"];
}

/** What a pass would make of the file. Throws DotvaultError where that takes the secret itself. */
async function written({ rule, known, isMoved, settings, leaves }: Known, file: Draft, planned: FilesPlanned) {
  const before = isMoved ? { ...known, keys: [], edited: null } : known;
  await read(rule.path, file);
  const { facts } = file;
  const isOther = isOtherWay(rule, known, settings, planned);
  const { keys, contradiction } = keyPlans({ rule, before, isOther }, file, planned);
  if (contradiction !== null) return refused({ known, before, isMoved, settings }, contradiction);
  const isSaid = before.keys.length === 0 || settings.some(({ key }) => key === "target.mode");
  const mode = isSaid ? modeChange(rule, facts) : null;
  const message = planned.isMoved && rule.secret !== undefined ? elsewhere(rule) : waitsFor(rule, planned);
  const change = changeOf(before, keys, isMoved);
  const more =
    settings.length > 0 || leaves !== null || mode !== null || (planned.isMoved && rule.secret !== undefined);
  return { change: change === "same" && more ? ("changed" as const) : change, keys, mode, message };
}

/** By the agent, before it writes anything. */
function refused(
  { known, before, isMoved, settings }: Omit<Known, "rule" | "leaves"> & { readonly before: RuleSnapshot },
  message: string,
) {
  const isNoNews = known.failure?.code === "files.contradiction" && settings.length === 0;
  return { change: isNoNews ? "same" : changeOf(before, REFUSED, isMoved), keys: [], mode: null, message } as const;
}

/** What would be written is not. */
const REFUSED: readonly KeyPlan[] = [{ pointer: "", line: null, change: "left" }];

const STOPPED = "somebody has said that it is written no more: dotvault file take-back";

function changeOf({ keys: before }: RuleSnapshot, keys: readonly KeyPlan[], isMoved: boolean): FilePlan["change"] {
  if (isMoved) return "moved";
  if (before.length === 0) return "new";
  return keys.every(({ change }) => change === "same" || change === "secret") ? "same" : "changed";
}

/** Values that come of the secret may be others, although the secret is the same. */
function isOtherWay(
  { secret }: FileRule,
  known: RuleSnapshot,
  settings: readonly SettingPlan[],
  { isMoved }: FilesPlanned,
): boolean {
  const isOtherSecret = known.secret !== null && known.secret !== (secret ?? null);
  // Who comes first in the file may be another one now.
  const wasRefused = known.failure?.code === "files.contradiction";
  return isMoved || isOtherSecret || wasRefused || settings.some(({ key }) => RENDERS.has(key));
}

const RENDERS: ReadonlySet<string> = new Set(["vault_key", "target.template", "target.format"]);

/** Of a secret that is gone already its values go, too, where the rule says so now. */
function takenOut(rule: FileRule, known: RuleSnapshot): FilePlan["leaves"] {
  if (known.value !== "missing" || rule.onMissing !== "remove" || known.keys.length === 0) return null;
  return { path: rule.path, keys: known.keys.map(({ pointer }) => pointer) };
}

/** As a pass would leave the bits of a file that is there. */
function modeChange({ mode = 0o600 }: FileRule, facts: { readonly mode: number } | undefined): FilePlan["mode"] {
  if (facts === undefined) return null;
  const bits = facts.mode & 0o777;
  return (bits & mode) === bits ? null : { before: octal(bits), after: octal(bits & mode) };
}

/** Its secret comes with a sign-in, or with its enrolment. */
function waitsFor({ secret }: FileRule, { enrolments }: FilesPlanned): string | null {
  const one = enrolments.find(({ name }) => name === secret);
  if (one === undefined || one.change === "same" || (one.run === null && one.signIn === "no")) return null;
  return one.signIn === "always" ? `once you have signed in to ${one.name}` : `once ${one.name} is enrolled`;
}

function elsewhere({ secret, onMissing }: FileRule): string {
  const absent = onMissing === "remove" ? "its values are taken out" : "the file stays as it is";
  return `${secret} is read from the new store; where that does not hold it, ${absent}`;
}

interface Ways {
  readonly rule: FileRule;
  readonly before: RuleSnapshot;
  /** What comes of the secret comes of it in another way than before. */
  readonly isOther: boolean;
}

/** The values that the rule would own, each by its digest against the one on record. */
function keyPlans({ rule, before, isOther }: Ways, file: Draft, planned: FilesPlanned): Planned {
  const format = formatFor(rule.format);
  const options = { ...optionsOf(rule), basename: basename(rule.path) };
  const rendered = textOf(rule, planned.environment, standIns(rule, planned));
  const { content, managed } = format.merge(file.text, rendered, options);
  const found = format.values(content, managed, options);
  const values = new Map([...found].map(([pointer, { identity }]) => [pointer, identity]));
  const contradiction = contradicted(rule, values, file, planned.reader);
  if (contradiction !== null) return { keys: [], contradiction };
  const stale = before.keys.filter(({ pointer }) => !managed.includes(pointer));
  const pointers = stale.map(({ pointer }) => pointer);
  const goes = rule.strict ? pointers.filter((pointer) => !isOfAnother(pointer, rule, file, planned.reader)) : [];
  const isCut = file.text !== undefined && goes.length > 0;
  file.text = isCut ? format.merge(format.remove(file.text ?? "", goes, options), rendered, options).content : content;
  file.claims.push({ rule, values });
  const taken = before.keys.length > 0 ? { keys: [], isOther: false } : takenOver(rule, planned);
  const known = new Map([...taken.keys, ...before.keys].map((key) => [key.pointer, key]));
  const undone = undoneEdits(rule, before);
  const mayGo = planned.isMoved && rule.secret !== undefined && rule.onMissing === "remove";
  const kept = managed.map((pointer): KeyPlan => {
    const { identity = "", line = null } = found.get(pointer) ?? {};
    const recorded = known.get(pointer);
    const change = keyChange(identity, recorded && (recorded.digest ?? null), planned.marks);
    const place = { pointer, line: recorded === undefined ? line : recorded.line };
    if (undone.has(pointer)) return { ...place, change: "back" };
    const comesOtherwise = change === "secret" && (isOther || taken.isOther);
    return { ...place, change: comesOtherwise || (change === "same" && mayGo) ? "maybe" : change };
  });
  const change = rule.strict ? ("removed" as const) : ("left" as const);
  const keys = [...kept, ...stale.map(({ pointer, line }) => ({ pointer, line, change }))];
  return { keys, contradiction: null };
}

interface Planned {
  readonly keys: readonly KeyPlan[];
  /** Why the rule is refused. */
  readonly contradiction: string | null;
}

function keyChange(identity: string, digest: string | null | undefined, marks: Marks | undefined): KeyPlan["change"] {
  if (digest === undefined) return "added";
  if (identity.includes(HIDDEN) || digest === null || !marks || !digest.startsWith(`${marks.keyId}:`)) return "secret";
  return marks.of(identity) === digest ? "same" : "changed";
}

/** Values of rules that are gone, in the same file: this one has another name, say. `isOther`: it renders otherwise. */
function takenOver(rule: FileRule, planned: FilesPlanned): { keys: RuleSnapshot["keys"]; isOther: boolean } {
  const gone = goneRules(planned).filter(({ known }) => known.path === rule.path);
  const isOther = gone.some(({ name, known }) => {
    return isOtherWay(rule, known, planned.settings.rule(rule.name, name), planned);
  });
  return { keys: gone.flatMap(({ known }) => known.keys), isOther: isOther || planned.settings.untold !== null };
}

function goneRules({ reader, config }: FilesPlanned): { readonly name: string; readonly known: RuleSnapshot }[] {
  const names = new Set(config.rules.map(({ name }) => RULE + name));
  const all = (reader?.heads(RULE) ?? []).filter(({ stream }) => !names.has(stream));
  const gone = all.map(({ stream, snapshot }) => ({ name: stream.slice(RULE.length), known: ruleSnapshot(snapshot) }));
  return gone.filter(({ known }) => known.keys.length > 0);
}

/** Changes by somebody else that the rule has let stand, and would no longer. */
function undoneEdits(rule: FileRule, before: RuleSnapshot): ReadonlySet<string> {
  const { edited, answer } = before;
  if (!edited?.kept || rule.onEdit === "keep") return new Set();
  return new Set(edited.keys.filter((key) => answer?.keys.includes(key) !== true));
}

/** Fields of the secret, as far as they are no secret: what the configuration and the journal say anyway. */
function standIns(rule: FileRule, { config, reader }: FilesPlanned): Readonly<Record<string, unknown>> {
  const { fields: named, all } = templateFields(rule);
  const enrolment = config.enrolments.find(({ key }) => key === rule.secret);
  const names = all ? [...named, ...KNOWN] : named;
  const hidden = Object.fromEntries(names.map((name) => [name, HIDDEN + name.replaceAll(/[^A-Za-z0-9]/g, "0")]));
  const url = enrolment?.settings.url;
  if (enrolment === undefined || typeof url !== "string") return hidden;
  const head = reader?.head(streamOf(enrolment.key))?.snapshot as Partial<Snapshot> | undefined;
  const user = head?.context?.current?.user;
  const fields = { ...hidden, url, server_id: serverId(url), ...(user === undefined ? {} : { user }) };
  return seenBy(rule, {
    fields,
    beside: circleFields(config, { secret: rule.secret }, (stream) => reader?.head(stream)?.snapshot),
  });
}

const KNOWN = ["access_token", "refresh_token", "url", "server_id", "user"];

/** What another rule writes into the same file stays with that one: the rule has another name, say. */
function removedPlan(name: string, known: RuleSnapshot, plans: readonly FilePlan[]): FilePlan {
  const { path, secret } = known;
  const { keys, ...left } = leavesOf(name, known);
  const others = plans.filter((plan) => plan.path === path && plan.keys.length > 0);
  const isOf = (plan: FilePlan, pointer: string) => plan.keys.some((key) => key.pointer === pointer);
  const leaves = { ...left, keys: keys.filter((pointer) => !others.some((plan) => isOf(plan, pointer))) };
  const heir = others.find((plan) => known.keys.every(({ pointer }) => isOf(plan, pointer)));
  const message = heir ? `the rule ${heir.name} writes its values from then on` : null;
  return { ...REMOVED, name, path: path ?? "", secret, leaves: heir ? null : leaves, message };
}

const REMOVED = { change: "removed", keys: [], mode: null, settings: [] } as const;

/** What is taken out of the file that a rule leaves; nothing where its rule did not say so. */
function leavesOf(name: string, known: RuleSnapshot): NonNullable<FilePlan["leaves"]> {
  const leaving = formerRule(name, known) !== undefined;
  return { path: known.path ?? "", keys: leaving ? known.keys.map(({ pointer }) => pointer) : [] };
}
