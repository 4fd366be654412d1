import { paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { Aliases } from "../machines/history/aliases.ts";
import { VAULT } from "../machines/stream/names.ts";
import { type Command, EXIT } from "./cli/io.ts";
import { recordedHistory, toldStreams } from "./history/recorded.ts";
import { streamsOf } from "./history/streams.ts";
import { documentText } from "./report/text.ts";
import { toldHistory } from "./report/told.ts";
import { readVersion } from "./version.ts";

/** A recorded history without secrets, names in place of what identifies; its chain shows what was altered. */
export const exportHistory: Command = async ({ positionals: [name = ""] }, io) => {
  const where = paths(io.env, io.platform, io.home);
  const reader = openReader({ directory: where.stateDir });
  if (!reader) throw new DotvaultError("journal.missing", `there is no journal at ${where.journal} yet`);
  try {
    const aliases = new Aliases();
    const told = besides(reader, name).flatMap((stream) => recordedHistory(reader, stream) ?? []);
    const [own, ...beside] = told.map((history) => toldHistory(history, readVersion(), aliases));
    io.out.write(documentText({ ...own, beside }));
    return EXIT.healthy;
  } finally {
    reader.close();
  }
};

/** The stream itself first, then all that its failures may come from: its circle, its files, the session, the agent. */
function besides(reader: JournalReader, name: string): string[] {
  const own = streamsOf(reader, name);
  return toldStreams(reader).filter((stream) => own.has(stream) || stream.startsWith(VAULT) || stream === "agent");
}
