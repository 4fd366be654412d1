import { paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import type { JournalReader } from "../../journal/port.ts";
import { RULE, streamOf } from "../../machines/stream/names.ts";
import { pastText } from "../../terminal/status/text.ts";
import { styleFor } from "../../terminal/style.ts";
import { EXIT, type Io, type Parsed } from "../cli/io.ts";
import { printJson } from "../cli/json.ts";
import { parseMoment } from "../cli/moment.ts";
import { damagedMember, warnOf } from "../history/passed-over.ts";
import { statusReport } from "./collect.ts";
import { type Configured, configuredNames } from "./configured.ts";
import { pastOf } from "./past.ts";

/** `status --at`: the enrolments and files as they were at that moment. */
export async function statusAt(
  reader: JournalReader | undefined,
  text: string,
  parsed: Parsed,
  io: Io,
): Promise<number> {
  const at = parseMoment(text, io.now());
  refuseAhead(reader, at, io.now());
  const where = paths(io.env, io.platform, io.home);
  const today = await configuredNames(where, reader, parsed, io);
  const { damage = [], ...then } = reader ? await pastOf(reader, at) : {};
  const past = reader && ({ ...reader, ...then } as JournalReader);
  const configured = configuredThen(today, past);
  // Whether an agent ran then is no event: its part of the report is left out.
  const agent = { running: true, pid: null, since: null, command: null };
  const report = statusReport({ reader: past, configured, agent, where, now: at });
  const { enrolments, files, counts, health } = report;
  warnOf(damage, io);
  if (parsed.flags.json === true) {
    const told = { schemaVersion: 1, at: report.at, health, enrolments, files, counts };
    printJson(io, { ...told, ...damagedMember(damage) });
  } else {
    const columns = io.out.isTerminal ? io.out.columns : Number.POSITIVE_INFINITY;
    io.out.write(pastText(report, new Date(io.now()), styleFor(io.out, io.env), columns));
  }
  return EXIT.healthy;
}

/** Where the clock was set back, the journal may know what is ahead by today's. */
function refuseAhead(reader: JournalReader | undefined, at: number, now: number): void {
  if (at <= now || (reader && !reader.events({ sinceAt: at, limit: 1 }).next().done)) return;
  throw new DotvaultError("usage.at", "--at: that moment is still to come", {
    hint: "dotvault next tells what is ahead",
  });
}

/** What stood in the configuration is no event: of today's names those that were on record then, and none had left. */
function configuredThen(today: Configured, past: JournalReader | undefined): Configured {
  const known = new Set(past?.heads().map(({ stream }) => stream));
  return {
    ...today,
    state: "missing",
    enrolments: today.enrolments.filter(({ name }) => known.has(streamOf(name))),
    rules: today.rules.filter(({ name }) => known.has(RULE + name)),
    // Which server was in use then the sessions say themselves.
    vault: { named: undefined, inUse: undefined },
  };
}
