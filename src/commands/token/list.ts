import { createHttp } from "../../adapters/http/create.ts";
import { StoreFailure } from "../../adapters/store-port.ts";
import type { Enrolment } from "../../agent/ports.ts";
import type { Config } from "../../config/config.ts";
import { DotvaultError } from "../../errors.ts";
import { openReader } from "../../journal/reader.ts";
import { styleFor } from "../../terminal/style.ts";
import { listText, type TokenListReport } from "../../terminal/token/list.ts";
import { pathsOf, requireConfig } from "../config.ts";
import { engines } from "../engines.ts";
import { type Command, EXIT, type Io } from "../io.ts";
import { printJson, withJsonErrors } from "../json.ts";
import { requireEnrolment } from "../names.ts";
import { requireArguments } from "./arguments.ts";
import { credentialOf } from "./credential.ts";
import { eachOnce, type Listed, type Sight, sightOf, tokensOf } from "./lineage.ts";

/** A service that does not answer must not hold up what the journal knows; milliseconds. */
const PATIENCE = 10_000;

/** Every token that this journal ever minted or received, checked against the service's list where it can be read. */
export const list: Command = withJsonErrors(async (parsed, io) => {
  requireArguments("list", parsed.positionals, [0, 1]);
  const { config } = requireConfig(parsed, io);
  const [only] = parsed.positionals;
  if (only !== undefined) requireEnrolment(config, only);
  const { tokens, notes } = await allTokens(config, io, { only, offline: parsed.flags.offline === true });
  if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, tokens, notes });
  else {
    const columns = io.out.isTerminal ? io.out.columns : Number.POSITIVE_INFINITY;
    io.out.write(listText(tokens, notes, { now: new Date(io.now()), style: styleFor(io.out, io.env), columns }));
  }
  return tokens.some(({ leftOver }) => leftOver) ? EXIT.error : EXIT.healthy;
});

export interface Found {
  readonly tokens: readonly TokenListReport[];
  /** Why a service could not be asked. */
  readonly notes: readonly string[];
}

/** Of all enrolments that have tokens at a service, or of one. */
export async function allTokens(
  config: Config,
  io: Io,
  { only, offline }: { readonly only: string | undefined; readonly offline: boolean },
): Promise<Found> {
  const reader = openReader({ directory: pathsOf(io).stateDir });
  if (!reader) return { tokens: [], notes: ["nothing is recorded yet: there is no journal"] };
  const http = createHttp({ env: io.env });
  try {
    const enrolments = await engines(config, http, io);
    const wanted = enrolments.filter(({ name, engine }) => engine.list && (only === undefined || name === only));
    const sight = sightOf(reader);
    const each = await Promise.all(wanted.map((enrolment) => tokensAt(enrolment, config, { io, sight, offline })));
    return { tokens: eachOnce(each.flatMap(({ tokens }) => tokens)), notes: each.flatMap(({ notes }) => notes) };
  } finally {
    await http.close();
    reader.close();
  }
}

async function tokensAt(
  enrolment: Enrolment,
  config: Config,
  { io, sight, offline }: { readonly io: Io; readonly sight: Sight; readonly offline: boolean },
): Promise<Found> {
  const asked = offline ? { listed: null, notes: [] } : await listedBy(enrolment, config, io);
  return { tokens: tokensOf(enrolment.name, sight, asked.listed, io.now()), notes: asked.notes };
}

/** What the service lists of the enrolment's user; of an administrator's list only that. */
async function listedBy(
  { name, engine }: Enrolment,
  config: Config,
  io: Io,
): Promise<{ readonly listed: Listed; readonly notes: readonly string[] }> {
  const unknown = (why: string) => ({ listed: null, notes: [`${name}: ${engine.label} was not asked (${why})`] });
  try {
    const pair = await credentialOf(name, config, pathsOf(io), io);
    const result = await engine.list?.(pair, AbortSignal.timeout(PATIENCE));
    if (result?.kind !== "listed") return unknown(result?.message ?? "it has no list");
    const { user } = engine.describe(pair);
    return { listed: result.tokens.filter((token) => user === undefined || token.user === user), notes: [] };
  } catch (error) {
    if (error instanceof DotvaultError || error instanceof StoreFailure) return unknown(error.message);
    throw error;
  }
}
