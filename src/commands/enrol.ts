import { createHttp } from "../adapters/http/create.ts";
import type { Enrolment } from "../agent/ports.ts";
import { DotvaultError } from "../errors.ts";
import { stateName } from "../machines/enrolment/decide.ts";
import { dotvault } from "../shell.ts";
import { harmless } from "../terminal/style.ts";
import { pathsOf, requireConfig } from "./assembly/config.ts";
import { engines } from "./assembly/engines.ts";
import { type Contact, follow, reachAgent, sceneOf, taken } from "./assembly/follow.ts";
import { storedKey } from "./assembly/keys.ts";
import { requireEnrolment } from "./assembly/names.ts";
import { sealerOf } from "./assembly/sealer.ts";
import { type Command, EXIT, type Io } from "./cli/io.ts";
import { settledState } from "./wizard/begin.ts";
import { Guide } from "./wizard/guide.ts";

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
    const all = await engines(config, createHttp(), io);
    const named = all.filter((enrolment) => enrolment.name === name);
    const { missing, unknown } = name === undefined ? await missingOf(contact, all) : { missing: named, unknown: [] };
    tellNotBegun(missing, unknown, io);
    const code = await guide.follow(beginAll({ contact, guide, again }, missing));
    return code === EXIT.healthy && unknown.length > 0 ? EXIT.error : code;
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

interface Unknown {
  readonly name: string;
  readonly message: string;
}

/** Those that nobody has signed in to, and those of which that is not known since the store can't be read. */
async function missingOf(
  contact: Contact,
  all: readonly Enrolment[],
): Promise<{ missing: Enrolment[]; unknown: Unknown[] }> {
  const states = await Promise.all(all.map((enrolment) => settledState(contact, enrolment.name)));
  const inState = (prefixes: readonly string[]) =>
    all.filter((_, index) => prefixes.some((prefix) => states[index]?.startsWith(prefix)));
  const unknown = inState(["idle.looking", "idle.new"]).map(({ name }) => {
    const failure = sceneOf(contact.reader, name).intents.find((intent) => intent.failure !== null)?.failure;
    return { name, message: failure?.message ?? "the store has not been read yet" };
  });
  return { missing: inState(WANTS_LOGIN), unknown };
}

function tellNotBegun(missing: readonly Enrolment[], unknown: readonly Unknown[], io: Io): void {
  for (const { name, message } of unknown) {
    io.err.write(`! ${name}: ${harmless(message)}; whether it is enrolled is not known\n`);
  }
  if (missing.length + unknown.length === 0) io.err.write("nothing to enrol: no enrolment is missing\n");
}

/** Asks for a login, unless there is nothing to do. */
async function begin({ contact, guide, again }: Beginning, enrolment: Enrolment): Promise<void> {
  const { name } = enrolment;
  const state = await settledState(contact, name);
  const { ask } = sceneOf(contact.reader, name).snapshot.context;
  if (/^(active|refreshing)/.test(state) && !again && ask === null) {
    guide.screen.write(`${name} is active; ${dotvault("enrol", name, "--again")} signs in anew\n`);
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
