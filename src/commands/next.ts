import { paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { lockHolder } from "../journal/lock.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { type NextReport, nextText } from "../terminal/next.ts";
import { styleFor } from "../terminal/style.ts";
import { type Command, EXIT, type Io, type Parsed, textFlag } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";
import { askedAgain } from "./next/asked.ts";
import { futureOf } from "./next/items.ts";
import { horizon, parseOffline } from "./next/offline.ts";
import { vaultFuture } from "./next/vault.ts";
import { configuredNames } from "./status/configured.ts";
import { serverInUse } from "./status/session.ts";

/** What will happen in the next week, by the machines themselves run forward from the journal. Asks nobody; changes nothing. */
export const next: Command = withJsonErrors(async (parsed, io) => {
  const renews = parsed.flags.renew === true;
  if (renews && textFlag(parsed, "offline") === undefined) throw renewsNothing();
  const worst = renews ? await renew((await lookAhead(parsed, io)).expiring, parsed, io) : EXIT.healthy;
  const report = await lookAhead(parsed, io);
  const columns = io.out.isTerminal ? io.out.columns : undefined;
  if (parsed.flags.json === true) printJson(io, report);
  else io.out.write(nextText(report, styleFor(io.out, io.env), columns));
  return renews ? Math.max(worst, leftOver(report)) : worst;
});

function renewsNothing(): DotvaultError {
  return new DotvaultError("usage.arguments", "next: --renew needs --offline: what ends meanwhile is renewed", {
    hint: "dotvault next --offline fri..mon --renew",
  });
}

/** What ends while offline all the same. */
function leftOver({ expiring }: NextReport): number {
  if (expiring.length === 0) return EXIT.healthy;
  return expiring.some(({ renewedUntil }) => renewedUntil === null) ? EXIT.personNeeded : EXIT.error;
}

async function lookAhead(parsed: Parsed, io: Io): Promise<NextReport> {
  const { stateDir } = paths(io.env, io.platform, io.home);
  const reader = openReader({ directory: stateDir });
  try {
    return await nextReport(reader, parsed, io);
  } finally {
    reader?.close();
  }
}

async function nextReport(reader: JournalReader | undefined, parsed: Parsed, io: Io): Promise<NextReport> {
  const now = io.now();
  const where = paths(io.env, io.platform, io.home);
  const text = textFlag(parsed, "offline");
  const offline = text === undefined ? undefined : parseOffline(text, now);
  const during = horizon(now, offline);
  const { enrolments, vault: servers } = await configuredNames(where, reader, parsed, io);
  const agentRuns = lockHolder({ directory: where.stateDir }) !== undefined;
  const asked = { during, offline, agentRuns };
  const vault = reader && vaultFuture(reader, serverInUse(servers, agentRuns), asked);
  const question = { ...asked, out: vault?.out ?? null };
  const futures = enrolments.map((one) => futureOf(reader, one, question));
  const again = reader ? enrolments.flatMap((one) => askedAgain(reader, one, question)) : [];
  const items = [...(vault?.items ?? []), ...futures.flatMap((future) => future.items), ...again];
  return {
    schemaVersion: 1,
    at: new Date(now),
    until: new Date(during.until),
    agentRuns,
    offline: offline === undefined ? null : { from: new Date(offline.from), until: new Date(offline.until) },
    items: items.toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    expiring: [...(vault?.expiring ?? []), ...futures.flatMap(({ expiring }) => expiring)],
  };
}

/** Renews what would end while offline, where that helps and takes no person. @returns the worst exit code */
async function renew(expiring: NextReport["expiring"], parsed: Parsed, io: Io): Promise<number> {
  const { refresh } = await import("./refresh.ts");
  let worst: number = EXIT.healthy;
  for (const { name, helps } of expiring) {
    if (!helps) continue;
    try {
      worst = Math.max(worst, await refresh({ positionals: [name], flags: { config: parsed.flags.config } }, io));
    } catch (error) {
      // The others may well be renewed.
      if (!(error instanceof DotvaultError)) throw error;
      io.err.write(`✗ ${name} was not renewed: ${error.message}\n`);
      worst = Math.max(worst, EXIT.error);
    }
  }
  return worst;
}
