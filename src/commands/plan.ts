import { paths } from "../config/paths.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { planText, sameText } from "../terminal/plan/text.ts";
import { styleFor } from "../terminal/style.ts";
import { type Command, EXIT, type Io, type Parsed } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";
import { CONFIGURATION, type Noted } from "./plan/noted.ts";
import { fileAsRead } from "./status/configured.ts";

/** What a configuration would do beside what the agent does now. Fetches no secret, asks nobody, changes nothing. */
export const plan: Command = withJsonErrors(async (parsed, io) => {
  const where = paths(io.env, io.platform, io.home);
  const style = styleFor(io.out, io.env);
  const reader = openReader({ directory: where.stateDir });
  try {
    const same = parsed.flags.json === true ? undefined : unchanged(reader, parsed, io);
    if (same === undefined) await planned(reader, parsed, io);
    else io.out.write(sameText(same, style));
    return EXIT.healthy;
  } finally {
    reader?.close();
  }
});

/** The very file that the agent has read, and nothing of it waits for a restart: no line of it has to be looked at. */
function unchanged(reader: JournalReader | undefined, parsed: Parsed, io: Io): string | undefined {
  const noted = reader?.fact(CONFIGURATION) as Noted | undefined;
  const waits = noted?.waits !== false;
  return waits ? undefined : fileAsRead(paths(io.env, io.platform, io.home), reader, parsed);
}

async function planned(reader: JournalReader | undefined, parsed: Parsed, io: Io): Promise<void> {
  const [{ requireConfig }, { planReport }] = await Promise.all([
    import("./assembly/config.ts"),
    import("./plan/make.ts"),
  ]);
  const report = await planReport(requireConfig(parsed, io), reader, io);
  if (parsed.flags.json === true) return printJson(io, report);
  const columns = io.out.isTerminal ? io.out.columns : undefined;
  io.out.write(planText(report, styleFor(io.out, io.env), columns));
}
