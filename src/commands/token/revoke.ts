import { DotvaultError } from "../../errors.ts";
import { revocationsSnapshot } from "../../machines/revocations/revocations.ts";
import { REVOCATIONS } from "../../machines/stream/names.ts";
import { dotvault } from "../../shell.ts";
import type { TokenListReport } from "../../terminal/token/list.ts";
import { pathsOf, requireConfig } from "../assembly/config.ts";
import { type Contact, follow, reachAgent, taken } from "../assembly/follow.ts";
import { type Command, EXIT, type Io, type Parsed } from "../cli/io.ts";
import { requireArguments } from "./arguments.ts";
import { allTokens } from "./listed.ts";

/** Revokes a token by its id, or all that nobody uses any more. The agent does it, so that the journal knows. */
export const revoke: Command = async (parsed, io) => {
  const orphans = parsed.flags.orphans === true;
  requireArguments("revoke", parsed.positionals, orphans ? [0, 0] : [1, 1]);
  const loaded = requireConfig(parsed, io);
  const { tokens, notes } = await allTokens(loaded.config, io);
  for (const note of notes) io.err.write(`! ${note}\n`);
  const chosen = orphans ? tokens.filter(({ leftOver }) => leftOver) : [theToken(parsed, tokens)];
  if (chosen.length === 0) {
    io.err.write(notes.length > 0 ? "none that is known of\n" : "✓ no token is left over\n");
    return notes.length > 0 ? EXIT.error : EXIT.healthy;
  }
  if (parsed.flags["dry-run"] === true) {
    for (const { tokenId, enrolment } of chosen) io.out.write(`${tokenId} (${enrolment}) would be revoked\n`);
    return EXIT.healthy;
  }
  const contact = await reachAgent(pathsOf(io), loaded, io);
  try {
    const groups = [...Map.groupBy(chosen, ({ enrolment }) => enrolment)];
    const codes = await Promise.all(groups.map(([name, group]) => revokeAll(contact, name, group, io)));
    return Math.max(...codes);
  } finally {
    await contact.close();
  }
};

/** Throws `token.unknown`, `token.in-use`. */
function theToken({ positionals: [id = ""] }: Parsed, tokens: readonly TokenListReport[]): TokenListReport {
  const found = tokens.find(({ tokenId }) => tokenId === id);
  if (!found)
    throw new DotvaultError("token.unknown", `neither the journal nor a service knows a token ${id}`, {
      hint: "dotvault token list shows all",
    });
  if (found.standing === "in-use")
    throw new DotvaultError("token.in-use", `${id} is the credential of ${found.enrolment}, and in use`, {
      hint: `${dotvault("revoke", found.enrolment)} un-enrols; ${dotvault("refresh", found.enrolment)} rotates it`,
    });
  return found;
}

async function revokeAll(contact: Contact, name: string, tokens: readonly TokenListReport[], io: Io): Promise<number> {
  const ids = tokens.flatMap(({ tokenId }) => tokenId ?? []);
  await taken(contact, await contact.ask("revoke-tokens", { name, tokens: ids }));
  return follow(contact, name, () => ended(contact, name, ids, io));
}

/** @returns the exit code once something is known of each */
function ended({ reader, goesOn }: Contact, name: string, ids: readonly string[], io: Io): number | undefined {
  const stream = REVOCATIONS + name;
  const { ended: known } = revocationsSnapshot(reader.head(stream)?.snapshot);
  const open = reader.openIntents(stream);
  const told = ids.map((id) => {
    const end = known.find(({ tokenId }) => tokenId === id);
    const failure = open.find(({ subject }) => subject === id)?.failure;
    return {
      id,
      how: end?.how ?? null,
      message: end ? end.message : (failure?.message ?? null),
      isOver: end !== undefined,
    };
  });
  if (told.some(({ isOver, message }) => !isOver && message === null)) return undefined;
  for (const { id, how, message, isOver } of told) {
    if (how !== null) io.err.write(`✓ ${id} ${how === "already" ? "was revoked already" : "revoked"}\n`);
    else io.err.write(`${isOver ? "✗" : "!"} ${id}: ${message}${isOver ? "" : `; ${goesOn()}`}\n`);
  }
  return told.every(({ how }) => how !== null) ? EXIT.healthy : EXIT.error;
}
