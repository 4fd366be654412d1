import { paths } from "../config/paths.ts";
import type { JournalReader } from "../journal/port.ts";
import { pastText } from "../terminal/status/text.ts";
import { styleFor } from "../terminal/style.ts";
import { EXIT, type Io, type Parsed } from "./io.ts";
import { printJson } from "./json.ts";
import { parseMoment } from "./moment.ts";
import { pastOf } from "./past.ts";
import { statusReport } from "./report/collect.ts";
import { type Configured, configuredNames } from "./report/configured.ts";

/** `status --at`: the enrolments and files as they were at that moment. */
export async function statusAt(
  reader: JournalReader | undefined,
  text: string,
  parsed: Parsed,
  io: Io,
): Promise<number> {
  const at = parseMoment(text, io.now());
  const where = paths(io.env, io.platform, io.home);
  const today = await configuredNames(where, reader, parsed, io);
  const past = reader && ({ ...reader, ...(await pastOf(reader, at)) } as JournalReader);
  const configured = configuredThen(today, past);
  // Whether an agent ran then is no event: its part of the report is left out.
  const agent = { running: true, pid: null, since: null, command: null };
  const report = statusReport({ reader: past, configured, agent, where, now: at });
  const { enrolments, files, counts, health } = report;
  if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, at: report.at, health, enrolments, files, counts });
  else {
    const columns = io.out.isTerminal ? io.out.columns : Number.POSITIVE_INFINITY;
    io.out.write(pastText(report, new Date(io.now()), styleFor(io.out, io.env), columns));
  }
  return EXIT.healthy;
}

/** What stood in the configuration is no event: of today's names those that were on record then, and none had left. */
function configuredThen(today: Configured, past: JournalReader | undefined): Configured {
  const known = new Set(past?.heads().map(({ stream }) => stream));
  return {
    ...today,
    state: "missing",
    enrolments: today.enrolments.filter(({ name }) => known.has(`enrolment/${name}`)),
    rules: today.rules.filter(({ name }) => known.has(`rule/${name}`)),
    // Which server was in use then the sessions say themselves.
    vault: { named: undefined, inUse: undefined },
  };
}
