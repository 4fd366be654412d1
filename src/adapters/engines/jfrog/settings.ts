import { isLoopback } from "../../http/target.ts";
import {
  type Entries,
  entry,
  type ParseDuration,
  type Report,
  readEntries,
  type SettingsValidator,
  soundOnly,
  textEntry,
} from "../settings.ts";

export type JfrogSettings = {
  /** Scheme and host[:port] of the platform, no trailing slash. */
  readonly url: string;
  /** Life to ask for, milliseconds. What counts is the life that the service answers. */
  readonly tokenTtlMs: number;
  /** Shown on JFrog's consent page. */
  readonly clientName: string;
  readonly clientCode: string;
  /** `refresh`: by the refresh token. `remint`: a new pair is minted with the present one, then the old one is revoked. */
  readonly rotation: "refresh" | "remint";
};

const names = ["url", "token_ttl", "client_name", "client_code", "rotation"] as const;
const minute = 60_000;
const shortestTtlMs = 10 * minute;
const defaultTtlMs = 60 * 24 * 60 * minute;
/** Longer lives don't fit 32-bit seconds. */
const longestTtlMs = (2 ** 31 - 1) * 1000;

/** The validator of `engine: jfrog`; reports every mistake at once. */
export function jfrogSettings(parseDuration: ParseDuration): SettingsValidator<JfrogSettings> {
  return (settings, report) =>
    soundOnly(report, (note) => {
      const entries = readEntries(settings, names, note);
      if (entries === undefined) return undefined;
      const url = readUrl(entries, note);
      const tokenTtlMs = readTtl(entries, parseDuration, note);
      const clientName = textEntry(entries, "client_name", 100, note) ?? "JFrog-CLI";
      const clientCode = readCode(entries, note);
      const rotation = readRotation(entries, note);
      return url === undefined ? undefined : { url, tokenTtlMs, clientName, clientCode, rotation };
    });
}

function readUrl(entries: Entries, report: Report): string | undefined {
  const value = entry(entries, "url");
  const url = typeof value === "string" ? URL.parse(value) : null;
  const problem = url === null ? missingOrOdd(value) : problemOf(url);
  if (problem === undefined) return url?.origin;
  report(["url"], problem, "say url: https://mycompany.jfrog.io");
  return undefined;
}

function missingOrOdd(value: unknown): string {
  const missing = value === undefined || value === "";
  return missing ? "url is missing: the address of the JFrog Platform" : "url is not an address";
}

function problemOf(url: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "url must begin with https://";
  if (url.username !== "" || url.password !== "") return "url must not hold a user name or password";
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return "url must be scheme and host only, no path";
  if (url.protocol === "http:" && !isLoopback(url.hostname)) return "url must be https (http is for this machine only)";
  return undefined;
}

/** `client_code: 1` is what people write. */
function readCode(entries: Entries, report: Report): string {
  const value = entry(entries, "client_code");
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return textEntry(entries, "client_code", 100, report) ?? "1";
}

function readRotation(entries: Entries, report: Report): "refresh" | "remint" {
  const value = entry(entries, "rotation");
  if (value === undefined || value === "refresh" || value === "remint") return value ?? "refresh";
  report(["rotation"], "rotation must be refresh or remint", "leave it out to have the refresh token used");
  return "refresh";
}

function readTtl(entries: Entries, parseDuration: ParseDuration, report: Report): number {
  const value = entry(entries, "token_ttl");
  if (value === undefined) return defaultTtlMs;
  const read = typeof value === "string" ? parseDuration(value) : { ok: false as const, what: "not a duration" };
  if (!read.ok) report(["token_ttl"], `token_ttl: ${read.what}`, read.hint ?? "say token_ttl: 60d, or 24h, or 90m");
  else if (read.value < shortestTtlMs) report(["token_ttl"], "token_ttl must be at least 10m");
  else if (read.value > longestTtlMs) report(["token_ttl"], "token_ttl must be at most 24855d");
  return read.ok ? read.value : defaultTtlMs;
}
