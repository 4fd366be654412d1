import { basename } from "node:path";
import { serverId } from "../../adapters/engines/jfrog/fields.ts";
import { formatFor, readTarget } from "../../adapters/files/index.ts";
import type { TemplateEnvironment } from "../../adapters/files/template/template.ts";
import type { Marks } from "../../agent/rule-file/deps.ts";
import { optionsOf, templateFields, textOf } from "../../agent/rule-file/render.ts";
import { type FileRule, formerRule } from "../../agent/rule-file/rule.ts";
import { RULE } from "../../agent/rule-stream.ts";
import type { Config } from "../../config/config.ts";
import { DotvaultError } from "../../errors.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { Snapshot } from "../../machines/enrolment/decide.ts";
import { type RuleSnapshot, ruleSnapshot } from "../../machines/rule/rule.ts";
import type { FilePlan, KeyPlan } from "../../terminal/plan.ts";
import { circleFields } from "../circle-fields.ts";

export interface FilesPlanned {
  readonly reader: JournalReader | undefined;
  readonly config: Config;
  readonly environment: TemplateEnvironment;
  /** Undefined: the key is not there, and no digest can be compared. */
  readonly marks: Marks | undefined;
}

/** What becomes of each rule's file, and of those whose rules are gone. Reads the files; fetches no secret; writes nothing. */
export async function filePlans(rules: readonly FileRule[], planned: FilesPlanned): Promise<FilePlan[]> {
  const names = new Set(rules.map(({ name }) => RULE + name));
  const gone = (planned.reader?.heads(RULE) ?? []).filter(({ stream, snapshot }) => {
    return !names.has(stream) && ruleSnapshot(snapshot).keys.length > 0;
  });
  const plans = await Promise.all(rules.map((rule) => filePlan(rule, planned)));
  return [
    ...plans,
    ...gone.map(({ stream, snapshot }) => removedPlan(stream.slice(RULE.length), ruleSnapshot(snapshot))),
  ];
}

async function filePlan(rule: FileRule, planned: FilesPlanned): Promise<FilePlan> {
  const known = ruleSnapshot(planned.reader?.head(RULE + rule.name)?.snapshot);
  const isMoved = known.path !== null && known.path !== rule.path && known.keys.length > 0;
  const before = isMoved ? [] : known.keys;
  const plan = { name: rule.name, path: rule.path, secret: rule.secret ?? null };
  const leaves = isMoved ? leavesOf(rule.name, known) : null;
  try {
    const keys = keyPlans(rule, before, (await readTarget(rule.path)).content, planned);
    return { ...plan, change: changeOf(known, keys, isMoved), keys, leaves, message: null };
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    const message = `what it writes can't be told without its secret, or not at all: ${error.message}`;
    return { ...plan, change: known.keys.length === 0 ? "new" : "unknown", keys: [], leaves, message };
  }
}

function changeOf({ keys: before }: RuleSnapshot, keys: readonly KeyPlan[], isMoved: boolean): FilePlan["change"] {
  if (isMoved) return "moved";
  if (before.length === 0) return "new";
  return keys.every(({ change }) => change === "same" || change === "secret") ? "same" : "changed";
}

/** Stands for what comes of the secret. */
const HIDDEN = "dotvault0plan0";

/** The values that the rule would own, each by its digest against the one on record. */
function keyPlans(
  rule: FileRule,
  before: RuleSnapshot["keys"],
  text: string | undefined,
  planned: FilesPlanned,
): KeyPlan[] {
  const format = formatFor(rule.format);
  const options = { ...optionsOf(rule), basename: basename(rule.path) };
  const rendered = textOf(rule, planned.environment, standIns(rule, planned));
  const { content, managed } = format.merge(text, rendered, options);
  const found = format.values(content, managed, options);
  const digests = new Map(before.map(({ pointer, digest }) => [pointer, digest]));
  const kept = managed.map((pointer): KeyPlan => {
    const identity = found.get(pointer)?.identity ?? "";
    return { pointer, change: keyChange(identity, digests.get(pointer), planned.marks) };
  });
  const stale = before.filter(({ pointer }) => !managed.includes(pointer));
  return [...kept, ...stale.map(({ pointer }): KeyPlan => ({ pointer, change: rule.strict ? "removed" : "left" }))];
}

function keyChange(identity: string, digest: string | null | undefined, marks: Marks | undefined): KeyPlan["change"] {
  if (digest === undefined) return "added";
  if (identity.includes(HIDDEN) || digest === null || !marks || !digest.startsWith(`${marks.keyId}:`)) return "secret";
  return marks.of(identity) === digest ? "same" : "changed";
}

/** Fields of the secret, as far as they are no secret: what the configuration and the journal say anyway. */
function standIns(rule: FileRule, { config, reader }: FilesPlanned): Record<string, unknown> {
  const { fields, all } = templateFields(rule);
  const enrolment = config.enrolments.find(({ key }) => key === rule.secret);
  const names = all ? [...fields, ...KNOWN] : fields;
  const hidden = Object.fromEntries(names.map((name) => [name, HIDDEN + name.replaceAll(/[^A-Za-z0-9]/g, "0")]));
  const url = enrolment?.settings.url;
  if (typeof url !== "string") return hidden;
  const head = reader?.head(`enrolment/${rule.secret}`)?.snapshot as Partial<Snapshot> | undefined;
  const user = head?.context?.current?.user;
  const circle = circleFields(config, rule.secret, (stream) => reader?.head(stream)?.snapshot);
  return { ...hidden, url, server_id: serverId(url), ...(user === undefined ? {} : { user }), ...circle };
}

const KNOWN = ["access_token", "refresh_token", "url", "server_id", "user"];

function removedPlan(name: string, known: RuleSnapshot): FilePlan {
  const { path, secret } = known;
  const leaves = leavesOf(name, known);
  return { name, path: path ?? "", change: "removed", secret, keys: [], leaves, message: null };
}

/** What is taken out of the file that a rule leaves; nothing where its rule did not say so. */
function leavesOf(name: string, known: RuleSnapshot): FilePlan["leaves"] {
  const leaving = formerRule(name, known) !== undefined;
  return { path: known.path ?? "", keys: leaving ? known.keys.map(({ pointer }) => pointer) : [] };
}
