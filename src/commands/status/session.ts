import type { JournalReader, OpenIntent, StreamHead, Wake } from "../../journal/port.ts";
import { VAULT } from "../../machines/stream/names.ts";
import { stateName } from "../../machines/stream/state-name.ts";
import { currentToken, type Token } from "../../machines/vault-session/context.ts";
import type { SessionSnapshot } from "../../machines/vault-session/decide.ts";
import type { Level, VaultReport } from "../../terminal/status/report.ts";
import { dateOf } from "../../terminal/times.ts";
import type { ConfiguredVault } from "./configured.ts";
import { retryOf } from "./enrolment.ts";

/** The session with Vault; null where there is none. From the journal alone. */
export function vaultReport(
  reader: JournalReader | undefined,
  heads: readonly StreamHead[],
  server: string | null | undefined,
  now: number,
): VaultReport | null {
  const head = keptSession(heads, server);
  if (head === undefined) return null;
  const { stream } = head;
  const recorded = { intents: reader?.openIntents(stream) ?? [], wakes: reader?.wakes(stream) ?? [] };
  return reportSession(stream.slice(VAULT.length), head.snapshot as unknown as SessionSnapshot, recorded, now);
}

/**
 * The session that is in use.
 *
 * @param server the one whose it is; null: there is none. Undefined: that is not known, and it is the newest
 */
export function keptSession(heads: readonly StreamHead[], server: string | null | undefined): StreamHead | undefined {
  if (server === null) return undefined;
  const sessions = heads.filter(({ stream, snapshot }) => stream.startsWith(VAULT) && isKept(snapshot));
  if (server !== undefined) return sessions.find(({ stream }) => stream === VAULT + server);
  return sessions.toSorted((a, b) => b.at - a.at)[0];
}

/** Whose session that is: a running agent stays with the server that it began with. */
export function serverInUse({ named, inUse }: ConfiguredVault, agentRuns: boolean): string | null | undefined {
  return agentRuns && inUse !== undefined ? inUse : named;
}

/** Of a server that the configuration has left nothing is kept. */
function isKept(snapshot: StreamHead["snapshot"]): boolean {
  return (snapshot as unknown as SessionSnapshot).context.settings !== null;
}

interface Recorded {
  readonly intents: readonly OpenIntent[];
  readonly wakes: readonly Wake[];
}

/** One session's report: pure. */
export function reportSession(
  server: string,
  { value, context }: SessionSnapshot,
  { intents, wakes }: Recorded,
  now: number,
): VaultReport {
  const token = currentToken(context);
  const { settings, refusal, ended, lost } = context;
  const report: Unjudged = {
    server,
    state: stateName(value),
    method: settings?.method ?? null,
    logsInAlone: settings !== null && settings.method !== null && !settings.needsPerson,
    source: token?.source ?? null,
    who: token?.who ?? null,
    since: dateOf(token?.since),
    renewedAt: dateOf(token?.renewedAt),
    expiresAt: dateOf(token?.life?.expiresAt),
    renewsAt: dateOf(wakes.find(({ name }) => name === "renew")?.at),
    refusal: refusal && { since: new Date(refusal.since), message: refusal.message, hint: refusal.hint },
    endedAt: dateOf(ended?.at),
    lostAnswers: lost?.count ?? 0,
    // What is given back nobody waits for.
    retries: intents.filter(({ kind }) => kind !== "giveBack").flatMap(retryOf),
  };
  const level = levelOf(report, token, now);
  return { ...report, level, run: level === "person-needed" && settings?.method !== null ? "dotvault login" : null };
}

type Unjudged = Omit<VaultReport, "level" | "run">;

/** A file or a variable that a login is made of is missing: somebody has to put it there. */
const PERSON_MENDS = /^store\.(no-token|token|tls|refused)$/;

function levelOf(report: Unjudged, token: Token | null, now: number): Level {
  const { state, logsInAlone, refusal, retries } = report;
  if (token === null) {
    if (state === "signingIn.person") return "under-way";
    if (!logsInAlone || state === "refused" || retries.some((retry) => PERSON_MENDS.test(retry.class))) {
      return "person-needed";
    }
    return retries.length > 0 || state === "signingIn.pausing" ? "trouble" : "under-way";
  }
  if (refusal !== null) return "person-needed";
  if (retries.length > 0) return "trouble";
  return endsSoon(report, token, now) ? "person-needed" : "healthy";
}

/** An eighth of its life is left, nobody can give it more, and nobody can log in anew. */
function endsSoon({ logsInAlone, renewsAt }: Unjudged, { life }: Token, now: number): boolean {
  if (logsInAlone || renewsAt !== null || life === null || life.expiresAt === null || life.dueAt === null) return false;
  return now >= life.expiresAt - (life.expiresAt - life.dueAt) * (3 / 8);
}
