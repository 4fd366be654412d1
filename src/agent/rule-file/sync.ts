import { type WriteOutcome, writeTarget } from "../../adapters/files/index.ts";
import { octal } from "../../adapters/files/octal.ts";
import { DotvaultError } from "../../errors.ts";
import {
  isOfOneSecret,
  keptOf,
  type ManagedKey,
  mayKeep,
  type RuleEvent,
  type RuleSnapshot,
} from "../../machines/rule/rule.ts";
import type { FileDeps, Rendering } from "./deps.ts";
import { isAmong } from "./keys.ts";
import { type Made, make, type Unmade, unmake } from "./make.ts";
import { seenBy, textAside } from "./render.ts";
import { type FileRule, leavingOf } from "./rule.ts";

/** What happened, in order; a failure is among it. */
export interface Brought {
  readonly events: RuleEvent[];
  /** Of the file as it is now; undefined after a failure. */
  readonly fingerprint?: string;
}

/** Brings a rule's file up to date. `isFirst`: for the first time since the start, so that the record may lag behind. */
export async function bringUpToDate(
  rule: FileRule,
  known: RuleSnapshot,
  rendering: Rendering,
  deps: FileDeps,
  isFirst = false,
): Promise<Brought> {
  const { path } = rule;
  const here = known.path === path ? known : { ...known, keys: [], writing: null, leaving: null, answer: null };
  const keeps = (edited: readonly string[]) => keptOf(edited, rule.onEdit ?? "overwrite", here);
  // With another pair, another rule of the file may have written what is ours, too.
  const mayLag = isFirst || isOfAnother(rendering, known);
  let fingerprint: string | undefined;
  const events = await attempt(path, deps, async () => {
    let made: Made | undefined;
    const produce = async (text: string | undefined) => {
      const rendered = await textAside(rule, deps.environment, seenBy(rule, rendering));
      made = await make(rule, here, rendered, text, { ...deps, mayLag, keeps, held: here.answer?.keys ?? [] });
      const wantsIntent = mayKeep(rule.onEdit, here) || (takesOut(rule) && addsTo(here, made.keys));
      if (wantsIntent && made.content !== undefined) deps.intend?.(rule, made.keys);
      return made.content;
    };
    const outcome = await writeTarget(path, produce, { ...writing(rule, deps), narrow: true });
    fingerprint = outcome.fingerprint;
    const { keys = [] } = made ?? {};
    const at = deps.clock.now();
    return [
      ...noticed(rule, outcome, made, at),
      outcome.written ? written(rule, rendering, keys, at) : current(rule, here, rendering, { keys, mayLag, at }),
    ];
  });
  return fingerprint === undefined ? { events } : { events, fingerprint };
}

/** Whether values of the rule may have to leave the file again. */
function takesOut({ strict, onRemove, onMissing }: FileRule): boolean {
  return strict === true || onRemove === "remove" || onMissing === "remove";
}

/** Whether a crash behind the write would leave values in the file of which nobody knows that they are ours. */
function addsTo({ keys }: RuleSnapshot, made: readonly ManagedKey[]): boolean {
  const known = new Set(keys.map(({ pointer }) => pointer));
  return made.some(({ pointer }) => !known.has(pointer));
}

/** What was not as we had left it. */
function noticed(
  { path }: FileRule,
  { narrowedFrom, mode }: WriteOutcome,
  { edited, left, found }: Pick<Made, "edited" | "left" | "found"> = { edited: [], left: [], found: [] },
  at: number,
): RuleEvent[] {
  const events: RuleEvent[] = [];
  const kept = edited.length === left.length;
  if (edited.length > 0) events.push({ type: "FILE_EDITED", at, path, keys: edited, kept, found });
  if (narrowedFrom !== undefined) {
    events.push({ type: "FILE_NARROWED", at, path, from: octal(narrowedFrom), to: octal(mode ?? 0) });
  }
  return events;
}

function written(rule: FileRule, { source, from }: Rendering, keys: readonly ManagedKey[], at: number): RuleEvent {
  const { path, secret = null } = rule;
  const post = rule.post !== undefined;
  return { type: "FILE_WRITTEN", at, path, secret, source, from, keys, leaving: leavingOf(rule), post };
}

/** Where the record lags behind the file, or says otherwise than the configuration, it is put right. */
function current(
  rule: FileRule,
  known: RuleSnapshot,
  rendering: Rendering,
  { keys, mayLag, at }: { readonly keys: readonly ManagedKey[]; readonly mayLag: boolean; readonly at: number },
): RuleEvent {
  const leaving = leavingOf(rule);
  const { from } = rendering;
  const lags = mayLag && (known.keys.length === 0 || !known.keys.every((key) => isAmong(keys, key)));
  const news = JSON.stringify(leaving) !== JSON.stringify(known.leaving);
  const other = from !== null && isOfAnother(rendering, known);
  const more = { ...(lags && keys.length > 0 && { keys }), ...(news && { leaving }), ...(other && { from }) };
  return { type: "FILE_CURRENT", at, path: rule.path, ...more };
}

function isOfAnother({ from }: Rendering, known: RuleSnapshot): boolean {
  return from !== null && !isOfOneSecret(from, known.from);
}

function writing({ mode, backups }: FileRule, { fs }: FileDeps) {
  return {
    ...(fs === undefined ? {} : { fs }),
    ...(mode === undefined ? {} : { mode }),
    ...(backups === undefined ? {} : { backups }),
  };
}

/** Takes a rule's values out of its file; what somebody else has a part in stays. A text file that is ours goes. */
export async function takeOut(
  rule: FileRule,
  known: RuleSnapshot,
  why: "rule" | "enrolment" | "secret",
  deps: FileDeps,
): Promise<RuleEvent[]> {
  const { path } = rule;
  return attempt(path, deps, async () => {
    let unmade: Unmade | undefined;
    const produce = async (text: string | undefined) => {
      unmade = await unmake(rule, known, text, deps);
      return unmade.content;
    };
    // No older version is kept: it would hold what is to go.
    const { written } = await writeTarget(path, produce, writing({ ...rule, backups: 0 }, deps));
    const post = written && rule.post !== undefined ? ({ post: true } as const) : {};
    const { gone: keys = [], left = [] } = unmade ?? {};
    return [{ type: "FILE_CLEANED", at: deps.clock.now(), path, why, keys, left, ...post }];
  });
}

async function attempt(path: string, { clock }: FileDeps, work: () => Promise<RuleEvent[]>): Promise<RuleEvent[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    const { code, message, hint = null } = error;
    return [{ type: "FILE_FAILED", at: clock.now(), path, code, message, hint }];
  }
}
