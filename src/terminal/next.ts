import { ASK_WORDS } from "./asks.ts";
import { folded, spaced, unbroken, wrap } from "./layout.ts";
import { harmless, type Style } from "./style.ts";
import { clock, count, moment, relative, span } from "./times.ts";
import { pad, widthOf } from "./width.ts";

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
  /** Of the enrolment; of Vault's own codes (`session-…`) the server. */
  readonly name: string;
  readonly code: keyof typeof WHAT;
  /** The step that comes again, or whose answer decides; the reason of an `ask`; the platform of a `trial`; a token's id. */
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

/** `next` for people: a table, when they are needed, and what would end while offline. @param columns of the terminal */
export function nextText(report: NextReport, style: Style, columns?: number): string {
  const { items, at, agentRuns } = report;
  const preface = agentRuns ? [] : [style.dim("no agent runs: dotvault does nothing of this before one does")];
  const table = items.length === 0 ? [quiet(report)] : tabled(items, at, style, columns);
  const last = [...needLines(report, style), ...offlineLines(report, style)];
  const lines = columns === undefined ? last : last.flatMap((line) => folded(line, columns));
  return spaced(`${[...preface, ...table, ...lines].join("\n")}\n`);
}

const HEAD = ["WHEN", "IN", "WHAT", "WHO", "NEEDS YOU"] as const;

/** A row for each; where the terminal is too narrow for that, a line or two. */
function tabled(items: readonly NextItem[], now: Date, style: Style, columns = Number.POSITIVE_INFINITY): string[] {
  const rows = [HEAD, ...items.map((item) => cells(item, now))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  const total = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (HEAD.length - 1);
  if (total > columns) return items.flatMap((item) => stacked(item, now, style, columns));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
  const [head = "", ...told] = lines;
  return [style.dim(head), ...told.map((line, index) => (needs(items[index]) ? style.yellow(line) : line))];
}

const GAP = "   ";

function stacked(item: NextItem, now: Date, style: Style, columns: number): string[] {
  const [when = "", away = "", what = "", who = ""] = cells(item, now);
  const time = away === "" ? when : `${when} (in ${away})`;
  const by = item.who === "you" || item.who === "dotvault" ? "" : ` (${who})`;
  const [first = "", ...more] = wrap(`${time}  ${what}${by}`.split(" "), columns, " ");
  const lines = [first, ...more.map((line) => `  ${line}`)];
  return needs(item) ? [...lines.map(style.yellow), `  → you: ${needWords(item)}`] : lines;
}

function needs(item: NextItem | undefined): boolean {
  return item !== undefined && (item.run !== null || item.who === "you");
}

function cells(item: NextItem, now: Date): string[] {
  const { at, name, who, label } = item;
  const past = at.getTime() <= now.getTime();
  return [
    past ? "now" : clock(at, now),
    past ? "" : relative(at, now).replace("in ", ""),
    `${item.code.startsWith("session-") ? "Vault" : harmless(name)}: ${whatWords(item)}`,
    WHO[who] ?? harmless(label),
    needs(item) ? `yes: ${needWords(item)}` : "no",
  ];
}

/** The command to run, or what else there is to be done. */
function needWords({ run }: NextItem): string {
  return unbroken(run === null ? "a token in ~/.dotvault-token" : harmless(run));
}

/** For a person in a hurry: am I needed, and when first? */
function needLines({ items, at, until }: NextReport, style: Style): string[] {
  if (items.length === 0) return [];
  const [first, ...more] = Map.groupBy(items.filter(needs), (item) => needWords(item).replace(AGAIN, "")).values();
  const soonest = first?.[0];
  if (soonest === undefined) {
    const has = (wanted: NextItem["code"]) => items.some(({ code }) => code === wanted);
    const answer = has("open") ? ["an answer brings it"] : [];
    const isPersons = items.some(({ code, about }) => code === "session-renewal" && about === "person");
    const cap = isPersons ? ["Vault gives the login no more time"] : [];
    const unless = [...answer, ...cap].map((why) => `, unless ${why}`).join("");
    return [style.green(`✓ nobody is needed until ${clock(until, at)}${unless}`)];
  }
  const others = more.length === 0 ? "" : ` · and ${count(more.length, "time")} more`;
  const when = soonest.at.getTime() <= at.getTime() ? "now" : moment(soonest.at, at);
  return [style.yellow(`! you are needed ${when}: ${needWords(soonest)}${others}`)];
}

/** Who is asked to sign in need not say that they mean it. */
const AGAIN = /\s--again$/;

const WHO: Readonly<Record<string, string>> = { dotvault: "dotvault", you: "you" };

function whatWords({ code, about, times, every }: Pick<NextItem, "code" | "about" | "times" | "every">) {
  const again = times > 1 && every !== null ? `, every ${span(every)} (${count(times, "time")})` : "";
  const words: (about: string | null) => string = WHAT[code];
  return words(about) + again;
}

const WHAT = {
  rotation: () => "rotation",
  enrol: () => "gets its first token",
  new: () => "nobody has enrolled it yet, unless its secret is in the store",
  retry: (step) => `${stepWords(step)} again`,
  look: () => "looks once more",
  revocation: (token) =>
    token === null ? "old token revoked" : `token ${harmless(token)} is asked to be revoked again`,
  trial: (platform) => `${harmless(platform ?? "a platform")} is shown the token again`,
  "login-ends": () => "the login ends",
  "token-ends": () => "the token ends",
  ask: (code) => ASKS[code ?? ""] ?? ASK_WORDS[code ?? ""] ?? `you are asked: ${code}`,
  open: (step) => `${stepWords(step)}: the answer decides`,
  // How old a token may become is the server's affair: it is not in the journal.
  "session-renewal": () => "the login is renewed, while Vault allows it",
  "session-login": () => "dotvault logs in again",
  "session-ends": (source) => (source === "login" ? "the login ends" : "your own token ends"),
  "session-ask": (refused) =>
    refused === null
      ? "nobody is logged in: nothing is read or stored"
      : "the login was refused: nothing is read or stored",
} satisfies Readonly<Record<string, (about: string | null) => string>>;

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
  login: "logs in",
  renew: "asks for more time",
  lookup: "asks whether the login lives",
  giveBack: "gives the last login's token back",
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
  if (renewedUntil === null) return `${ends}; only you can renew it: ${unbroken(run)}`;
  const until = clock(renewedUntil, now);
  return helps
    ? `${ends}; renewed now it lasts until ${until}: ${unbroken(run)}`
    : `${ends}; renewed now it would end ${until} all the same`;
}
