import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { findTokens } from "../../adapters/engines/jfrog/token/find.ts";
import type { Config } from "../../config/config.ts";
import { expandHome } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { pathsOf, requireConfig } from "../assembly/config.ts";
import type { Io, Parsed } from "../cli/io.ts";
import { credentialOf } from "./credential.ts";

/** A token, and where it was read. */
export interface ReadToken {
  readonly token: string;
  /** For people: an enrolment's name, or `<file>:<line>`. */
  readonly place: string;
  readonly enrolment: string | null;
}

const LARGEST_FILE = 1024 * 1024;

/**
 * The tokens that an argument means: `-` is stdin; else the enrolment of that name, else the file; without one every
 * enrolment that has a token.
 */
export async function readTokens(parsed: Parsed, io: Io): Promise<ReadToken[]> {
  const [what] = parsed.positionals;
  if (what === "-") return tokensIn(await stdin(io), "stdin");
  const path = what === undefined ? undefined : resolve(io.cwd, expandHome(what, io.home));
  if (path !== undefined && /[/.~]/.test(what ?? "") && existsSync(path)) return tokensIn(fileAt(path), what ?? path);
  const { config } = requireConfig(parsed, io);
  if (what === undefined) return tokensOfAll(config, io);
  const isEnrolment = config.enrolments.some(({ key }) => key === what);
  if (!isEnrolment && path !== undefined && existsSync(path)) return tokensIn(fileAt(path), what);
  return [await tokenOf(what, config, io)];
}

function tokensIn(text: string, place: string): ReadToken[] {
  const found = findTokens(text, place);
  const alone = found.length === 1;
  return found.map(({ token, line }) => ({ token, place: alone ? place : `${place}:${line}`, enrolment: null }));
}

function fileAt(path: string): string {
  const facts = statSync(path);
  if (!facts.isFile()) throw new DotvaultError("token.no-file", `${path} is not a file`);
  if (facts.size > LARGEST_FILE)
    throw new DotvaultError("token.too-large", `${path} is larger than any file that holds a token`);
  return readFileSync(path, "utf8");
}

async function stdin({ input }: Io): Promise<string> {
  return (await input.readAll?.()) ?? "";
}

async function tokenOf(name: string, config: Config, io: Io): Promise<ReadToken> {
  const { access_token: token } = await credentialOf(name, config, pathsOf(io), io);
  if (token === undefined) throw new DotvaultError("token.none", `${name} is no access token`);
  return { token, place: name, enrolment: name };
}

async function tokensOfAll(config: Config, io: Io): Promise<ReadToken[]> {
  const names = config.enrolments.filter(({ engine }) => engine === "jfrog").map(({ key }) => key);
  const found: ReadToken[] = [];
  for (const name of names) {
    try {
      found.push(await tokenOf(name, config, io));
    } catch (error) {
      if (!(error instanceof DotvaultError) || !error.code.startsWith("token.")) throw error;
      io.err.write(`○ ${error.message}\n`);
    }
  }
  if (found.length > 0) return found;
  throw new DotvaultError("token.none", "no enrolment has an access token", { hint: "dotvault enrol" });
}
