import { doctorText, type Finding } from "../terminal/doctor.ts";
import { styleFor } from "../terminal/style.ts";
import { pathsOf, readConfig } from "./assembly/config.ts";
import { type Command, EXIT, type Io, type Parsed } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";
import { aboutFiles } from "./doctor/files.ts";
import { bad } from "./doctor/finding.ts";
import { aboutAgent, aboutConfig, aboutJournal, aboutProxy } from "./doctor/local.ts";
import { aboutLogins } from "./doctor/logins.ts";
import { aboutNetwork } from "./doctor/network.ts";
import { aboutTokens } from "./doctor/tokens.ts";

/** Walks everything that has to work, and says of what does not which command mends it. Changes nothing. */
export const doctor: Command = withJsonErrors(async (parsed, io) => {
  const findings = await walk(parsed, io);
  if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, findings });
  else io.out.write(doctorText(findings, styleFor(io.out, io.env)));
  return findings.some(({ verdict }) => verdict === "bad") ? EXIT.error : EXIT.healthy;
});

async function walk(parsed: Parsed, io: Io): Promise<Finding[]> {
  const where = pathsOf(io);
  const local = [...aboutJournal(where), ...aboutAgent(where), ...aboutProxy(io.env)];
  const loaded = configured(parsed, io);
  if ("verdict" in loaded) return [loaded, ...local];
  const { config } = loaded;
  if (!config) return [...aboutConfig(loaded), ...local];
  const tokens = [...(await aboutLogins(config, io)), ...aboutTokens(config, where)];
  const network = await aboutNetwork(config, io);
  return [...aboutConfig(loaded), ...local, ...network, ...tokens, ...aboutFiles(config, io.home)];
}

function configured(parsed: Parsed, io: Io): ReturnType<typeof readConfig> | Finding {
  try {
    return readConfig(parsed, io);
  } catch (error) {
    const message = error instanceof Error ? error.message : "it can't be read";
    return bad("config", "", message, "dotvault init https://mycompany.jfrog.io");
  }
}
