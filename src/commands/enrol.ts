import { createHttp } from "../adapters/http/create.ts";
import type { Enrolment } from "../agent/ports.ts";
import type { Config } from "../config/config.ts";
import { DotvaultError } from "../errors.ts";
import { stateName } from "../machines/enrolment/decide.ts";
import { pathsOf, requireConfig } from "./config.ts";
import { engines } from "./engines.ts";
import { type Contact, follow, reachAgent, sceneOf, taken } from "./follow.ts";
import type { Command, Io } from "./io.ts";
import { storedKey } from "./keys.ts";
import { requireEnrolment } from "./names.ts";
import { settledState } from "./wizard/begin.ts";
import { Guide } from "./wizard/guide.ts";
import { sealerOf } from "./world.ts";

/** Signs in, or joins the logins that are under way: the named one, or all that are missing at once. */
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
    const guide = new Guide({ agent: contact, sealer: sealerOf(key), io });
    const wanted = await chosen(contact, config, name, io);
    return await guide.follow(beginAll({ contact, guide, again }, wanted));
  } finally {
    await contact.close();
  }
};

interface Beginning {
  readonly contact: Contact;
  readonly guide: Guide;
  readonly again: boolean;
}

/** Each by itself: one that can't begin holds up no other. Throws what the first of those threw. */
async function beginAll(beginning: Beginning, wanted: readonly Enrolment[]): Promise<void> {
  const begun = await Promise.allSettled(wanted.map((enrolment) => begin(beginning, enrolment)));
  const failed = begun.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}

/** Not `idle.unenrolled`: what a person ended is begun again only by its name. */
const WANTS_LOGIN = ["idle.missing", "session", "polling", "exchanging", "revoked"];

/** The named one, or all that are missing. */
async function chosen(contact: Contact, config: Config, name: string | undefined, io: Io): Promise<Enrolment[]> {
  const all = await engines(config, createHttp(), io);
  if (name !== undefined) return all.filter((enrolment) => enrolment.name === name);
  const states = await Promise.all(all.map((enrolment) => settledState(contact, enrolment.name)));
  const missing = all.filter((_, index) => WANTS_LOGIN.some((wanting) => states[index]?.startsWith(wanting)));
  if (missing.length === 0) io.err.write("nothing to enrol: no enrolment is missing\n");
  return missing;
}

/** Asks for a login, unless there is nothing to do. */
async function begin({ contact, guide, again }: Beginning, enrolment: Enrolment): Promise<void> {
  const { name } = enrolment;
  const state = await settledState(contact, name);
  const { ask } = sceneOf(contact.reader, name).snapshot.context;
  if (/^(active|refreshing)/.test(state) && !again && ask === null) {
    guide.screen.write(`${name} is active; dotvault enrol ${name} --again signs in anew\n`);
    return;
  }
  guide.add(enrolment);
  await stepOver(contact, name, guide);
  // Whatever the journal shows from here on came after the request: a login may well be over before our next look.
  await taken(contact, await contact.ask("enrol", { name, again }));
  guide.begun(enrolment);
}

/** Steps that must not be cut: a login asked for meanwhile would not be heard. */
const UNCUT = /^(refreshing\.(presenting|storing|doubted\.(presenting|minting|removing))|idle\.unenrolling\.removing)/;

/** Waits for a step of a rotation that is under way at this moment. */
async function stepOver(contact: Contact, name: string, { screen }: Guide): Promise<void> {
  let told = false;
  await follow(contact, name, ({ snapshot }) => {
    const busy = UNCUT.test(stateName(snapshot.value));
    if (busy && !told) screen.write(`${name} is in the middle of a step; waiting for its end (Ctrl-C leaves)\n`);
    told = busy;
    return busy ? undefined : true;
  });
}
