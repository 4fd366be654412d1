import type { Config } from "../config/config.ts";
import { DotvaultError } from "../errors.ts";
import { openReader } from "../journal/reader.ts";
import type { Context } from "../machines/enrolment/context.ts";
import type { StateValue } from "../machines/enrolment/decide.ts";
import { streamOf } from "../machines/stream/names.ts";
import { dotvault } from "../shell.ts";
import { harmless } from "../terminal/style.ts";
import { pathsOf, requireConfig } from "./assembly/config.ts";
import { reachAgent } from "./assembly/follow.ts";
import { requireEnrolment } from "./assembly/names.ts";
import { type Command, EXIT, type Io } from "./cli/io.ts";
import { isEnrolled, unenrol } from "./revoke/unenrol.ts";

/** Un-enrols: the secret leaves the store, the tokens are revoked at the service, the history stays. */
export const revoke: Command = async (parsed, io) => {
  const [name] = parsed.positionals;
  const isAll = parsed.flags.all === true;
  if (isAll === (name !== undefined))
    throw new DotvaultError("usage.arguments", "revoke: name an enrolment, or say --all", {
      hint: "dotvault revoke --help",
    });
  const loaded = requireConfig(parsed, io);
  const { config } = loaded;
  if (name !== undefined) requireEnrolment(config, name);
  const all = enrolled(io);
  const names = name === undefined ? configured(all, config) : [name];
  const left = isAll ? all.filter((each) => !names.includes(each)) : [];
  for (const each of left) tellLeft(each, io);
  if (names.length === 0 && left.length > 0) return EXIT.error;
  if (names.length === 0) {
    io.err.write("nothing to revoke: nothing is enrolled\n");
    return EXIT.healthy;
  }
  const contact = await reachAgent(pathsOf(io), loaded, io);
  try {
    const codes = await Promise.all(names.map((each) => unenrol(contact, each, io, { waitsForAll: isAll })));
    return Math.max(...codes, left.length > 0 ? EXIT.error : EXIT.healthy);
  } finally {
    await contact.close();
  }
};

/** By the journal alone: whoever becomes the agent for it would begin enrolments that need nobody. */
function enrolled(io: Io): string[] {
  const reader = openReader({ directory: pathsOf(io).stateDir });
  try {
    const heads = reader?.heads(ENROLMENTS) ?? [];
    return heads
      .filter(({ state, snapshot }) => isEnrolled(state as StateValue) || isRevoking(snapshot))
      .map(({ stream }) => stream.slice(ENROLMENTS.length));
  } finally {
    reader?.close();
  }
}

/** Un-enrolled, and a token of it still lives: whoever was at it has been killed, or the service was away. */
function isRevoking(snapshot: unknown): boolean {
  const { context } = snapshot as { readonly context?: Partial<Context> };
  return (context?.cleanups ?? []).length > 0;
}

const ENROLMENTS = streamOf("");

function configured(names: readonly string[], { enrolments }: Config): string[] {
  return enrolments.map(({ key }) => key).filter((key) => names.includes(key));
}

/** Its service is not known without the configuration. */
function tellLeft(name: string, io: Io): void {
  io.err.write(
    `! ${harmless(name)} is enrolled, but the configuration names it no more: its secret and its token stay\n`,
  );
  io.err.write(`  put it back into the configuration, then: ${dotvault("revoke", name)}\n`);
}
