import {
  choiceEntry,
  type Entries,
  entry,
  type ParseDuration,
  type Report,
  readEntries,
  type SettingsValidator,
  soundOnly,
  textEntry,
} from "../settings.ts";
import { readAddress } from "./address.ts";
import { type Asks, askNames, mayReturn, readAsks } from "./asks.ts";
import { type CircleSettings, circleNames, readCircle, warnAboutCircle } from "./circle/settings.ts";
import { REVOCABLE_FROM, readTtl, warnAboutTtl } from "./lifetime.ts";
import { type LoginWay, loginNames, readLoginWay } from "./login-way.ts";

export type JfrogSettings = Asks &
  CircleSettings & {
    /** Scheme and host[:port] of the platform, no trailing slash. */
    readonly url: string;
    /** Life to ask for, milliseconds. What counts is the life that the service answers. */
    readonly tokenTtlMs: number;
    /** Shown on JFrog's consent page. */
    readonly clientName: string;
    readonly clientCode: string;
    /** `refresh`: by the refresh token. `remint`: a new pair is minted with the present one, then the old one is revoked. */
    readonly rotation: "refresh" | "remint";
    /** Absent: by a person in a browser. */
    readonly login?: LoginWay;
  };

const ownNames = ["url", "token_ttl", "client_name", "client_code", "rotation"] as const;
const names = [...ownNames, ...askNames, ...circleNames, ...loginNames] as const;

/** The validator of `engine: jfrog`; reports every mistake at once. */
export function jfrogSettings(parseDuration: ParseDuration): SettingsValidator<JfrogSettings> {
  return (settings, report) =>
    soundOnly(report, (note) => {
      const entries = readEntries(settings, names, note);
      if (entries === undefined) return undefined;
      const rotation = choiceEntry(entries, "rotation", ["refresh", "remint"], note) ?? "refresh";
      const url = readUrl(entries, note);
      const tokenTtlMs = readTtl(entries, parseDuration, note);
      const clientName = textEntry(entries, "client_name", 100, note) ?? "JFrog-CLI";
      const clientCode = readCode(entries, note);
      const asks = readAsks(entries, note);
      const circle = readCircle(entries, url, note);
      const login = readLoginWay(entries, note);
      judgeTogether({ ...asks, ...circle, rotation, tokenTtlMs }, note);
      if (url === undefined || tokenTtlMs === undefined || login === undefined) return undefined;
      const basics = { url, tokenTtlMs, clientName, clientCode, rotation };
      return { ...basics, ...asks, ...circle, ...(login.by === "web" ? {} : { login }) };
    });
}

type Together = Asks & CircleSettings & Pick<JfrogSettings, "rotation"> & { readonly tokenTtlMs: number | undefined };

/** Settings that are right by themselves, and not beside each other. */
function judgeTogether(settings: Together, report: Report): void {
  const { rotation, tokenTtlMs } = settings;
  if (tokenTtlMs !== undefined && settings.platforms !== undefined)
    warnAboutCircle(tokenTtlMs, tokenTtlMs >= REVOCABLE_FROM || settings.forceRevocable === true, report);
  else if (tokenTtlMs !== undefined) warnAboutTtl(tokenTtlMs, settings, rotation, report);
  if (rotation === "refresh" || mayReturn(settings)) return;
  report(["rotation"], "rotation: remint needs tokens that may come back to JFrog Access, and audience leaves it out", {
    hint: "add jfac@* to audience",
  });
}

function readUrl(entries: Entries, report: Report): string | undefined {
  const value = entry(entries, "url");
  const read = readAddress(value, "url");
  if ("origin" in read) return read.origin;
  const missing = value === undefined || value === "";
  const what = missing ? "url is missing: the address of the JFrog Platform" : read.problem;
  report(["url"], what, { hint: "say url: https://mycompany.jfrog.io" });
  return undefined;
}

/** `client_code: 1` is what people write. */
function readCode(entries: Entries, report: Report): string {
  const value = entry(entries, "client_code");
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return textEntry(entries, "client_code", 100, report) ?? "1";
}
