import { DotvaultError } from "../errors.ts";
import type { Context } from "../machines/enrolment/context.ts";
import { stateName } from "../machines/enrolment/decide.ts";
import { dotvault } from "../shell.ts";
import { pathsOf, requireConfig } from "./assembly/config.ts";
import {
  type Contact,
  type Followed,
  follow,
  reachAgent,
  requireConfigured,
  type Scene,
  sceneOf,
  taken,
} from "./assembly/follow.ts";
import { requireEnrolment } from "./assembly/names.ts";
import { type Command, EXIT, type Io } from "./cli/io.ts";

/** Rotates now, due or not, and follows it to the end. */
export const refresh: Command = async (parsed, io) => {
  const loaded = requireConfig(parsed, io);
  const { config } = loaded;
  const [name = ""] = parsed.positionals;
  requireEnrolment(config, name);
  const contact = await reachAgent(pathsOf(io), loaded, io);
  try {
    const before = await known(contact, name);
    refuseWhatCannotRotate(name, before);
    await taken(contact, await contact.ask("refresh", { name }));
    return await follow(contact, name, (scene) => told(before.context, scene, { name, contact, io }));
  } finally {
    await contact.close();
  }
};

/** The enrolment once the agent has looked into the store. */
export async function known(contact: Followed, name: string): Promise<Scene["snapshot"]> {
  await requireConfigured(contact, name);
  return follow(contact, name, ({ snapshot }) => {
    if (!snapshot) return undefined;
    const state = stateName(snapshot.value);
    const { intents } = sceneOf(contact.reader, name);
    const stuck = intents.some(({ failure }) => failure !== null);
    return (state === "idle.looking" || state === "idle.new") && !stuck ? undefined : snapshot;
  });
}

function refuseWhatCannotRotate(name: string, { value, context }: Scene["snapshot"]): void {
  const state = stateName(value);
  const hint = dotvault("enrol", name);
  if (!state.startsWith("active") && !state.startsWith("refreshing")) {
    throw new DotvaultError("refresh.not-active", `${name} is not enrolled`, { hint });
  }
  if (context.settings?.traits.refresh !== true) {
    throw new DotvaultError("refresh.not-needed", `${name} never expires: there is nothing to rotate`);
  }
  if (context.current?.refreshable !== true && context.settings.rotation !== "remint") {
    throw new DotvaultError("refresh.no-refresh-token", `${name} has no refresh token: it can't be rotated`, {
      hint: dotvault("enrol", name, "--again"),
    });
  }
}

/** The request was taken, so an active enrolment with its old pair is one that had a reason not to rotate. */
function notRotated(name: string, { ask }: Context, io: Io): number {
  io.err.write(`✗ ${name} was not rotated${ask ? `: ${ask.message ?? ask.code}` : ""}; see ${dotvault("log", name)}\n`);
  return ask ? EXIT.personNeeded : EXIT.error;
}

/** @returns the exit code once it is over */
function told(
  before: Context,
  { snapshot, intents }: Scene,
  { name, contact, io }: { readonly name: string; readonly contact: Contact; readonly io: Io },
): number | undefined {
  const { context, value } = snapshot;
  const state = stateName(value);
  if (state.startsWith("active")) {
    if (context.current?.digest === before.current?.digest) return notRotated(name, context, io);
    const until = context.current?.expiresAt;
    io.err.write(`✓ ${name} rotated${until === undefined ? "" : `; good until ${new Date(until).toISOString()}`}\n`);
    return EXIT.healthy;
  }
  if (context.ask) {
    io.err.write(`✗ ${name}: ${context.ask.message ?? context.ask.code}; ${dotvault("enrol", name)}\n`);
    return EXIT.personNeeded;
  }
  const failure = intents.find((intent) => intent.failure !== null)?.failure;
  if (!failure) return undefined;
  io.err.write(`! ${name}: ${failure.message}; ${contact.goesOn()}, dotvault status shows how it stands\n`);
  return EXIT.error;
}
