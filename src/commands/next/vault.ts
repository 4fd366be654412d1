import type { JournalReader } from "../../journal/port.ts";
import { forecastSession, type SessionForeseen } from "../../machines/forecast/session.ts";
import { VAULT } from "../../machines/stream/names.ts";
import type { Settings } from "../../machines/vault-session/context.ts";
import type { NextItem } from "../../terminal/next.ts";
import { keptSession } from "../status/session.ts";
import { type Future, folded, type Out, once, type Question } from "./items.ts";
import { sessionOf } from "./session.ts";

/** What lies before the login at Vault, and from when on nothing can be done there. */
export function vaultFuture(
  reader: JournalReader,
  server: string | null | undefined,
  { during, offline, agentRuns }: Omit<Question, "out">,
): Future & { readonly out: Out | null } {
  const stream = keptSession(reader.heads(VAULT), server)?.stream;
  const beginning = stream === undefined ? undefined : sessionOf(reader, stream, agentRuns);
  if (!beginning || stream === undefined) return { items: [], expiring: [], out: null };
  const { settings } = beginning.standing.snapshot.context;
  const run = runOf(settings);
  const { seen, outFrom } = forecastSession(beginning, during, ...(offline ? [offline] : []));
  const name = stream.slice(VAULT.length);
  const told = seen.filter(({ code, at }) => code !== "session-ends" || !asksAt(seen, at));
  const isAlone = settings?.method != null && !settings.needsPerson;
  const items = folded(told.map((each) => renewalOf(itemOf(each, name, run), isAlone)));
  const out = outFrom === null ? null : { from: outFrom, run };
  const ends = seen.filter(
    ({ code, at }) => code === "session-ends" && offline && at >= offline.from && at < offline.until,
  );
  // One that comes by itself is there again as soon as the network is.
  const expiring =
    out === null ? [] : ends.map(({ at }) => ({ name, at: new Date(at), ...UNTOLD, run: `${run ?? ""} --again` }));
  return { items, expiring: run === null ? [] : expiring, out };
}

/** That a login ends goes without saying where nobody is logged in from then on. */
function asksAt(seen: readonly SessionForeseen[], at: number): boolean {
  return seen.some((each) => each.code === "session-ask" && each.at === at);
}

/** How long the next one would live is the server's affair. */
const UNTOLD = { renewedUntil: null, helps: false } as const;

/** Null: the configuration knows no login; a person puts a token into a file. */
function runOf(settings: Settings | null): string | null {
  return settings?.method ? "dotvault login" : null;
}

/** Where a renewal gives no more time, somebody has to log in, unless dotvault does. */
function renewalOf(item: NextItem, isAlone: boolean): NextItem {
  return item.code === "session-renewal" && !isAlone ? { ...item, about: "person" } : item;
}

function itemOf(seen: SessionForeseen, name: string, run: string | null): NextItem {
  const { at, code } = seen;
  const item = { ...once(at), name, code, label: "Vault", about: "step" in seen ? seen.step : null };
  if (seen.code === "session-ask") return { ...item, about: seen.refused ? "refused" : null, who: "you", run };
  if (seen.code === "session-ends") return { ...item, about: seen.source, who: "service", run: null };
  return { ...item, who: "dotvault", run: null };
}
