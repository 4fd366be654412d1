import { writeTarget } from "../../adapters/files/index.ts";
import { DotvaultError } from "../../errors.ts";
import type { ManagedKey, RuleEvent, RuleSnapshot } from "../../machines/rule/rule.ts";
import type { FileDeps, Rendering } from "./deps.ts";
import { make, type Unmade, unmake } from "./make.ts";
import { textOf } from "./render.ts";
import type { FileRule } from "./rule.ts";

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
  { fields, source, from }: Rendering,
  deps: FileDeps,
  isFirst = false,
): Promise<Brought> {
  const { path } = rule;
  const before = known.path === path ? known.keys : [];
  let fingerprint: string | undefined;
  const events = await attempt(path, deps, async () => {
    let edited: readonly string[] = [];
    let keys: readonly ManagedKey[] = [];
    const produce = async (text: string | undefined) => {
      const made = await make(rule, before, textOf(rule, deps.environment, fields), text, { ...deps, isFirst });
      ({ edited, keys } = made);
      return made.content;
    };
    const outcome = await writeTarget(path, produce, writing(rule, deps));
    fingerprint = outcome.fingerprint;
    const at = deps.clock.now();
    const kept = rule.onEdit === "keep";
    const leaving = rule.onRemove === "remove" ? { format: rule.format, mergeKey: rule.mergeKey ?? null } : null;
    const events: RuleEvent[] = edited.length === 0 ? [] : [{ type: "FILE_EDITED", at, path, keys: edited, kept }];
    if (!outcome.written) {
      const lags = isFirst && (before.length === 0 || !before.every((key) => isAmong(keys, key)));
      const news = JSON.stringify(leaving) !== JSON.stringify(known.path === path ? known.leaving : null);
      const more = { ...(lags && keys.length > 0 && { keys }), ...(news && { leaving }) };
      return [...events, { type: "FILE_CURRENT", at, path, ...more }];
    }
    const secret = rule.secret ?? null;
    const post = rule.post !== undefined;
    return [...events, { type: "FILE_WRITTEN", at, path, secret, source, from, keys, leaving, post }];
  });
  return fingerprint === undefined ? { events } : { events, fingerprint };
}

function isAmong(keys: readonly ManagedKey[], { pointer, digest }: ManagedKey): boolean {
  return keys.some((key) => key.pointer === pointer && key.digest === digest);
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
      unmade = await unmake(rule, known.keys, text, deps);
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
