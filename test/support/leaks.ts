import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Leak {
  readonly file: string;
  /** What was found, never the secret itself. */
  readonly what: string;
}

export interface Search {
  /** Texts that must not be found. */
  readonly secrets: readonly string[];
  /** Keys, looked for in every spelling. */
  readonly keys?: readonly Uint8Array[];
}

/** Looks into every file below the directories, as bytes: databases, write-ahead logs, outputs. */
export function findLeaks(
  directories: readonly string[],
  search: Search,
  /** Whether a text may stand in a file. */
  isAllowed: (file: string, secret: string) => boolean = () => false,
): Leak[] {
  const needles = needlesOf(search);
  return directories.flatMap(filesBelow).flatMap((file) => {
    const bytes = readFileSync(file);
    return needles.flatMap(({ text, bytes: needle, what }) =>
      bytes.includes(needle) && !isAllowed(file, text) ? [{ file, what }] : [],
    );
  });
}

interface Needle {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly what: string;
}

function needlesOf({ secrets, keys = [] }: Search): Needle[] {
  const needles = secrets.flatMap((text, index) => [
    { text, bytes: Buffer.from(text), what: `secret ${index}` },
    // The signature alone would do, with a header and claims that anybody can guess.
    ...text
      .split(".")
      .slice(2)
      .map((part) => ({ text, bytes: Buffer.from(part), what: `the signature of secret ${index}` })),
  ]);
  return [...needles, ...keys.flatMap((key) => keyNeedles(Buffer.from(key)))];
}

function keyNeedles(key: Buffer): Needle[] {
  const spelled = (["base64", "base64url", "hex"] as const).map((encoding) => ({
    text: encoding,
    // Without padding it is found with padding too.
    bytes: Buffer.from(key.toString(encoding).replace(/=+$/, "")),
    what: `the key in ${encoding}`,
  }));
  return [{ text: "raw", bytes: key, what: "the key's bytes" }, ...spelled];
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((path) => join(directory, path))
    .filter((path) => lstatSync(path).isFile());
}
