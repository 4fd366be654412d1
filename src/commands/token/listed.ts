import { createHttp } from "../../adapters/http/create.ts";
import { StoreFailure } from "../../adapters/store-port.ts";
import type { Enrolment } from "../../agent/ports.ts";
import type { Config } from "../../config/config.ts";
import { DotvaultError } from "../../errors.ts";
import { openReader } from "../../journal/reader.ts";
import { pathsOf } from "../assembly/config.ts";
import { engines } from "../assembly/engines.ts";
import { requireEnrolment } from "../assembly/names.ts";
import type { Io } from "../cli/io.ts";
import { credentialOf } from "./credential.ts";
import { eachOnce, type Found, type Listed, NO_JOURNAL, sightOf, tokensOf, withTokens } from "./lineage.ts";

/** A service that does not answer must not hold up what the journal knows; milliseconds. */
const PATIENCE = 10_000;

/**
 * The tokens of all enrolments, or of one, as the journal knows them and the services list them. Of an enrolment that the
 * configuration names no more only the journal tells. Throws `usage.enrolment`.
 */
export async function allTokens(config: Config, io: Io, only?: string): Promise<Found> {
  const reader = openReader({ directory: pathsOf(io).stateDir });
  if (!reader) return NO_JOURNAL;
  const http = createHttp({ env: io.env });
  try {
    const sight = sightOf(reader);
    const isWanted = (name: string) => only === undefined || name === only;
    const there = await engines(config, http, io);
    const left = withTokens(sight).filter((name) => isWanted(name) && !there.some((one) => one.name === name));
    if (only !== undefined && left.length === 0) requireEnrolment(config, only);
    const asked = there.filter(({ name, engine }) => engine.list && isWanted(name));
    const each = await Promise.all([
      ...asked.map((enrolment) => listedBy(enrolment, config, io)),
      ...left.map((name) => ({ name, listed: null, notes: [`${name} was not asked for: ${NAMED_NO_MORE}`] })),
    ]);
    const tokens = each.flatMap(({ name, listed }) => tokensOf(name, sight, listed, io.now()));
    return { tokens: eachOnce(tokens), notes: each.flatMap(({ notes }) => notes) };
  } finally {
    await http.close();
    reader.close();
  }
}

const NAMED_NO_MORE = "the configuration names it no more";

interface Answer {
  readonly name: string;
  readonly listed: Listed;
  /** Why the service could not be asked. */
  readonly notes: readonly string[];
}

/** What the service lists of the enrolment's user; of an administrator's list only that. */
async function listedBy({ name, engine }: Enrolment, config: Config, io: Io): Promise<Answer> {
  const unknown = (why: string) => ({ name, listed: null, notes: [`${name}: ${engine.label} was not asked (${why})`] });
  try {
    const pair = await credentialOf(name, config, pathsOf(io), io);
    const result = await engine.list?.(pair, AbortSignal.timeout(PATIENCE));
    if (result?.kind !== "listed") return unknown(result?.message ?? "it has no list");
    const { user } = engine.describe(pair);
    return { name, listed: result.tokens.filter((token) => user === undefined || token.user === user), notes: [] };
  } catch (error) {
    if (error instanceof DotvaultError || error instanceof StoreFailure) return unknown(error.message);
    throw error;
  }
}
