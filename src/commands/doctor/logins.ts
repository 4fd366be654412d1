import { statSync } from "node:fs";
import type { LoginWay } from "../../adapters/engines/jfrog/login-way.ts";
import { inspectToken, stateAt } from "../../adapters/engines/jfrog/token/inspect.ts";
import { sourceName, type TokenSource } from "../../adapters/engines/token-source.ts";
import { type SecretStore, StoreFailure } from "../../adapters/store-port.ts";
import type { Config } from "../../config/config.ts";
import { expandHome } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { generateKey } from "../../seal/key.ts";
import { shell } from "../../shell.ts";
import type { Finding } from "../../terminal/doctor.ts";
import { pathsOf } from "../assembly/config.ts";
import { storedKey } from "../assembly/keys.ts";
import { openStoreToRead } from "../assembly/open-store.ts";
import { tokenReader } from "../assembly/token-source.ts";
import type { Io } from "../cli/io.ts";
import { bad, good, warning } from "./finding.ts";

type Unattended = Exclude<LoginWay, { by: "web" }>;

/**
 * Of enrolments that need nobody: is the token there that they log in with? It is looked for as a login does: programs are
 * run, and Vault is asked with the agent's token. What comes of it is judged, and never shown.
 */
export async function aboutLogins(config: Config, io: Io): Promise<Finding[]> {
  const logins = config.enrolments.flatMap(({ key, settings }) => {
    const login = settings.login as LoginWay | undefined;
    return login === undefined || login.by === "web" ? [] : [{ key, login }];
  });
  if (!logins.some(({ login }) => login.source.from === "vault")) return judged(logins, io);
  const where = pathsOf(io);
  const { store, close } = await openStoreToRead(where, config, { io, key: storedKey(where) ?? generateKey() });
  try {
    return await judged(logins, io, store);
  } finally {
    await close();
  }
}

type Named = { readonly key: string; readonly login: Unattended };

function judged(logins: readonly Named[], io: Io, store?: SecretStore): Promise<Finding[]> {
  return Promise.all(logins.map(({ key, login }) => aboutOne(key, login, io, store)));
}

async function aboutOne(name: string, login: Unattended, io: Io, store: SecretStore | undefined): Promise<Finding> {
  const { source } = login;
  try {
    const token = await tokenReader(io, store)(source, new AbortController().signal);
    return aboutToken(name, login, token, io.now()) ?? aboutPlace(name, source, io);
  } catch (error) {
    if (error instanceof StoreFailure)
      return bad("token", name, `${sourceName(source)} can't be read: ${error.message}`, error.hint ?? FIX);
    if (error instanceof DotvaultError) return bad("token", name, error.message, error.hint ?? FIX);
    throw error;
  }
}

const FIX = "put the token there that the login is made with";

/** What the service would refuse, as far as the token itself says so. */
function aboutToken(name: string, { by, source }: Unattended, token: string, now: number): Finding | undefined {
  const found = inspectToken(token);
  const place = sourceName(source);
  if (by === "oidc" && found.kind !== "jwt")
    return bad("token", name, `what ${place} holds is no ID token (no JWT)`, FIX);
  if (stateAt(found, now) === "expired") return bad("token", name, `the token of ${place} has expired`, FIX);
  return undefined;
}

function aboutPlace(name: string, source: TokenSource, io: Io): Finding {
  const what = source.from === "command" ? "prints" : "holds";
  const open = source.from === "file" ? modeOf(expandHome(source.path, io.home)) & 0o077 : 0;
  if (source.from !== "file" || open === 0)
    return good("token", name, `${sourceName(source)} ${what} a token to log in with`);
  return warning(
    "token",
    name,
    `${sourceName(source)} can be read by others`,
    shell`chmod 600 ${{ path: source.path }}`,
  );
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
