import { harmless, type Style } from "../style.ts";
import { moment } from "../times.ts";

/** What a token says of itself, as `token inspect --json` has it (docs/json.md). Never the token. */
export interface TokenReport {
  readonly place: string;
  readonly enrolment: string | null;
  readonly kind: "jwt" | "reference" | "unknown";
  readonly state: "valid" | "expired" | "not-yet-valid" | "unknown";
  /** From 1 (just issued) to 0; null: it never expires, or does not say. */
  readonly lifeLeft: number | null;
  readonly tokenId: string | null;
  readonly subject: string | null;
  readonly user: string | null;
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  readonly issuer: string | null;
  readonly issuedAt: Date | null;
  readonly notBefore: Date | null;
  readonly expiresAt: Date | null;
  readonly algorithm: string | null;
  readonly keyId: string | null;
  readonly extension: Readonly<Record<string, string>> | null;
  readonly oddities: readonly string[];
}

const KINDS = { jwt: "a JWT", reference: "a reference token", unknown: "no token of JFrog's" } as const;

/** `token inspect` for people. */
export function inspectText(tokens: readonly TokenReport[], now: Date, style: Style): string {
  return `${tokens.map((token) => one(token, now, style).join("\n")).join("\n\n")}\n`;
}

function one(token: TokenReport, now: Date, style: Style): string[] {
  const title = `${glyph(token, style)} ${harmless(token.place)}  ${KINDS[token.kind]}`;
  const facts = rows(token, now).filter(([, value]) => value !== "");
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    title,
    ...facts.map(([name, value]) => `  ${name.padEnd(width)}  ${harmless(value)}`),
    ...token.oddities.map((what) => `  ${style.yellow("!")} ${harmless(what)}`),
  ];
}

function glyph({ state }: TokenReport, style: Style): string {
  return state === "valid" ? style.green("✓") : style.red("✗");
}

function rows(token: TokenReport, now: Date): [string, string][] {
  const { user, subject, scope, audience, issuer, issuedAt, notBefore, tokenId, algorithm, keyId, extension } = token;
  const ext = Object.entries(extension ?? {}).map(([name, value]) => `${name}: ${value}`);
  return [
    ["user", user ?? ""],
    ["subject", subject ?? ""],
    ["scope", scope.join(" ")],
    ["audience", audience.join(" ")],
    ["issuer", issuer ?? ""],
    ["issued", issuedAt ? moment(issuedAt, now) : ""],
    ["not before", notBefore ? moment(notBefore, now) : ""],
    [token.state === "expired" ? "expired" : "expires", endOf(token, now)],
    ["id", tokenId ?? ""],
    ["signed", [algorithm, keyId === null ? null : `by key ${keyId}`].filter((part) => part !== null).join(" ")],
    ["ext", ext.join(", ")],
  ];
}

function endOf({ kind, expiresAt, lifeLeft }: TokenReport, now: Date): string {
  if (expiresAt === null) return kind === "unknown" ? "" : "never, as far as it says";
  const left = lifeLeft === null || lifeLeft === 0 ? "" : `; ${Math.round(lifeLeft * 100)} % of its life is left`;
  return `${moment(expiresAt, now)}${left}`;
}
