import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { circleMembers } from "../adapters/engines/registry.ts";
import { longTexts, maskedDiff, readTarget } from "../adapters/files/index.ts";
import { type SecretStore, StoreFailure } from "../adapters/store-port.ts";
import type { PreviewDeps } from "../agent/rule-file/deps.ts";
import { writtenTexts } from "../agent/rule-file/keys.ts";
import { previewRule } from "../agent/rule-file/make.ts";
import { bringsRefreshToken } from "../agent/rule-file/render.ts";
import type { FileRule } from "../agent/rule-file/rule.ts";
import { RULE } from "../agent/rule-stream.ts";
import type { Config } from "../config/config.ts";
import type { Paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { openReader } from "../journal/reader.ts";
import { CIRCLE, circleSnapshot, templatePlatforms } from "../machines/circle/circle.ts";
import { type RuleSnapshot, ruleSnapshot } from "../machines/rule/rule.ts";
import type { Key } from "../seal/key.ts";
import { EXIT, type Io } from "./io.ts";
import { readingKey } from "./keys.ts";
import { openStoreToRead } from "./open-store.ts";
import { environmentOf, fileRules, marksOf } from "./world.ts";

/** What a sync would change, credentials masked. Reads only: no rotation, no write to the store, no directory, no journal. */
export async function dryRun(where: Paths, config: Config, io: Io, only?: string): Promise<number> {
  const all = fileRules(config, io);
  const rules = chosenRules(all, only);
  const key = readingKey(where);
  const { store, close } = await openStoreToRead(where, config, { io, key });
  const recorded = recordedHeads(where);
  const deps = previewDeps(recorded, all, key, io);
  const preview = { store, io, rules: all, texts: new Map(), deps, circles: circlesIn(config, recorded) };
  let failed = 0;
  try {
    for (const rule of rules) {
      if (!(await showChange(rule, preview))) failed += 1;
    }
  } finally {
    await close();
  }
  return failed > 0 ? EXIT.error : EXIT.healthy;
}

interface Preview {
  readonly store: SecretStore;
  readonly io: Io;
  readonly rules: readonly FileRule[];
  /** Of files for which an earlier rule has a change, as they would be then. */
  readonly texts: Map<string, string>;
  readonly deps: PreviewDeps & { readonly known: (rule: string) => RuleSnapshot };
  /** What the templates of an enrolment see beside its fields. */
  readonly circles: (secret: string | undefined) => object;
}

function previewDeps(recorded: Recorded, rules: readonly FileRule[], key: Key, io: Io): Preview["deps"] {
  const known = (rule: string) => ruleSnapshot(recorded.get(RULE + rule));
  return {
    known,
    marks: marksOf(key),
    environment: environmentOf(io),
    claims: ({ name, path }) =>
      rules
        .filter((rule) => rule.path === path && rule.name !== name)
        .map((rule) => ({ rule: rule.name, keys: known(rule.name).keys, earlier: false })),
  };
}

/** Snapshots by stream. */
type Recorded = ReadonlyMap<string, unknown>;

/** What the journal knows. SQLite leaves files beside what it reads; where none are yet, a copy is read. */
function recordedHeads({ journal, stateDir }: Paths): Recorded {
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

/** `.platforms` as the agent knew it last. */
function circlesIn({ enrolments }: Config, recorded: Recorded): Preview["circles"] {
  return (secret) => {
    const configured = enrolments.find(({ key }) => key === secret);
    const members = configured ? circleMembers(configured.engine, configured.settings) : [];
    const known = circleSnapshot(recorded.get(CIRCLE + secret));
    return members.length === 0 ? {} : { platforms: templatePlatforms(members, known) };
  };
}

function chosenRules(rules: readonly FileRule[], only: string | undefined): readonly FileRule[] {
  const chosen = rules.filter(({ name }) => only === undefined || name === only);
  if (chosen.length > 0 || only === undefined) return chosen;
  throw new DotvaultError("usage.no-rule", `no rule is named "${only}"`, {
    hint: `there are: ${rules.map(({ name }) => name).join(", ")}`,
  });
}

/** @returns false when the rule can't be rendered */
async function showChange(rule: FileRule, preview: Preview): Promise<boolean> {
  const { store, io, texts, deps } = preview;
  try {
    const found = rule.secret === undefined ? undefined : await store.read(rule.secret);
    if (found?.state === "absent") {
      io.err.write(`○ ${rule.name}: no secret "${rule.secret}" yet\n`);
      return true;
    }
    const fields = { ...found?.fields, ...preview.circles(rule.secret) };
    const text = texts.get(rule.path) ?? (await readTarget(rule.path)).content;
    const after = await previewRule(rule, deps.known(rule.name), { fields, text }, deps);
    if (bringsRefreshToken(rule, deps.environment, fields)) {
      io.err.write(`! ${rule.name}: ${rule.path} holds a refresh token: a program that uses it spends the pair\n`);
    }
    if (after === undefined || after === text) {
      io.err.write(`✓ ${rule.name}: ${rule.path} is current\n`);
      return true;
    }
    texts.set(rule.path, after);
    io.err.write(`! ${rule.name}: ${rule.path} would change\n`);
    io.out.write(
      `--- ${rule.path}\n+++ ${rule.path}\n${maskedDiff(text, after, await secretsAround(rule, text ?? "", preview))}`,
    );
    return true;
  } catch (error) {
    if (!(error instanceof DotvaultError || error instanceof StoreFailure)) throw error;
    io.err.write(`✗ ${rule.name}: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
    return false;
  }
}

/** The diff shows lines of the file's other rules, too: what they write, and have written, is masked as well. */
async function secretsAround({ path }: FileRule, text: string, { rules, store, deps }: Preview): Promise<string[]> {
  const beside = rules.filter((rule) => rule.path === path);
  const secrets = [...new Set(beside.flatMap(({ secret }) => secret ?? []))];
  const found = await Promise.all(secrets.map((name) => store.read(name)));
  const written = await Promise.all(beside.map((rule) => writtenTexts(rule, deps.known(rule.name), text)));
  return longTexts([...found.map((each) => (each.state === "present" ? each.fields : {})), ...written]);
}
