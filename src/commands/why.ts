import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { FileRule } from "../agent/rule-file/rule.ts";
import { expandHome } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { styleFor } from "../terminal/style.ts";
import { type WhyReport, whyText } from "../terminal/why.ts";
import { pathsOf, readConfig } from "./config.ts";
import { fileRules, marksOf } from "./file-rules.ts";
import { type Command, EXIT, type Io, type Parsed } from "./io.ts";
import { printJson, withJsonErrors } from "./json.ts";
import { storedKey } from "./keys.ts";
import { enrolmentOf } from "./why/chain.ts";
import { fileStory } from "./why/story.ts";

/** Why a file holds what it holds: which pair, from when, because of what, and whose fault it is. Offline; changes nothing. */
export const why: Command = withJsonErrors(async (parsed, io) => {
  const where = pathsOf(io);
  const reader = openReader({ directory: where.stateDir });
  if (!reader)
    throw new DotvaultError("journal.missing", "nothing is recorded yet: there is no journal", {
      hint: "dotvault run",
    });
  try {
    const key = storedKey(where);
    const rules = rulesFor(parsed, io, reader);
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

/** The rules that are meant: by the path of their file, by enrolment, or by the id of a token. */
function rulesFor(parsed: Parsed, io: Io, reader: JournalReader): FileRule[] {
  const { config } = readConfig(parsed, io);
  if (!config) throw new DotvaultError("config.invalid", "the configuration is wrong", { hint: "dotvault check" });
  const rules = fileRules(config, io);
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
