import { type FormatName, isFormatName } from "../../adapters/files/index.ts";
import type { RuleSnapshot } from "../../machines/rule/rule.ts";

/** A rule of the configuration, its path absolute. */
export interface FileRule {
  readonly name: string;
  /** The secret that it renders; absent: the template alone makes the file. */
  readonly secret?: string;
  readonly path: string;
  readonly format: FormatName;
  readonly template?: string;
  readonly mergeKey?: string;
  readonly deleteNulls: boolean;
  /** What it has written and no longer renders is taken out. */
  readonly strict?: boolean;
  readonly onRemove?: "keep" | "remove";
  readonly onMissing?: "keep" | "remove";
  readonly onEdit?: "overwrite" | "keep";
  /** Permission bits; 0600 by default. */
  readonly mode?: number;
  readonly backups?: number;
  readonly post?: readonly [string, ...string[]];
}

/** What its stream has to remember of a rule whose values go with it. */
export function leavingOf({ onRemove, format, mergeKey }: FileRule): RuleSnapshot["leaving"] {
  return onRemove === "remove" ? { format, mergeKey: mergeKey ?? null } : null;
}

/** A rule that has left the configuration, as far as its stream remembers it. */
export function formerRule(name: string, { path, leaving, secret }: RuleSnapshot): FileRule | undefined {
  if (path === null || leaving === null || !isFormatName(leaving.format)) return undefined;
  const { format, mergeKey } = leaving;
  return {
    name,
    path,
    format,
    deleteNulls: false,
    onRemove: "remove",
    ...(secret === null ? {} : { secret }),
    ...(mergeKey === null ? {} : { mergeKey }),
  };
}
