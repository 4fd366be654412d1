import { paths } from "../config/paths.ts";
import { openReader } from "../journal/reader.ts";
import { needLine } from "../terminal/need.ts";
import { type Command, EXIT } from "./cli/io.ts";
import { currentStatus } from "./status/current.ts";

/**
 * For a shell's start: says in one line on stderr when a person is needed, and nothing else. From the journal alone, like
 * `status`; what it imports is counted, since a shell waits for it.
 */
export const loginCheck: Command = async (parsed, io) => {
  const reader = openReader({ directory: paths(io.env, io.platform, io.home).stateDir });
  try {
    const need = needLine(await currentStatus(reader, parsed, io));
    if (need !== null) io.err.write(need);
    else if (parsed.flags.quiet !== true) io.err.write("dotvault: nobody is needed\n");
    return need === null ? EXIT.healthy : EXIT.personNeeded;
  } finally {
    reader?.close();
  }
};
