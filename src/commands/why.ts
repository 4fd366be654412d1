import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isFormatName } from "../adapters/files/formats/format.ts";
import { expandHome, type Paths, paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { streamOf } from "../machines/stream/names.ts";
import { styleFor } from "../terminal/style.ts";
import type { WhyReport } from "../terminal/why/report.ts";
import { whyText } from "../terminal/why.ts";
import { type Command, EXIT, type Io, type Parsed } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";
import { statusReport } from "./status/collect.ts";
import { type Configured, configuredNames } from "./status/configured.ts";
import { agentReport } from "./status/current.ts";
import type { Asked, WhyRule } from "./why/asked.ts";
import { credentialStory } from "./why/credential.ts";
import { tokenNamed } from "./why/known.ts";
import { fileStory } from "./why/story.ts";

/** Why a file, a credential or a token is as it is, and whose fault that is. Offline; changes nothing. */
export const why: Command = withJsonErrors(async (parsed, io) => {
  const opened = openReader({ directory: paths(io.env, io.platform, io.home).stateDir });
  if (!opened)
    throw new DotvaultError("journal.missing", "nothing is recorded yet: there is no journal", {
      hint: "dotvault run",
    });
  try {
    const reader = remembering(opened);
    const configured = await configuredNames(paths(io.env, io.platform, io.home), reader, parsed, io);
    const asked = await askedOf(reader, configured, parsed, io);
    const report = await answer(parsed.positionals[0], asked, configured, io);
    if (parsed.flags.json === true) printJson(io, report);
    else io.out.write(whyText(report, styleFor(io.out, io.env)));
    const stories = [...report.enrolments, ...report.tokens, ...report.files, ...report.others];
    return stories.some(({ verdict }) => verdict.ours === true) ? EXIT.error : EXIT.healthy;
  } finally {
    opened.close();
  }
});

/** A fact may be long, the lineage of all tokens say: it is read once. */
function remembering(reader: JournalReader): JournalReader {
  const facts = new Map<string, ReturnType<JournalReader["fact"]>>();
  const fact = (name: string) => {
    if (!facts.has(name)) facts.set(name, reader.fact(name));
    return facts.get(name);
  };
  return { ...reader, fact };
}

async function askedOf(reader: JournalReader, configured: Configured, parsed: Parsed, io: Io): Promise<Asked> {
  const where = paths(io.env, io.platform, io.home);
  const now = io.now();
  let marks: ReturnType<Asked["marks"]> | undefined;
  let known: ReturnType<typeof statusReport> | undefined;
  return {
    reader,
    now,
    marks: () => {
      marks ??= storedMarks(where);
      return marks;
    },
    rules: await rulesOf(configured, parsed, io),
    status: () => {
      known ??= statusReport({ reader, configured, agent: agentReport(where.stateDir), where, now });
      return known;
    },
  };
}

/** Not every question is about values in files, and cryptography takes long to load. */
async function storedMarks(where: Paths): ReturnType<Asked["marks"]> {
  const [{ storedKey }, { marksOf }] = await Promise.all([
    import("./assembly/keys.ts"),
    import("./assembly/file-rules.ts"),
  ]);
  const key = storedKey(where);
  return key && marksOf(key);
}

/**
 * What the agent noted of them will do while the configuration is the one that it has read: no YAML is loaded then. While it
 * is wrong, the agent goes by what it noted, too.
 */
async function rulesOf({ state, rules }: Configured, parsed: Parsed, io: Io): Promise<WhyRule[]> {
  if (rules.some(({ format }) => format === undefined)) {
    if (state !== "invalid") return readRules(parsed, io);
    throw new DotvaultError("config.invalid", "the configuration is wrong", { hint: "dotvault check" });
  }
  return rules.flatMap(({ name, secret, path, format = "", mergeKey }) => {
    if (!isFormatName(format)) return [];
    const more = { ...(secret === null ? {} : { secret }), ...(mergeKey == null ? {} : { mergeKey }) };
    return [{ name, path: expandHome(path, io.home), format, ...more }];
  });
}

/** An older agent has noted less. */
async function readRules(parsed: Parsed, io: Io): Promise<WhyRule[]> {
  const [{ readConfig }, { fileRules }] = await Promise.all([
    import("./assembly/config.ts"),
    import("./assembly/file-rules.ts"),
  ]);
  const { config } = readConfig(parsed, io);
  return config ? fileRules(config, io) : [];
}

/** By the path of a file, the name of a rule, of an enrolment, or the id of a token; nothing named: every file. */
async function answer(what: string | undefined, asked: Asked, configured: Configured, io: Io): Promise<WhyReport> {
  const { rules, now } = asked;
  const about = async (chosen: readonly WhyRule[], more: Partial<WhyReport> = {}): Promise<WhyReport> => {
    const files = await Promise.all(chosen.map((rule) => fileStory(rule, asked)));
    return { schemaVersion: 1, at: new Date(now), enrolments: [], tokens: [], files, others: [], ...more };
  };
  if (what === undefined) return about(rules);
  const path = real(resolve(io.cwd, expandHome(what, io.home)));
  const byPath = rules.filter((rule) => real(rule.path) === path);
  if (byPath.length > 0) return about(byPath);
  const isEnrolment = isNamed(what, asked, configured) && asked.status().enrolments.some(({ name }) => name === what);
  const bySecret = rules.filter(({ secret }) => secret === what);
  if (isEnrolment) return about(bySecret, { enrolments: [credentialStory(what, asked)] });
  if (bySecret.length > 0) return about(bySecret);
  const byName = rules.filter(({ name }) => name === what);
  if (byName.length > 0) return about(byName);
  const token = isPath(what) ? undefined : await tokenNamed(what, asked);
  if (token !== undefined) {
    const { tokenStory } = await import("./why/token.ts");
    return about([], { tokens: [await tokenStory(token, asked)] });
  }
  if (!existsSync(path)) throw unknown(what, asked);
  const { otherFile } = await import("./why/others.ts");
  return about([], { others: [await otherFile(path, asked)] });
}

/** Which takes less to know than how all enrolments stand. */
function isNamed(what: string, { reader }: Asked, { enrolments }: Configured): boolean {
  return enrolments.some(({ name }) => name === what) || reader.head(streamOf(what)) !== undefined;
}

function isPath(what: string): boolean {
  return /[/~]/.test(what);
}

function unknown(what: string, { rules, status }: Asked): DotvaultError {
  const names = status().enrolments.map(({ name }) => name);
  return new DotvaultError(
    "usage.why",
    `there is no file "${what}", and dotvault knows no enrolment or token of that name`,
    {
      hint: `files: ${rules.map((rule) => rule.path).join(", ") || "none"}; enrolments: ${names.join(", ") || "none"}`,
    },
  );
}

/** Behind all links, also where the file itself is gone. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(real(folder), basename(path));
  }
}
