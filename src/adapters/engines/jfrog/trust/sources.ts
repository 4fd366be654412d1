import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Http, HttpFailure } from "../../../http/port.ts";
import { isPage } from "../body.ts";
import { type Certificate, readCertificates } from "./certificates.ts";

/** What was read at one source. `problem`: why (some of) it could not be; for people. */
export interface Source {
  readonly certificates: readonly Certificate[];
  readonly problem: string | null;
}

const LARGEST_FILE = 256 * 1024;
const MOST_FILES = 200;

/** A source that is a JFrog Platform: its own root certificate is asked for. */
export function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** The root certificate of the instance at this origin (`cert/root`, Artifactory 7.12.0 and later); no token is sent. */
export async function rootOf(origin: string, http: Http, signal?: AbortSignal): Promise<Source> {
  const url = `${origin}/access/api/v1/cert/root`;
  try {
    const answer = await http.send({ method: "GET", url, ...(signal === undefined ? {} : { signal }) });
    const found = answer.status === 200 && !isPage(answer) ? readCertificates(Buffer.from(answer.body), origin) : [];
    if (found !== undefined && found.length > 0) return { certificates: found, problem: null };
    return { certificates: [], problem: `${origin} answered ${answer.status}, and no certificate` };
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    return { certificates: [], problem: error.message };
  }
}

/** The certificates in a file, or in all files of a directory (hidden ones aside). */
export async function readPath(path: string): Promise<Source> {
  try {
    const names = await readdir(path);
    const files = names.filter((name) => !name.startsWith(".")).sort();
    const found = await Promise.all(files.slice(0, MOST_FILES).map((name) => readFileAt(join(path, name), true)));
    return {
      certificates: found.flatMap(({ certificates }) => certificates),
      problem: found.find(({ problem }) => problem !== null)?.problem ?? null,
    };
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return readFileAt(path, false);
    return { certificates: [], problem: `${path} can't be read (${codeOf(error)})` };
  }
}

async function readFileAt(path: string, amongOthers: boolean): Promise<Source> {
  try {
    const facts = await stat(path);
    if (amongOthers && facts.isDirectory()) return { certificates: [], problem: null };
    // Of a pipe nobody knows when it ends, or whether it begins.
    const content = !facts.isFile() || facts.size > LARGEST_FILE ? undefined : await readFile(path);
    const certificates = content && readCertificates(content, path);
    return {
      certificates: certificates ?? [],
      problem: certificates ? null : `${path} holds no certificate, or a broken one`,
    };
  } catch (error) {
    return { certificates: [], problem: `${path} can't be read (${codeOf(error)})` };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
