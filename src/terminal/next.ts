import { harmless, type Style } from "./style.ts";
import { clock, count, relative, span } from "./times.ts";

/** What will happen, as far as it can be known; for programs as this very document (docs/json.md). */
export interface NextReport {
  readonly schemaVersion: 1;
  readonly at: Date;
  /** So far it looks ahead. */
  readonly until: Date;
  /** Without an agent nothing of it is done before one runs. */
  readonly agentRuns: boolean;
  readonly offline: { readonly from: Date; readonly until: Date } | null;
  /** In the order of time. */
  readonly items: readonly NextItem[];
  /** Tokens that end while this machine is offline. */
  readonly expiring: readonly Expiring[];
}

export interface NextItem {
  readonly at: Date;
  /** Of the enrolment. */
  readonly name: string;
  readonly code: "rotation" | "retry" | "look" | "revocation" | "login-ends" | "token-ends" | "ask" | "open";
  /** The step that comes again, or whose answer decides; the reason of an `ask`. */
  readonly about: string | null;
  readonly who: "dotvault" | "service" | "you";
  /** The engine's name for people. */
  readonly label: string;
  /** What the person has to run; null: nothing. */
  readonly run: string | null;
  /** How often it comes in the time that is looked at, and how far apart, milliseconds; 1 and null: once. */
  readonly times: number;
  readonly every: number | null;
}

export interface Expiring {
  readonly name: string;
  readonly at: Date;
  /** When a token that is got now would end; null: none can be got without the person, or its life is not known. */
  readonly renewedUntil: Date | null;
  /** It outlives the time offline. */
  readonly helps: boolean;
  readonly run: string;
}

/** `next` for people: a table, and what would end while offline. */
export function nextText(report: NextReport, style: Style): string {
  const { items, at, agentRuns } = report;
  const preface = agentRuns ? [] : [style.dim("no agent runs: dotvault does nothing of this before one does")];
  const rows = items.map((item) => cells(item, at));
  const table = items.length === 0 ? [quiet(report)] : aligned([HEAD, ...rows], style);
  return `${[...preface, ...table, ...offlineLines(report, style)].join("\n")}\n`;
}

const HEAD = ["WHEN", "IN", "WHAT", "WHO", "NEEDS YOU"] as const;

function cells({ at, name, run, who, label, ...item }: NextItem, now: Date): string[] {
  const what = `${harmless(name)}: ${whatWords(item)}`;
  const needs = run === null ? "no" : `yes: ${run}`;
  const past = at.getTime() <= now.getTime();
  return [
    past ? "now" : clock(at, now),
    past ? "" : relative(at, now).replace("in ", ""),
    what,
    WHO[who] ?? label,
    needs,
  ];
}

const WHO: Readonly<Record<string, string>> = { dotvault: "dotvault", you: "you" };

function whatWords({ code, about, times, every }: Pick<NextItem, "code" | "about" | "times" | "every">) {
  const again = times > 1 && every !== null ? `, every ${span(every)} (${count(times, "time")})` : "";
  return WHAT[code](about) + again;
}

const WHAT: { readonly [C in NextItem["code"]]: (about: string | null) => string } = {
  rotation: () => "rotation",
  retry: (step) => `${stepWords(step)} again`,
  look: () => "looks once more",
  revocation: () => "old token revoked",
  "login-ends": () => "the login ends",
  "token-ends": () => "the token ends",
  ask: (code) => ASKS[code ?? ""] ?? `you are asked: ${code}`,
  open: (step) => `${stepWords(step)}: the answer decides`,
};

const STEPS: Readonly<Record<string, string>> = {
  read: "the store is read",
  refresh: "the token is presented",
  probe: "asks whether the token lives",
  mint: "a token is asked for",
  claim: "the lease is claimed",
  store: "the token is stored",
  sync: "the files are written",
  revoke: "an old token is revoked",
  sweep: "leftovers are looked for",
};

function stepWords(step: string | null): string {
  return STEPS[step ?? ""] ?? step ?? "a step";
}

const ASKS: Readonly<Record<string, string>> = {
  "not-enrolled": "nobody has signed in yet",
  "secret-gone": "the secret is gone from the store",
  revoked: "the token was refused for good",
  "no-refresh-token": "the token can't be rotated: sign in",
  "mint-forbidden": "the token can't be renewed: sign in",
  "held-elsewhere": "another machine has the new token: sign in, if it does not come",
  moved: "the configuration names another host: sign in there",
};

function quiet({ until, at }: NextReport): string {
  return `nothing until ${clock(until, at)}: no rotation, no end of a token, nobody needed`;
}

function offlineLines({ offline, expiring, at }: NextReport, style: Style): string[] {
  if (offline === null) return [];
  const title = `offline ${clock(offline.from, at)} to ${clock(offline.until, at)}`;
  if (expiring.length === 0) return ["", style.green(`✓ ${title}: no token ends meanwhile`)];
  return [
    "",
    style.yellow(`! ${title}: ${count(expiring.length, "token ends", "tokens end")} meanwhile`),
    ...expiring.map((one) => expiringLine(one, at)),
  ];
}

function expiringLine({ name, at, renewedUntil, helps, run }: Expiring, now: Date): string {
  const ends = `  ${harmless(name)} ends ${clock(at, now)}`;
  if (renewedUntil === null) return `${ends}; only you can renew it: ${run}`;
  const until = clock(renewedUntil, now);
  return helps
    ? `${ends}; renewed now it lasts until ${until}: ${run}`
    : `${ends}; renewed now it would end ${until} all the same`;
}

function aligned(rows: readonly (readonly string[])[], style: Style): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row, index) => {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd();
    return index === 0 ? style.dim(line) : line;
  });
}
