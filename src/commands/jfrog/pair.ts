import { setTimeout as pause } from "node:timers/promises";
import { createDesktop } from "../../adapters/desktop/desktop.ts";
import type { Jfrog } from "../../adapters/engines/jfrog/client.ts";
import { createPairing, listedIds, type Pairing } from "../../adapters/engines/jfrog/pairing.ts";
import type { JfrogSettings } from "../../adapters/engines/jfrog/settings.ts";
import type { Fields, Refused, Trouble } from "../../adapters/engines/port.ts";
import { createHttp } from "../../adapters/http/create.ts";
import type { Config } from "../../config/config.ts";
import { DotvaultError } from "../../errors.ts";
import { clock } from "../../terminal/times.ts";
import { pathsOf, requireConfig } from "../assembly/config.ts";
import { type Command, EXIT, type Io, type Parsed, textFlag } from "../cli/io.ts";
import { interrupted } from "../cli/until.ts";
import { credentialOf } from "../token/credential.ts";
import { untilUsed } from "./watch.ts";

/** Makes a pairing token, hands it over, and stays until it is used or over. It is never written down. */
export const pair: Command = async (parsed, io) => {
  const wanted = wish(parsed);
  const { config } = requireConfig(parsed, io);
  const { key, settings } = chosen(config, textFlag(parsed, "enrolment"));
  const onStdout = parsed.flags.stdout === true;
  const desktop = createDesktop(io.platform, io.env);
  if (!onStdout && !desktop.copies) throw noClipboard();
  const read = () => credentialOf(key, config, pathsOf(io), io);
  const admin = await read();
  const http = createHttp({ env: io.env });
  const signal = interrupted();
  try {
    const jfrog: Jfrog = { settings: settings as unknown as JfrogSettings, http, now: io.now };
    const before = await listedIds(jfrog, admin, signal);
    const made = sound(await createPairing(jfrog, admin, wanted, signal));
    if (onStdout) io.out.write(`${made.token}\n`);
    else if (!(await desktop.copy(made.token))) throw noClipboard();
    tellMade(made, wanted, onStdout, io);
    return await watched({ jfrog, admin, read, made, before }, io, signal);
  } finally {
    await http.close();
  }
};

interface Wish {
  readonly service: string;
  readonly useCase: string;
}

/** Throws `usage.arguments`. */
function wish({ positionals: [service, useCase, ...more] }: Parsed): Wish {
  const hint = "dotvault jfrog pair access mission-control";
  const isName = (name: string | undefined) => name !== undefined && /^[a-z][\w-]*(?:\/[\w-]+)*$/.test(name);
  if (service === undefined || useCase === undefined || more.length > 0)
    throw new DotvaultError("usage.arguments", "jfrog pair: a service and a use case are needed", { hint });
  if (isName(service) && !service.includes("/") && isName(useCase)) return { service, useCase };
  throw new DotvaultError("usage.arguments", "jfrog pair: names are letters, digits, - and _", { hint });
}

/** The enrolment whose token is used: the one that is named, or the only one. Throws `usage.enrolment`. */
function chosen({ enrolments }: Config, name: string | undefined) {
  const all = enrolments.filter(({ engine }) => engine === "jfrog");
  const [only, ...more] = all.filter(({ key }) => name === undefined || key === name);
  if (only && more.length === 0) return only;
  const hint = `there are: ${all.map(({ key }) => key).join(", ") || "none"}`;
  if (name !== undefined) throw new DotvaultError("usage.enrolment", `no JFrog enrolment is named "${name}"`, { hint });
  throw new DotvaultError("usage.enrolment", "say with --enrolment whose token is to be used", { hint });
}

function noClipboard(): DotvaultError {
  return new DotvaultError("pair.no-clipboard", "there is no clipboard to hand the token over by", {
    hint: "--stdout prints it: … --stdout | ssh other-host …",
  });
}

function sound(result: Pairing | Refused | Trouble): Pairing {
  if (result.kind === "created") return result;
  const { message, hint, class: code } = result;
  throw new DotvaultError(code, message, hint === undefined ? {} : { hint });
}

function tellMade({ endsAt }: Pairing, { service, useCase }: Wish, onStdout: boolean, io: Io): void {
  const way = onStdout ? "printed" : "copied to the clipboard";
  const until = clock(new Date(endsAt), new Date(io.now()));
  io.err.write(`✓ pairing token of ${service} for ${useCase} ${way}: good until ${until}, for one use\n`);
}

/** Where the service does not list tokens, there is nothing to watch. */
async function watched(
  scene: {
    readonly jfrog: Jfrog;
    readonly admin: Fields;
    /** The administrator's credential as it is now: the agent may have rotated it. */
    readonly read: () => Promise<Fields>;
    readonly made: Pairing;
    readonly before: Awaited<ReturnType<typeof listedIds>>;
  },
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  const { jfrog, read, made, before } = scene;
  let { admin } = scene;
  if ("kind" in before) {
    io.err.write(`! whether it is used can't be seen: ${before.message}\n`);
    return EXIT.healthy;
  }
  io.err.write("  waiting for its use (Ctrl-C leaves; it stays good)\n");
  const look = async () => {
    const seen = await listedIds(jfrog, admin, signal);
    if (!("kind" in seen)) return [...seen].find((id) => !before.has(id));
    if (seen.kind === "refused") admin = await read().catch(() => admin);
    return undefined;
  };
  const id = await untilUsed(look, {
    endsAt: made.endsAt,
    now: io.now,
    pause: (milliseconds) => pause(milliseconds, undefined, { signal }).catch(() => undefined),
    stopped: () => signal.aborted,
  });
  if (signal.aborted) return EXIT.healthy;
  io.err.write(
    id === undefined
      ? "✗ it expired; no use of it was seen\n"
      : `✓ used, by all appearances: the platform issued the token ${id} of your name\n`,
  );
  return id === undefined ? EXIT.error : EXIT.healthy;
}
