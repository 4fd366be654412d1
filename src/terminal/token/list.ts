import { wrap } from "../layout.ts";
import { harmless, type Style } from "../style.ts";
import { clock, count } from "../times.ts";

/** One token, as `token list --json` has it (docs/json.md). */
export interface TokenListReport {
  /** Null: a reference token whose id nobody told. */
  readonly tokenId: string | null;
  readonly enrolment: string;
  readonly standing: string;
  /** `signed-in`, `minted`, `rotated`, `unanswered`, `adopted`, `named`; null: not by this journal's doing. */
  readonly how: string | null;
  readonly machine: string | null;
  readonly at: Date | null;
  readonly issuedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly user: string | null;
  readonly supersededBy: string | null;
  readonly revokedAt: Date | null;
  /** How it was ended, in one word. */
  readonly ended: string | null;
  /** When the service had refused it for good. */
  readonly refusedAt: Date | null;
  /** Whether the service lists it; null: that is not known. */
  readonly listed: boolean | null;
  readonly description: string | null;
  /** Listed by the service, and used by nobody: what `token revoke --orphans` revokes. */
  readonly leftOver: boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  "in-use": "in use",
  "to-be-revoked": "to be revoked",
  revoked: "revoked",
  expired: "expired",
  "rotated-away": "rotated away",
  refused: "dead",
  "never-revoked": "NEVER REVOKED",
  orphan: "ORPHAN",
  elsewhere: "of another machine",
  foreign: "not dotvault's",
};

const HOW: Readonly<Record<string, string>> = {
  "signed-in": "sign-in",
  minted: "minted",
  rotated: "rotated",
  unanswered: "minted, answer lost",
  adopted: "found in the store",
  named: "named by a person",
};

/** `token list` for people: a line a token, oldest first, and what is left over last. */
export function listText(
  tokens: readonly TokenListReport[],
  notes: readonly string[],
  { now, style, columns }: { readonly now: Date; readonly style: Style; readonly columns: number },
): string {
  const ids = Math.max(0, ...tokens.map(({ tokenId }) => (tokenId ?? "?").length));
  const words = Math.max(0, ...tokens.map(({ standing }) => (WORDS[standing] ?? standing).length));
  const lines = tokens.flatMap((token) => {
    const word = (WORDS[token.standing] ?? token.standing).padEnd(words);
    const head = `${glyph(token, style)} ${harmless(token.tokenId ?? "?").padEnd(ids)}  ${word}  `;
    const indent = 2 + ids + 2 + words + 2;
    const [first = "", ...rest] = wrap(partsOf(token, now), columns - indent, " · ");
    return [`${head}${first}`.trimEnd(), ...rest.map((line) => " ".repeat(indent) + line)];
  });
  return `${[...lines, ...notes.map((note) => `${style.yellow("!")} ${harmless(note)}`), summary(tokens)].join("\n")}\n`;
}

function glyph({ standing, leftOver }: TokenListReport, style: Style): string {
  if (leftOver) return style.red("✗");
  if (standing === "in-use") return style.green("✓");
  return standing === "never-revoked" ? style.yellow("!") : style.dim("○");
}

function partsOf(token: TokenListReport, now: Date): string[] {
  const { enrolment, standing, supersededBy, revokedAt, refusedAt, ended, expiresAt, listed } = token;
  return [
    harmless(enrolment),
    ...origin(token, now),
    ...(supersededBy === null ? [] : [`superseded by ${harmless(supersededBy)}`]),
    ...(revokedAt === null
      ? []
      : [`${ended === "revoked" ? "revoked" : `revocation: ${ended}`} ${clock(revokedAt, now)}`]),
    ...(refusedAt === null ? [] : [`refused for good ${clock(refusedAt, now)}`]),
    ...(expiresAt === null || OVER.includes(standing)
      ? []
      : [`${expiresAt > now ? "ends" : "ended"} ${clock(expiresAt, now)}`]),
    ...(listed === true ? ["the service lists it"] : []),
  ];
}

/** Whose own end is of no interest any more. */
const OVER: readonly string[] = ["revoked", "refused"];

/** How it came, when, and by which machine. */
function origin({ how, machine, at }: TokenListReport, now: Date): string[] {
  const came = how === null ? [] : [`${HOW[how] ?? how}${at ? ` ${clock(at, now)}` : ""}`];
  if (machine === null) return came;
  return [...came, `by ${machine === "this one" ? "this machine" : harmless(machine)}`];
}

function summary(tokens: readonly TokenListReport[]): string {
  const left = tokens.filter(({ leftOver }) => leftOver).length;
  if (left > 0) return `${count(tokens.length, "token")}, ${left} left over\nrun: dotvault token revoke --orphans`;
  return count(tokens.length, "token");
}
