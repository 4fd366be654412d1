import { readTarget } from "../../adapters/files/index.ts";
import { DotvaultError } from "../../errors.ts";
import type { ManagedKey, RuleSnapshot } from "../../machines/rule/rule.ts";
import type { PreviewDeps } from "./deps.ts";
import { changedBy, keysIn } from "./keys.ts";
import type { FileRule } from "./rule.ts";

/** What somebody else has changed in the file as it is now, whether or not it has been noticed; nothing where it can't be read. */
export async function editsNow(
  rule: FileRule,
  known: RuleSnapshot,
  deps: PreviewDeps,
): Promise<{ readonly edited: readonly string[]; readonly found: readonly ManagedKey[] }> {
  try {
    const { content } = known.path === rule.path ? await readTarget(rule.path, deps.fs) : { content: undefined };
    if (content === undefined) return { edited: [], found: [] };
    const edited = await changedBy(rule, known, content, deps);
    return { edited, found: await keysIn(rule, content, edited, deps) };
  } catch (error) {
    if (error instanceof DotvaultError) return { edited: [], found: [] };
    throw error;
  }
}
