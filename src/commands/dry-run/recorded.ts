import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Config } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { openReader } from "../../journal/reader.ts";
import { type RuleSnapshot, ruleSnapshot } from "../../machines/rule/rule.ts";
import { RULE } from "../../machines/stream/names.ts";
import { circleFields } from "../assembly/circle-fields.ts";

/** Snapshots by stream. */
export type Recorded = ReadonlyMap<string, unknown>;

/** What the journal knows. SQLite leaves files beside what it reads; where none are yet, a copy is read. */
export function recordedHeads({ journal, stateDir }: Paths): Recorded {
  if (!existsSync(journal) || existsSync(`${journal}-wal`)) return headsIn(stateDir);
  const copy = mkdtempSync(join(tmpdir(), "dotvault-dry-run-"));
  try {
    copyFileSync(journal, join(copy, basename(journal)));
    return headsIn(copy);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function headsIn(directory: string): Recorded {
  const reader = openReader({ directory });
  const heads = reader?.heads() ?? [];
  reader?.close();
  return new Map(heads.map(({ stream, snapshot }) => [stream, snapshot]));
}

/** The rules, also those that are gone, by their names. */
export function recordedRules(recorded: Recorded): ReadonlyMap<string, RuleSnapshot> {
  const rules = [...recorded].filter(([stream]) => stream.startsWith(RULE));
  return new Map(rules.map(([stream, snapshot]) => [stream.slice(RULE.length), ruleSnapshot(snapshot)]));
}

/** What the templates of an enrolment see beside its fields. */
export function circlesIn(config: Config, recorded: Recorded) {
  return (secret: string | undefined, fields: Readonly<Record<string, unknown>>) =>
    circleFields(config, { secret, fields }, (stream) => recorded.get(stream));
}
