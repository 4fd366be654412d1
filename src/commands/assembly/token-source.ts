import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { type ReadToken, sourceName, type TokenSource } from "../../adapters/engines/token-source.ts";
import type { SecretStore } from "../../adapters/store-port.ts";
import type { Config } from "../../config/config.ts";
import { expandHome } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import type { Io } from "../cli/io.ts";

/** A program that hangs is ended after so long, milliseconds. */
const PATIENCE = 60_000;
const LONGEST = 64 * 1024;

/** Reads tokens for logins without a person, where the settings say that they are. */
export function tokenReader({ env, home }: Pick<Io, "env" | "home">, store?: SecretStore): ReadToken {
  return async (source, signal) => {
    const text = await READERS[source.from](source as never, { env, home, store, signal });
    if (text.trim() === "") throw nothing(source, "is empty");
    return text.trim();
  };
}

/** What other programs see of our environment: not the tokens that logins take from it. */
export function withoutTokens(env: Io["env"], { enrolments }: Pick<Config, "enrolments">): Io["env"] {
  const logins = enrolments.map(({ settings }) => settings.login as { source?: TokenSource } | undefined);
  const names = logins.flatMap((login) => (login?.source?.from === "env" ? [login.source.name] : []));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

interface Means {
  readonly env: Io["env"];
  readonly home: string;
  readonly store: SecretStore | undefined;
  readonly signal: AbortSignal;
}
type Reader<F extends TokenSource["from"]> = (
  source: Extract<TokenSource, { from: F }>,
  means: Means,
) => Promise<string>;

const READERS: { readonly [F in TokenSource["from"]]: Reader<F> } = {
  env: async (source, { env }) => {
    const value = env[source.name];
    if (value === undefined) throw nothing(source, "is not set", "in a pipeline: has this step got it?");
    return value;
  },
  file: async (source, { home, signal }) => {
    try {
      return await readFile(expandHome(source.path, home), { encoding: "utf8", signal });
    } catch (error) {
      throw nothing(source, `can't be read (${codeOf(error)})`);
    }
  },
  command: (source, means) => printed(source, means),
  vault: async (source, { store, signal }) => {
    if (!store?.readShared) throw nothing(source, "can't be read: there is no Vault", "set vault.address");
    const found = await store.readShared(source.path, signal);
    const value = found.state === "present" ? found.fields[source.field] : undefined;
    if (typeof value !== "string") throw nothing(source, `has no field ${source.field}`);
    return value;
  },
};

/** What a program prints; what it says on stderr may hold anything, and is not repeated. */
function printed(source: Extract<TokenSource, { from: "command" }>, { env, signal }: Means): Promise<string> {
  const [program, ...args] = source.words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...env }, stdio: ["ignore", "pipe", "ignore"], detached: true });
    const over = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    const fail = (what: string) => {
      endAll(child);
      reject(nothing(source, what));
    };
    const late = () => fail(signal.aborted ? "was stopped" : `was not done after ${PATIENCE / 1000} s`);
    over.addEventListener("abort", late);
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (text.length > LONGEST) fail("prints more than a token");
    });
    child.once("error", (error) => fail(`can't be started (${codeOf(error)})`));
    child.once("close", (code) => {
      over.removeEventListener("abort", late);
      if (code === 0) resolve(text);
      else fail(`ended with ${code === null ? "a signal" : `exit code ${code}`}`);
    });
  });
}

/** With all that it has started: a child of a shell outlives it, and would hold the pipe. */
function endAll(child: ChildProcess): void {
  child.stdout?.destroy();
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

function nothing(source: TokenSource, what: string, hint?: string): DotvaultError {
  return new DotvaultError(
    `source.${source.from}`,
    `${sourceName(source)} ${what}`,
    hint === undefined ? {} : { hint },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
