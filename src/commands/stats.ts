import { paths } from "../config/paths.ts";
import { openReader } from "../journal/reader.ts";
import { type StatsReport, statsText } from "../terminal/stats.ts";
import { styleFor } from "../terminal/style.ts";
import { type Command, EXIT, textFlag } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";
import { parseSince } from "./cli/since.ts";
import { tally } from "./stats/tally.ts";

const DAYS = 90;
const NOTHING = { events: () => [].values() };
const DAY = 24 * 60 * 60_000;

/** How close it came: rotations, the least life that was left at one, the longest outage that was bridged. Offline. */
export const stats: Command = withJsonErrors(async (parsed, io) => {
  const since = textFlag(parsed, "since");
  const from = since === undefined ? io.now() - DAYS * DAY : parseSince(since, io.now());
  const reader = openReader({ directory: paths(io.env, io.platform, io.home).stateDir });
  try {
    const found = tally(reader ?? NOTHING, from);
    const report: StatsReport = { schemaVersion: 1, since: new Date(from), at: new Date(io.now()), ...found };
    if (parsed.flags.json === true) printJson(io, report);
    else io.out.write(statsText(report, styleFor(io.out, io.env)));
    return EXIT.healthy;
  } finally {
    reader?.close();
  }
});
