import { watch } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { shell } from "../../shell.ts";
import { StoreFailure } from "../store-port.ts";

export interface TokenSourceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  /** Told once, when others on this machine can read the file. */
  readonly warn: (message: string) => void;
}

/** A token that the person put there. */
export interface Brought {
  readonly token: string;
  readonly source: "env" | "file";
}

/** Where a person may put one. */
export const fileIn = (home: string) => join(home, ".dotvault-token");

/**
 * The person's own Vault token: `DOTVAULT_TOKEN`, then `~/.dotvault-token`. Never `VAULT_TOKEN`, which belongs to another
 * tool. The file is read each time, so that a replaced one is picked up. Throws {@link StoreFailure} when it can't be read.
 */
export function createTokenSource(options: TokenSourceOptions): () => Promise<Brought | undefined> {
  const path = fileIn(options.home);
  let warned = false;
  return async () => {
    const fromEnv = options.env.DOTVAULT_TOKEN?.trim();
    if (fromEnv) return { token: fromEnv, source: "env" };
    const file = await readTokenFile(path);
    if (file?.exposed && !warned) {
      warned = true;
      options.warn(`${path} can be read by other users of this machine: ${shell`chmod 600 ${path}`}`);
    }
    return file?.token === undefined ? undefined : { token: file.token, source: "file" };
  };
}

async function readTokenFile(path: string): Promise<{ token: string | undefined; exposed: boolean } | undefined> {
  try {
    await using file = await open(path, "r");
    const { mode } = await file.stat();
    const token = (await file.readFile("utf8")).trim();
    return { token: token === "" ? undefined : token, exposed: process.platform !== "win32" && (mode & 0o077) !== 0 };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return undefined;
    throw new StoreFailure("store.no-token", `${path} can't be read (${code})`, {
      hint: "it has to be a file of yours",
    });
  }
}

/**
 * Calls back when something happened to the token's file. Best effort: it is read with each request anyway.
 *
 * @returns ends the watch
 */
export function watchTokenFile(home: string, changed: () => void): () => void {
  const name = basename(fileIn(home));
  try {
    const watcher = watch(home, { persistent: false }, (_, file) => {
      if (file === name) changed();
    });
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => {};
  }
}
