import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expandHome } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { checkJournal } from "../journal/check/check.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import type { StatusReport } from "../terminal/status/report.ts";
import { count, moment } from "../terminal/times.ts";
import { pathsOf, readConfig } from "./assembly/config.ts";
import { storedKey } from "./assembly/keys.ts";
import { type Command, EXIT, type Io, type Parsed, textFlag } from "./cli/io.ts";
import { withJsonErrors } from "./cli/json.ts";
import { parseSince } from "./cli/since.ts";
import { aboutFiles } from "./doctor/files.ts";
import { aboutAgent, aboutProxy } from "./doctor/local.ts";
import { isOfJournal, type RecordedHistory, recordedHistory, unlessDamaged } from "./history/recorded.ts";
import { type BugReport, bugReport, type Material } from "./report/document.ts";
import { documentText } from "./report/text.ts";
import { beginningOf, type Window, windowOf } from "./report/window.ts";
import { currentStatus } from "./status/current.ts";
import { versionFacts } from "./version.ts";

/** One file for a bug report: what happened and how things stand, without a token, a session, an address or a name. */
export const report: Command = withJsonErrors(async (parsed, io) => {
  const reader = unlessDamaged(() => openReader({ directory: pathsOf(io).stateDir }));
  try {
    const since = textFlag(parsed, "since");
    const window = reader && windowOf(reader, since === undefined ? undefined : parseSince(since, io.now()));
    const document = bugReport(await material(reader, window, parsed, io));
    deliver(documentText(document), parsed, io);
    const events = document.histories.reduce((sum, history) => sum + history.events.length, 0);
    const told = `${count(document.histories.length, "history", "histories")}, ${count(events, "event")}`;
    const named =
      parsed.flags.hosts === true
        ? "hosts are named, as asked; no token, path or other name"
        : "no token, address, path or name";
    io.err.write(`${told}; ${named} is in it (times are) · dotvault replay reads it\n`);
    if (reader && window && since === undefined) io.err.write(leftOut(reader, window, io));
    if (isWrong(document)) io.err.write("something is wrong with the journal: what can be read of it is told\n");
    return EXIT.healthy;
  } finally {
    reader?.close();
  }
});

function leftOut(reader: JournalReader, { since }: Window, io: Io): string {
  const begun = beginningOf(reader);
  if (since === null || begun === undefined) return "";
  const [from, all] = [moment(new Date(since), new Date(io.now())), Math.ceil((io.now() - begun) / DAY)];
  return `only the newest events are in it: from ${from} on, and how things stood before; --since ${all}d tells all\n`;
}

const DAY = 86_400_000;

function isWrong({ journal }: BugReport): boolean {
  return (journal as { readonly ok?: boolean } | null)?.ok === false;
}

function deliver(text: string, parsed: Parsed, io: Io): void {
  const output = textFlag(parsed, "output");
  if (output === undefined) {
    io.out.write(text);
    return;
  }
  const file = resolve(io.cwd, expandHome(output, io.home));
  try {
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new DotvaultError("report.not-written", `${file} can't be written (${code})`, {
      hint: code === "EEXIST" ? "it is there already: name another file" : "name another file",
      cause,
    });
  }
}

async function material(
  reader: JournalReader | undefined,
  window: Window | undefined,
  parsed: Parsed,
  io: Io,
): Promise<Material> {
  const where = pathsOf(io);
  const { config, problems } = configOf(parsed, io);
  return {
    at: new Date(io.now()),
    versions: await versionFacts(),
    config: config && withPaths(config, io.home),
    problems,
    status: await currentStatus(reader, parsed, io).then((status) => withOrigin(status, config), noneIfDamaged),
    findings: [...aboutAgent(where), ...aboutProxy(io.env), ...aboutFilesOf(config, io)],
    journal: journalFacts(window?.after ?? 0, io),
    histories: reader && window ? histories(reader, window, config) : [],
    since: window?.since ?? null,
    hosts: parsed.flags.hosts === true ? hostsOf(config) : [],
  };
}

type Config = NonNullable<ReturnType<typeof readConfig>["config"]>;

/** A configuration that is wrong is told by its mistakes; whether there is none, by the status. */
function configOf(parsed: Parsed, io: Io): Pick<ReturnType<typeof readConfig>, "config" | "problems"> {
  try {
    return readConfig(parsed, io);
  } catch (error) {
    if (error instanceof DotvaultError) return { problems: [] };
    throw error;
  }
}

/** Paths as the journal spells them. */
function withPaths({ rules, ...rest }: Config, home: string): Config {
  const inFull = ({ target, ...rule }: Config["rules"][0]) => {
    return { ...rule, target: { ...target, path: expandHome(target.path, home) } };
  };
  return { ...rest, rules: rules.map(inFull) };
}

function aboutFilesOf(config: Config | undefined, io: Io) {
  return config === undefined ? [] : aboutFiles(config, io.home);
}

/** Damage is what a report may be about: it hinders none. Of the events those are checked that are told. */
function journalFacts(after: number, io: Io): unknown {
  const where = pathsOf(io);
  try {
    return checkJournal(where.stateDir, storedKey(where), after) ?? null;
  } catch (error) {
    if (error instanceof DotvaultError) return { ok: false, problems: [{ code: error.code, seq: null }] };
    throw error;
  }
}

function hostsOf({ vault, enrolments }: Config = NOTHING): string[] {
  const ofEnrolments = enrolments.flatMap(({ settings: { url, platforms } }) => [url, platforms].flat());
  const urls = [vault.address, ...(vault.moreAddresses ?? []), ...ofEnrolments];
  return urls.flatMap((url) => (typeof url === "string" ? (URL.parse(url)?.origin ?? []) : []));
}

const NOTHING = { vault: {}, enrolments: [] } as unknown as Config;

/** Each from the newest snapshot before the window on. */
function histories(reader: JournalReader, { streams, after }: Window, config: Config | undefined): RecordedHistory[] {
  return streams.flatMap((stream) => {
    const history = unlessDamaged(() => recordedHistory(reader, stream, after));
    if (!history) return [];
    return history.stream === "vault" ? { ...history, name: originOf(history.name, config) } : history;
  });
}

function noneIfDamaged(error: unknown): null {
  if (isOfJournal(error)) return null;
  throw error;
}

function withOrigin(status: StatusReport, config: Config | undefined) {
  const { vault } = status;
  return { ...status, vault: vault && { ...vault, server: originOf(vault.server, config) } };
}

/** As the configuration spells the server, so that it is told as the same one everywhere. */
function originOf(host: string, { vault }: Config = NOTHING): string {
  const urls = [vault.address, ...(vault.moreAddresses ?? [])].map((url) => URL.parse(url ?? ""));
  return urls.find((url) => url?.host === host)?.origin ?? host;
}
