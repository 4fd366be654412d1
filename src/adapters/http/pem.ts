import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Why a file with certificates or keys can't be used; for a person. */
export class TrustProblem extends Error {}

/**
 * The certificates of a PEM file. OpenSSL takes any text as a CA and then trusts nobody new: that is a problem here instead.
 *
 * @param what how a person calls the file: "CA file"
 * @throws TrustProblem
 */
export function certificatesIn(file: string, what: string): string[] {
  const found = blocksOf(readPem(file, what));
  if (found.length === 0) throw new TrustProblem(`no PEM certificate in the ${what} ${file}`);
  return checked(found, `${what} ${file}`);
}

/** Those of all files of a directory. Files that hold none (links by hash, a README) are passed over, folders too. */
export function certificatesBelow(directory: string): string[] {
  const found = filesOf(directory).flatMap((file) => checked(blocksOf(readPem(file, "CA file")), `CA file ${file}`));
  if (found.length === 0) throw new TrustProblem(`no PEM certificate in the CA directory ${directory}`);
  return found;
}

/** @throws TrustProblem */
export function readPem(file: string, what: string): string {
  return reading(() => readFileSync(file, "utf8"), `the ${what} ${file}`);
}

/** Changes when the files' contents do: names, times, sizes. A file that is not there has a stamp, too. */
export function stampOf(files: readonly (string | undefined)[], directory: string | undefined): string {
  const all = [...files, directory, ...(directory === undefined ? [] : listed(directory))];
  return all.map((file) => (file === undefined ? "" : stamp(file))).join("\n");
}

function stamp(file: string): string {
  const facts = statSync(file, { throwIfNoEntry: false });
  return facts === undefined ? `${file} -` : `${file} ${facts.ino} ${facts.mtimeMs} ${facts.size}`;
}

function filesOf(directory: string): string[] {
  const names = reading(() => readdirSync(directory), `the CA directory ${directory}`);
  return names
    .map((name) => join(directory, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

function listed(directory: string): string[] {
  try {
    return filesOf(directory);
  } catch {
    return [];
  }
}

function reading<T>(read: () => T, what: string): T {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new TrustProblem(`${what} can't be read${code}`);
  }
}

function blocksOf(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function checked(blocks: string[], where: string): string[] {
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch {
      throw new TrustProblem(`a damaged certificate in the ${where}`);
    }
  }
  return blocks;
}
