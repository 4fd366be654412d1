import { hostOf } from "../agent/vault-session/names.ts";
import { DotvaultError } from "../errors.ts";
import { VAULT } from "../machines/stream/names.ts";
import { currentToken } from "../machines/vault-session/context.ts";
import type { SessionSnapshot } from "../machines/vault-session/decide.ts";
import { holderWords, untilWords } from "../terminal/session.ts";
import { harmless } from "../terminal/style.ts";
import { dateOf } from "../terminal/times.ts";
import { pathsOf, requireConfig } from "./assembly/config.ts";
import { type Contact, reach, taken } from "./assembly/follow.ts";
import { becomeVaultHost } from "./assembly/vault-host.ts";
import { methodOf } from "./assembly/vault-method.ts";
import { type Command, EXIT, type Io } from "./cli/io.ts";
import { loginOutcome, type Outcome } from "./login/outcome.ts";
import { type Desk, logInHere } from "./login/person.ts";

/** Logs in to Vault now: the agent does, or, where a person has to be there, this process, which hands it the token. */
export const login: Command = async (parsed, io) => {
  const { config } = requireConfig(parsed, io);
  const { vault } = config;
  const { address } = vault;
  if (address === undefined) throw noVault();
  const method = await methodOf(vault, io);
  if (method === undefined) throw noMethod();
  const where = pathsOf(io);
  const stream = VAULT + hostOf(address);
  const contact = await reach(where, io, () => becomeVaultHost(where, config, io, "dotvault login"));
  const desk = { contact, stream, method, where, vault: { ...vault, address }, io };
  try {
    const known = sessionIn(contact, stream);
    tellBrought(known, io);
    if (parsed.flags.again !== true && isLoggedIn(known)) return told(known, "already", io);
    const outcome =
      method.needsPerson || known?.context.refusal?.person ? await logInHere(desk) : await logInThere(desk);
    const wants = outcome.kind === "refused" && outcome.person && !method.needsPerson;
    return conclude(wants ? await logInHere(desk) : outcome, desk);
  } finally {
    await contact.close();
  }
};

function sessionIn({ reader }: Pick<Contact, "reader">, stream: string): SessionSnapshot | undefined {
  return reader.head(stream)?.snapshot as SessionSnapshot | undefined;
}

function isLoggedIn(known: SessionSnapshot | undefined): boolean {
  return known?.context.login !== null && known?.context.login !== undefined && known.context.refusal === null;
}

/** By the agent, as it does by itself. */
async function logInThere({ contact, stream }: Pick<Desk, "contact" | "stream">): Promise<Outcome> {
  const request = await contact.ask("login", { person: false });
  await taken(contact, request);
  return loginOutcome(contact, stream, contact.reader.request(request)?.seq ?? 0);
}

function conclude(outcome: Outcome, { contact, stream, io }: Desk): number {
  switch (outcome.kind) {
    case "logged-in":
      return told(sessionIn(contact, stream), "", io);
    case "refused":
      io.err.write(`✗ ${harmless(outcome.message)}\n${outcome.hint === null ? "" : `  ${harmless(outcome.hint)}\n`}`);
      return EXIT.personNeeded;
    case "trouble":
      io.err.write(`! ${harmless(outcome.message)}; ${contact.goesOn()}, dotvault status shows how it stands\n`);
      return EXIT.error;
  }
}

function told(session: SessionSnapshot | undefined, already: string, io: Io): number {
  const { login: token = null, settings } = session?.context ?? {};
  const expiresAt = token?.life?.expiresAt ?? null;
  const who = holderWords(token?.who ?? null, settings?.method ?? null);
  const until = untilWords(dateOf(expiresAt), new Date(io.now()));
  const again = already === "" ? "" : "; dotvault login --again logs in anew";
  io.err.write(`✓ ${already === "" ? "" : `${already} `}logged in to Vault ${who}, ${until}${again}\n`);
  return EXIT.healthy;
}

function tellBrought(session: SessionSnapshot | undefined, io: Io): void {
  const source = session && currentToken(session.context)?.source;
  if (source === undefined || source === "login") return;
  io.err.write(
    `! ${source === "env" ? "DOTVAULT_TOKEN" : "~/.dotvault-token"} comes before every login: as long as it is there it is used\n`,
  );
}

function noVault(): DotvaultError {
  const hint = "the embedded store needs no login; set vault.address to use a server";
  return new DotvaultError("login.no-vault", "the configuration names no Vault to log in to", { hint });
}

function noMethod(): DotvaultError {
  return new DotvaultError("login.no-method", "the configuration names no way to log in: vault.auth_method is token", {
    hint: "put a token into ~/.dotvault-token (mode 0600), or set vault.auth_method",
  });
}
