import { readFile, stat } from "node:fs/promises";
import { StoreFailure } from "../../store-port.ts";

/** The one line of a file that something else puts there. Throws {@link StoreFailure} `store.no-token`. */
export async function lineOf(file: string): Promise<string> {
  try {
    const text = (await readFile(file, "utf8")).trim();
    if (text !== "") return text;
  } catch (error) {
    throw notYet(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
  throw notYet(`${file} is empty`);
}

/** What a login is made of is not there yet. */
export function notYet(what: string): StoreFailure {
  return new StoreFailure("store.no-token", `no login at Vault: ${what}`, {
    hint: "dotvault logs in by itself as soon as it is there",
  });
}

/** A file as far as it shows whether somebody has replaced it: never its content, which a person may have chosen. */
export async function markOf(path: string): Promise<readonly unknown[]> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return [path, mtimeMs, size, ino];
  } catch (error) {
    return [path, (error as NodeJS.ErrnoException).code];
  }
}
