import { paths } from "../config/paths.ts";
import { openReader } from "../journal/reader.ts";
import { type Command, textFlag } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";
import { currentStatus, exitCode } from "./status/current.ts";
import { statusScreen } from "./status/screen.ts";

/**
 * How things stand, from the journal and the names in the configuration alone: neither store, agent nor key is asked.
 * What it imports is counted: it answers in a blink.
 */
export const status: Command = withJsonErrors(async (parsed, io) => {
  if (parsed.flags.watch === true) return (await import("./status/watch.ts")).watchStatus(parsed, io);
  const reader = openReader({ directory: paths(io.env, io.platform, io.home).stateDir });
  try {
    const at = textFlag(parsed, "at");
    if (at !== undefined) return await (await import("./status/at.ts")).statusAt(reader, at, parsed, io);
    const report = await currentStatus(reader, parsed, io);
    if (parsed.flags.json === true) printJson(io, report);
    else io.out.write(statusScreen(report, io));
    return exitCode(report);
  } finally {
    reader?.close();
  }
});
