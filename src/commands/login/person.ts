import { randomUUID } from "node:crypto";
import { createDesktop } from "../../adapters/desktop/desktop.ts";
import { StoreFailure } from "../../adapters/store-port.ts";
import { createVaultClient } from "../../adapters/vault/client.ts";
import type { LoginMethod, LoginResult, PersonPorts } from "../../adapters/vault/login/method.ts";
import type { Sealer } from "../../agent/ports.ts";
import { lifeOf } from "../../agent/vault-session/performers.ts";
import type { LoginReport } from "../../agent/vault-session/requests.ts";
import type { VaultConfig } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import type { JsonObject, SecretKind, SecretRef } from "../../journal/port.ts";
import type { SessionSnapshot } from "../../machines/vault-session/decide.ts";
import { harmless } from "../../terminal/style.ts";
import { type Contact, taken } from "../assembly/follow.ts";
import { storedKey } from "../assembly/keys.ts";
import { sealerOf } from "../assembly/sealer.ts";
import { vaultHttp } from "../assembly/vault.ts";
import type { Io } from "../cli/io.ts";
import { loginOutcome, type Outcome } from "./outcome.ts";

export interface Desk {
  readonly contact: Contact;
  /** The session's. */
  readonly stream: string;
  readonly method: LoginMethod;
  readonly where: Paths;
  readonly vault: VaultConfig & { readonly address: string };
  readonly io: Io;
}

/**
 * Logs in with the person at this terminal. What comes of it goes to the agent, sealed with the journal's key; should
 * somebody be quicker in another terminal, their login is taken.
 */
export async function logInHere(desk: Desk): Promise<Outcome> {
  const { contact, stream, where } = desk;
  const key = storedKey(where);
  if (!key) throw new DotvaultError("key.missing", `the key ${where.key} is missing`);
  const request = await contact.ask("login", { person: true });
  await taken(contact, request);
  const since = contact.reader.request(request)?.seq ?? 0;
  const over = new AbortController();
  const elsewhere = loginOutcome({ reader: contact.reader }, stream, since, over.signal);
  elsewhere.catch(() => undefined);
  try {
    const here = performHere(desk, sealerOf(key), over.signal);
    const quicker = elsewhere.then((outcome) => (outcome.kind === "logged-in" ? outcome : here));
    return await Promise.race([here, quicker]);
  } finally {
    over.abort();
  }
}

async function performHere(desk: Desk, sealer: Sealer, signal: AbortSignal): Promise<Outcome> {
  const { vault, io, method } = desk;
  const http = await vaultHttp(vault, io);
  const { address, namespace } = vault;
  const client = createVaultClient({ address, namespace, http, token: async () => undefined });
  const person = personAt(io);
  const ports = { client, now: io.now, signal, person, warn: (message: string) => person.tell(`! ${message}`) };
  try {
    let kept = keptFor(desk, sealer);
    for (;;) {
      const result = await method.login({ ...ports, ...(kept && { kept }) });
      if (result.kind !== "kept") return await report(desk, sealer, result);
      kept = result.secret;
      const sealed = seal(desk, sealer, "wrapped", result.secret);
      await tell(desk, { kind: "kept", kept: sealed.ref, jwe: sealed.jwe });
    }
  } catch (error) {
    if (signal.aborted) throw error;
    await tell(desk, { kind: "given-up" });
    if (error instanceof StoreFailure)
      return { kind: "refused", message: error.message, hint: error.hint ?? null, person: false };
    throw error;
  } finally {
    await http.close();
  }
}

type Ended = Exclude<LoginResult, { kind: "kept" }>;

async function report(desk: Desk, sealer: Sealer, result: Ended): Promise<Outcome> {
  if (result.kind === "refused") {
    const { class: kind, message, hint } = result;
    await tell(desk, { kind: "refused", class: kind, message, hint });
    return { kind: "refused", message, hint, person: false };
  }
  const { life } = result;
  const { ref: token, jwe } = seal(desk, sealer, "vaultToken", Buffer.from(life.token, "utf8"));
  await tell(desk, { kind: "granted", token, jwe, life: lifeOf(life), who: life.who ?? null });
  return { kind: "logged-in" };
}

async function tell({ contact }: Desk, what: LoginReport): Promise<void> {
  await taken(contact, await contact.ask("login-ended", what as unknown as JsonObject));
}

function seal({ stream, io }: Desk, sealer: Sealer, kind: SecretKind, bytes: Uint8Array) {
  const ref: SecretRef = { id: `${stream}#login.${randomUUID()}`, kind, digest: sealer.digest(bytes) };
  return { ref, jwe: sealer.seal({ id: ref.id, kind, stream, at: io.now() }, bytes) };
}

/** What an earlier login has left for the next one. */
function keptFor({ contact, stream }: Desk, sealer: Sealer): Uint8Array | undefined {
  const session = contact.reader.head(stream)?.snapshot as SessionSnapshot | undefined;
  const ref = session?.context.kept;
  const jwe = ref && contact.reader.sealed(ref.id);
  return jwe ? sealer.open({ id: ref.id, kind: ref.kind, stream }, jwe) : undefined;
}

function personAt(io: Io): PersonPorts {
  const desktop = createDesktop(io.platform, io.env);
  return {
    tell: (line) => io.err.write(`${harmless(line)}\n`),
    async ask(question, { hidden }) {
      const line = await answerTo(`${harmless(question)} `, hidden, io);
      if (line === undefined)
        throw new DotvaultError("login.nobody", "nobody answers here", { hint: "run it on a terminal" });
      return line;
    },
    openBrowser: (url) => desktop.open(url, new URL(url).origin),
  };
}

function answerTo(question: string, hidden: boolean, { input, err }: Io): Promise<string | undefined> {
  const ask = () => err.write(question);
  if (hidden && input.isTerminal && input.readHidden) return input.readHidden(ask).finally(() => err.write("\n"));
  ask();
  return input.readLine();
}
