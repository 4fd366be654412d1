import { paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { chainEvents } from "../journal/plain-chain.ts";
import { openReader } from "../journal/reader.ts";
import { exportHistory as historyOf } from "../machines/history/history.ts";
import { requireKnown, streamOf } from "./history/streams.ts";
import { type Command, EXIT } from "./io.ts";
import { printJson } from "./json.ts";
import { readVersion } from "./version.ts";

/** A recorded history without secrets, names in place of what identifies; its chain shows what was altered. */
export const exportHistory: Command = async ({ positionals: [name = ""] }, io) => {
  const where = paths(io.env, io.platform, io.home);
  const reader = openReader({ directory: where.stateDir });
  if (!reader) throw new DotvaultError("journal.missing", `there is no journal at ${where.journal} yet`);
  try {
    requireKnown(reader, name);
    const stream = streamOf(name);
    const history = historyOf(reader.events({ stream }), { version: readVersion(), enrolment: name });
    const first = history.events[0]?.version ?? 1;
    if (first > 1) io.err.write(`the first ${first - 1} events were compacted: it can be read, but not replayed\n`);
    printJson(io, { ...history, events: chainEvents(history.events) });
    return EXIT.healthy;
  } finally {
    reader.close();
  }
};
