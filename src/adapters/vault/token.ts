import { open } from "node:fs/promises";
import { join } from "node:path";
import { StoreFailure } from "../store-port.ts";

export interface TokenSourceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  /** Told once, when others on this machine can read the file. */
  readonly warn: (message: string) => void;
}

/**
 * The person's own Vault token: `DOTVAULT_TOKEN`, then `~/.dotvault-token`. Never `VAULT_TOKEN`, which belongs to another
 * tool. The file is read each time, so that a replaced one is picked up. Throws {@link StoreFailure} when it can't be read.
 */
export function createTokenSource(options: TokenSourceOptions): () => Promise<string | undefined> {
  const path = join(options.home, ".dotvault-token");
  let warned = false;
  return async () => {
    const fromEnv = options.env.DOTVAULT_TOKEN?.trim();
    if (fromEnv) return fromEnv;
    const file = await readTokenFile(path);
    if (file?.exposed && !warned) {
      warned = true;
      options.warn(`${path} can be read by other users of this machine: chmod 600 ${path}`);
    }
    return file?.token;
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
