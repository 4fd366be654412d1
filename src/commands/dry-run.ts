import { existsSync } from "node:fs";
import { maskedDiff, readTarget } from "../adapters/files/index.ts";
import { type SecretStore, StoreFailure } from "../adapters/store-port.ts";
import { type FileRule, renderRule } from "../agent/rules.ts";
import type { Config } from "../config/config.ts";
import type { Paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { generateKey, type Key } from "../seal/key.ts";
import { loadKey } from "../seal/key-file.ts";
import { EXIT, type Io } from "./io.ts";
import { silentLog } from "./log-output.ts";
import { environmentOf, fileRules, openStore } from "./world.ts";

/** What a sync would change, credentials masked. Reads only: no rotation, no write to the store, no directory, no journal. */
export async function dryRun(where: Paths, config: Config, io: Io, only?: string): Promise<number> {
  const rules = chosenRules(fileRules(config, io), only);
  const { store, close } = await openStore(where, config, { io, key: readingKey(where), log: silentLog });
  let failed = 0;
  try {
    for (const rule of rules) {
      if (!(await showChange(rule, store, io))) failed += 1;
    }
  } finally {
    await close();
  }
  return failed > 0 ? EXIT.error : EXIT.healthy;
}

function chosenRules(rules: readonly FileRule[], only: string | undefined): readonly FileRule[] {
  const chosen = rules.filter(({ name }) => only === undefined || name === only);
  if (chosen.length > 0 || only === undefined) return chosen;
  throw new DotvaultError("usage.no-rule", `no rule is named "${only}"`, {
    hint: `there are: ${rules.map(({ name }) => name).join(", ")}`,
  });
}

/** Without an embedded store there is nothing sealed to read, and any key will do. */
function readingKey(where: Paths): Key {
  const key = loadKey(where.key);
  if (key) return key;
  if (!existsSync(where.store)) return generateKey();
  throw new DotvaultError("key.missing", `the key ${where.key} is missing, and ${where.store} is sealed with it`);
}

/** @returns false when the rule can't be rendered */
async function showChange(rule: FileRule, store: SecretStore, io: Io): Promise<boolean> {
  try {
    const found = rule.secret === undefined ? undefined : await store.read(rule.secret);
    if (found?.state === "absent") {
      io.err.write(`○ ${rule.name}: no secret "${rule.secret}" yet\n`);
      return true;
    }
    const fields = found?.fields ?? {};
    const before = (await readTarget(rule.path)).content;
    const { content, changed } = renderRule(rule, environmentOf(io), fields, before);
    if (!changed) {
      io.err.write(`✓ ${rule.name}: ${rule.path} is current\n`);
      return true;
    }
    io.err.write(`! ${rule.name}: ${rule.path} would change\n`);
    io.out.write(`--- ${rule.path}\n+++ ${rule.path}\n${maskedDiff(before, content, secretTexts(fields))}`);
    return true;
  } catch (error) {
    if (!(error instanceof DotvaultError || error instanceof StoreFailure)) throw error;
    io.err.write(`✗ ${rule.name}: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
    return false;
  }
}

/** Shorter ones are names and numbers; masking them would hide the file. */
const SHORTEST_SECRET = 8;

/** Every longer text of the document is masked: which of them are secret only its owner knows. */
function secretTexts(value: unknown): string[] {
  if (typeof value === "string") return value.length < SHORTEST_SECRET ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(secretTexts);
}
