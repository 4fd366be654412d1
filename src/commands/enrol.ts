import { createHttp } from "../adapters/http/create.ts";
import type { Enrolment } from "../agent/ports.ts";
import type { Config } from "../config/config.ts";
import { DotvaultError } from "../errors.ts";
import { stateName } from "../machines/enrolment/decide.ts";
import { heading } from "../terminal/wizard.ts";
import { pathsOf, requireConfig } from "./config.ts";
import { type Contact, follow, reachAgent, requireConfigured, sceneOf, taken } from "./follow.ts";
import { type Command, EXIT, type Io } from "./io.ts";
import { storedKey } from "./keys.ts";
import { requireEnrolment } from "./names.ts";
import { followLogin } from "./wizard.ts";
import { engines, sealerOf } from "./world.ts";

/** Signs in, or joins the login that is under way. */
export const enrol: Command = async (parsed, io) => {
  const loaded = requireConfig(parsed, io);
  const { config } = loaded;
  const [name] = parsed.positionals;
  if (name !== undefined) requireEnrolment(config, name);
  const where = pathsOf(io);
  const contact = await reachAgent(where, loaded, io);
  try {
    const key = storedKey(where);
    if (!key) throw new DotvaultError("key.missing", `the key ${where.key} is missing`);
    const again = parsed.flags.again === true;
    const wanted = await chosen(contact, config, name, io);
    const codes = await Promise.all(
      wanted.map(async ({ enrolment, index }) => {
        const guide = { followed: contact, sealer: sealerOf(key), io };
        if (!(await begin(contact, enrolment, again, io))) return EXIT.healthy;
        io.err.write(heading(index + 1, wanted.length, enrolment.engine.label));
        return followLogin(guide, enrolment.name, enrolment.engine);
      }),
    );
    return Math.max(EXIT.healthy, ...codes);
  } finally {
    await contact.close();
  }
};

/** Not `idle.unenrolled`: what a person ended is begun again only by its name. */
const WANTS_LOGIN = ["idle.missing", "session", "polling", "exchanging", "revoked"];

/** The named one, or all that are missing. */
async function chosen(contact: Contact, config: Config, name: string | undefined, io: Io) {
  const all = await engines(config, createHttp(), io);
  if (name !== undefined) {
    return all.filter((enrolment) => enrolment.name === name).map((enrolment) => ({ enrolment, index: 0 }));
  }
  const missing: Enrolment[] = [];
  for (const enrolment of all) {
    const state = await settledState(contact, enrolment.name);
    if (WANTS_LOGIN.some((wanting) => state.startsWith(wanting))) missing.push(enrolment);
  }
  if (missing.length === 0) io.err.write("nothing to enrol: no enrolment is missing\n");
  return missing.map((enrolment, index) => ({ enrolment, index }));
}

/** Asks for a login, unless there is nothing to do. @returns whether there is a login to follow */
async function begin(contact: Contact, { name }: Enrolment, again: boolean, io: Io): Promise<boolean> {
  const state = await settledState(contact, name);
  const { ask } = sceneOf(contact.reader, name).snapshot.context;
  if (/^(active|refreshing)/.test(state) && !again && ask === null) {
    io.err.write(`${name} is active; dotvault enrol ${name} --again signs in anew\n`);
    return false;
  }
  await stepOver(contact, name, io);
  // Whatever the journal shows from here on came after the request: a login may well be over before our next look.
  await taken(contact, await contact.ask("enrol", { name, again }));
  return true;
}

/** Steps that must not be cut: a login asked for meanwhile would not be heard. */
const UNCUT = /^(refreshing\.(presenting|storing|doubted\.(presenting|minting|removing))|idle\.unenrolling\.removing)/;

/** Waits for a step of a rotation that is under way at this moment. */
async function stepOver(contact: Contact, name: string, io: Io): Promise<void> {
  let told = false;
  await follow(contact, name, ({ snapshot }) => {
    const busy = UNCUT.test(stateName(snapshot.value));
    if (busy && !told) io.err.write(`${name} is in the middle of a step; waiting for its end (Ctrl-C leaves)\n`);
    told = busy;
    return busy ? undefined : true;
  });
}

/** The state once the agent has looked into the store. */
async function settledState(contact: Contact, name: string): Promise<string> {
  await requireConfigured(contact, name);
  return follow(contact, name, ({ snapshot }) => {
    const state = snapshot ? stateName(snapshot.value) : "idle.new";
    const looking = (state === "idle.looking" || state === "idle.new") && !troubled(contact, name);
    return looking ? undefined : state;
  });
}

function troubled(contact: Contact, name: string): boolean {
  return sceneOf(contact.reader, name).intents.some(({ failure }) => failure !== null);
}
