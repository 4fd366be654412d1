/**
 * A rule's stream: what became of one file. A fold, not a machine: a rule has nothing to ask for, its next try is the next
 * sync.
 */

export const RULE_VERSION = 1;

export type RuleEvent = { readonly at: number; readonly path: string } & (
  | {
      readonly type: "FILE_WRITTEN";
      /** The secret that was rendered; null for a rule without one. */
      readonly secret: string | null;
      /** `sealed`: the store did not have it yet. */
      readonly source: "store" | "sealed" | "template";
      /** JSON pointers of the values that are ours. */
      readonly keys: readonly string[];
    }
  /** The file says already what the rule wants. */
  | { readonly type: "FILE_CURRENT" }
  | { readonly type: "FILE_FAILED"; readonly code: string; readonly message: string; readonly hint: string | null }
);

export interface RuleSnapshot {
  readonly value: "unknown" | "current" | "failed";
  readonly path: string | null;
  readonly writtenAt: number | null;
  readonly source: "store" | "sealed" | "template" | null;
  readonly failure: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly since: number;
  } | null;
}

export const initialRule: RuleSnapshot = { value: "unknown", path: null, writtenAt: null, source: null, failure: null };

/** The snapshot after the event; null when the event says nothing new and need not be kept. */
export function foldRule(before: RuleSnapshot, event: RuleEvent): RuleSnapshot | null {
  const { path, at } = event;
  switch (event.type) {
    case "FILE_WRITTEN":
      return { value: "current", path, writtenAt: at, source: event.source, failure: null };
    case "FILE_CURRENT":
      if (before.value === "current" && before.path === path) return null;
      return { ...before, value: "current", path, failure: null };
    case "FILE_FAILED": {
      const { code, message, hint } = event;
      if (before.failure?.code === code && before.failure.message === message && before.path === path) return null;
      return { ...before, value: "failed", path, failure: { code, message, hint, since: at } };
    }
  }
}
