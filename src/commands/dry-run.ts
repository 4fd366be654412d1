import type { FileRule } from "../agent/rule-file/rule.ts";
import type { Config } from "../config/config.ts";
import type { Paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import type { RuleSnapshot } from "../machines/rule/rule.ts";
import { environmentOf, fileRules, marksOf } from "./assembly/file-rules.ts";
import { readingKey } from "./assembly/keys.ts";
import { openStoreToRead } from "./assembly/open-store.ts";
import { EXIT, type Io } from "./cli/io.ts";
import { Preview } from "./dry-run/preview.ts";
import { circlesIn, recordedHeads, recordedRules } from "./dry-run/recorded.ts";

/** What a sync would change, credentials masked. Reads only: no rotation, no write to the store, no directory, no journal. */
export async function dryRun(where: Paths, config: Config, io: Io, only?: string): Promise<number> {
  const rules = fileRules(config, io);
  const heads = recordedHeads(where);
  const recorded = recordedRules(heads);
  const { shown, former } = chosen(rules, recorded, only);
  const key = readingKey(where);
  const { store, close } = await openStoreToRead(where, config, { io, key });
  const deps = { marks: marksOf(key), environment: environmentOf(io) };
  const preview = new Preview({ store, io, rules, recorded, beside: circlesIn(config, heads), deps });
  const done: boolean[] = [];
  try {
    for (const rule of shown) done.push(await preview.show(rule));
    for (const name of former) done.push(await preview.showFormer(name));
  } finally {
    await close();
  }
  return done.every(Boolean) ? EXIT.healthy : EXIT.error;
}

/** The rules to show, and the names of those that have left the configuration or their file. */
function chosen(rules: readonly FileRule[], recorded: ReadonlyMap<string, RuleSnapshot>, only: string | undefined) {
  const wanted = (name: string) => only === undefined || name === only;
  const shown = rules.filter(({ name }) => wanted(name));
  const isElsewhere = (name: string, { path }: RuleSnapshot) =>
    !rules.some((rule) => rule.name === name && rule.path === path);
  const former = [...recorded]
    .filter(([name, known]) => wanted(name) && isElsewhere(name, known))
    .map(([name]) => name);
  if (shown.length > 0 || former.length > 0 || only === undefined) return { shown, former };
  throw new DotvaultError("usage.no-rule", `no rule is named "${only}"`, {
    hint: `there are: ${rules.map(({ name }) => name).join(", ")}`,
  });
}
