import { DotvaultError } from "../errors.ts";
import { openReader } from "../journal/reader.ts";
import type { StateValue } from "../machines/enrolment/decide.ts";
import { pathsOf, requireConfig } from "./config.ts";
import { reachAgent } from "./follow.ts";
import { type Command, EXIT, type Io } from "./io.ts";
import { requireEnrolment } from "./names.ts";
import { isEnrolled, unenrol } from "./unenrol.ts";

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
  const names = name === undefined ? enrolled(config.enrolments, io) : [name];
  if (names.length === 0) {
    io.err.write("nothing to revoke: nothing is enrolled\n");
    return EXIT.healthy;
  }
  const contact = await reachAgent(pathsOf(io), loaded, io);
  try {
    const codes = await Promise.all(names.map((each) => unenrol(contact, each, io, { waitsForAll: isAll })));
    return Math.max(...codes);
  } finally {
    await contact.close();
  }
};

/** By the journal alone: whoever becomes the agent for it would begin enrolments that need nobody. */
function enrolled(enrolments: readonly { readonly key: string }[], io: Io): string[] {
  const reader = openReader({ directory: pathsOf(io).stateDir });
  try {
    const states = enrolments.map(({ key }) => ({ key, head: reader?.head(`enrolment/${key}`) }));
    return states.flatMap(({ key, head }) => (head && isEnrolled(head.state as StateValue) ? [key] : []));
  } finally {
    reader?.close();
  }
}
