import { stateName } from "../machines/enrolment/decide.ts";
import { pathsOf, requireConfig } from "./config.ts";
import { follow, reachAgent, type Scene, taken } from "./follow.ts";
import { type Command, EXIT, type Io } from "./io.ts";
import { requireEnrolment } from "./names.ts";
import { known } from "./refresh.ts";

/** Un-enrols: the secret leaves the store, the tokens are revoked at the service, the history stays. */
export const revoke: Command = async (parsed, io) => {
  const loaded = requireConfig(parsed, io);
  const { config } = loaded;
  const [name = ""] = parsed.positionals;
  requireEnrolment(config, name);
  const contact = await reachAgent(pathsOf(io), loaded, io);
  try {
    await known(contact, name);
    await taken(contact, await contact.ask("revoke", { name }));
    return await follow(contact, name, (scene) => told(name, scene, io));
  } finally {
    await contact.close();
  }
};

/** What an un-enrolment waits for; an older cleanup that fails is none of its business. */
const STEPS = ["claim", "read", "remove"];

/** Removed first; then the tokens, which may take longer than a person wants to wait. */
function told(name: string, { snapshot, intents }: Scene, io: Io): number | undefined {
  const failure = intents.find(({ kind, failure: failed }) => failed !== null && STEPS.includes(kind))?.failure;
  if (failure) {
    io.err.write(`! ${name}: ${failure.message}; the agent goes on trying, dotvault status shows how it stands\n`);
    return EXIT.error;
  }
  if (stateName(snapshot.value) !== "idle.unenrolled") return undefined;
  // Superseded tokens wait a minute for running programs; the agent sees to them.
  if (snapshot.context.cleanups.some(({ why }) => why !== "superseded")) return undefined;
  io.err.write(`✓ ${name} un-enrolled: secret removed, tokens revoked; its files stay as they are\n`);
  return EXIT.healthy;
}
