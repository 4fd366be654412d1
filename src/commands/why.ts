import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { isFormatName } from "../adapters/files/index.ts";
import { expandHome, paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { styleFor } from "../terminal/style.ts";
import { type WhyReport, whyText } from "../terminal/why.ts";
import { marksOf } from "./file-rules.ts";
import { type Command, EXIT, type Io, type Parsed } from "./io.ts";
import { printJson, withJsonErrors } from "./json.ts";
import { storedKey } from "./keys.ts";
import { configuredNames } from "./report/configured.ts";
import { enrolmentOf } from "./why/chain.ts";
import { fileStory, type WhyRule } from "./why/story.ts";

/** Why a file holds what it holds: which pair, from when, because of what, and whose fault it is. Offline; changes nothing. */
export const why: Command = withJsonErrors(async (parsed, io) => {
  const where = paths(io.env, io.platform, io.home);
  const reader = openReader({ directory: where.stateDir });
  if (!reader)
    throw new DotvaultError("journal.missing", "nothing is recorded yet: there is no journal", {
      hint: "dotvault run",
    });
  try {
    const key = storedKey(where);
    const rules = chosenRules(await configuredRules(parsed, io, reader), parsed, io, reader);
    const asked = { marks: key && marksOf(key), now: io.now() };
    const files = await Promise.all(rules.map((rule) => fileStory(rule, reader, asked)));
    const report: WhyReport = { schemaVersion: 1, at: new Date(io.now()), files };
    if (parsed.flags.json === true) printJson(io, report);
    else io.out.write(whyText(report, styleFor(io.out, io.env)));
    return files.some(({ verdict }) => verdict.ours) ? EXIT.error : EXIT.healthy;
  } finally {
    reader.close();
  }
});

/** What the agent noted of them will do while the configuration is the one that it has read: no YAML is loaded then. */
async function configuredRules(parsed: Parsed, io: Io, reader: JournalReader): Promise<WhyRule[]> {
  const where = paths(io.env, io.platform, io.home);
  const { state, rules } = await configuredNames(where, reader, parsed, io);
  if (state === "invalid") {
    throw new DotvaultError("config.invalid", "the configuration is wrong", { hint: "dotvault check" });
  }
  if (rules.some(({ format }) => format === undefined)) return readRules(parsed, io);
  return rules.flatMap(({ name, secret, path, format = "", mergeKey }) => {
    if (!isFormatName(format)) return [];
    const more = { ...(secret === null ? {} : { secret }), ...(mergeKey == null ? {} : { mergeKey }) };
    return [{ name, path: expandHome(path, io.home), format, ...more }];
  });
}

/** An older agent has noted less. */
async function readRules(parsed: Parsed, io: Io): Promise<WhyRule[]> {
  const [{ readConfig }, { fileRules }] = await Promise.all([import("./config.ts"), import("./file-rules.ts")]);
  const { config } = readConfig(parsed, io);
  return config ? fileRules(config, io) : [];
}

/** The rules that are meant: by the path of their file, by enrolment, or by the id of a token. */
function chosenRules(rules: readonly WhyRule[], parsed: Parsed, io: Io, reader: JournalReader): readonly WhyRule[] {
  const [what] = parsed.positionals;
  if (what === undefined) return rules;
  const path = real(resolve(io.cwd, expandHome(what, io.home)));
  const byPath = rules.filter((rule) => real(rule.path) === path);
  if (byPath.length > 0) return byPath;
  const enrolment = rules.some(({ secret }) => secret === what) ? what : enrolmentOf(reader, what);
  const bySecret = rules.filter(({ secret }) => secret !== undefined && secret === enrolment);
  if (bySecret.length > 0) return bySecret;
  throw new DotvaultError(
    "usage.why",
    `dotvault writes no file "${what}", and knows no enrolment or token of that name`,
    {
      hint: `files: ${rules.map((rule) => rule.path).join(", ") || "none"}`,
    },
  );
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
