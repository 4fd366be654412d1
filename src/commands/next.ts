import { paths } from "../config/paths.ts";
import { lockHolder } from "../journal/lock.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { type NextReport, nextText } from "../terminal/next.ts";
import { styleFor } from "../terminal/style.ts";
import { type Command, EXIT, type Io, type Parsed, textFlag } from "./io.ts";
import { printJson, withJsonErrors } from "./json.ts";
import { futureOf } from "./next/items.ts";
import { horizon, parseOffline } from "./next/offline.ts";
import { configuredNames } from "./report/configured.ts";

/** What will happen in the next week, by the machines themselves run forward from the journal. Asks nobody; changes nothing. */
export const next: Command = withJsonErrors(async (parsed, io) => {
  const { stateDir } = paths(io.env, io.platform, io.home);
  const reader = openReader({ directory: stateDir });
  let report: NextReport;
  try {
    report = await nextReport(reader, parsed, io);
  } finally {
    reader?.close();
  }
  if (parsed.flags.json === true) printJson(io, report);
  else io.out.write(nextText(report, styleFor(io.out, io.env)));
  return parsed.flags.renew === true ? renew(report, parsed, io) : EXIT.healthy;
});

async function nextReport(reader: JournalReader | undefined, parsed: Parsed, io: Io): Promise<NextReport> {
  const now = io.now();
  const where = paths(io.env, io.platform, io.home);
  const text = textFlag(parsed, "offline");
  const offline = text === undefined ? undefined : parseOffline(text, now);
  const during = horizon(now, offline);
  const { enrolments } = await configuredNames(where, reader, parsed, io);
  const agentRuns = lockHolder({ directory: where.stateDir }) !== undefined;
  const futures = reader ? enrolments.map((one) => futureOf(reader, one, { during, offline, agentRuns })) : [];
  return {
    schemaVersion: 1,
    at: new Date(now),
    until: new Date(during.until),
    agentRuns,
    offline: offline === undefined ? null : { from: new Date(offline.from), until: new Date(offline.until) },
    items: futures.flatMap(({ items }) => items).toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    expiring: futures.flatMap(({ expiring }) => expiring),
  };
}

/** Renews what would end while offline, where that helps and takes no person. @returns the worst exit code */
async function renew({ expiring }: NextReport, parsed: Parsed, io: Io): Promise<number> {
  const { refresh } = await import("./refresh.ts");
  let worst: number = EXIT.healthy;
  for (const { name, helps } of expiring) {
    if (!helps) continue;
    worst = Math.max(worst, await refresh({ positionals: [name], flags: { config: parsed.flags.config } }, io));
  }
  return worst;
}
