import { choice, type JsonSchema, reading, type Setting, settingsSchema, text } from "../setting-kinds.ts";
import { type ParseDuration, type Report, readEntries, type SettingsValidator, soundOnly } from "../settings.ts";
import { ADDRESS, readAddress } from "./address.ts";
import { type Asks, askSettings, mayReturn, readAsks } from "./asks.ts";
import { type CircleSettings, circleSettings, readCircle, warnAboutCircle } from "./circle/settings.ts";
import { REVOCABLE_FROM, ttl, warnAboutTtl } from "./lifetime.ts";
import { type LoginWay, loginRules, loginSettings, readLoginWay } from "./login-way.ts";

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

const url: Setting<string> = {
  schema: { description: "The JFrog Platform: scheme and host, no path.", type: "string", pattern: ADDRESS.source },
  read(value, name, report) {
    const read = readAddress(value, name);
    if ("origin" in read) return read.origin;
    const missing = value === undefined || value === "";
    const what = missing ? "url is missing: the address of the JFrog Platform" : read.problem;
    report([name], what, { hint: "say url: https://mycompany.jfrog.io" });
    return undefined;
  },
};

const codeText = text("A code that JFrog's consent page shows.", 100, { absent: "1" });

/** `client_code: 1` is what people write. */
const code: Setting<string> = {
  schema: { ...codeText.schema, type: ["string", "integer"] },
  read(value, ...rest) {
    return codeText.read(typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value, ...rest);
  },
};

/** Everything that may be set. `durations`: what one looks like. */
function tableOf(parseDuration: ParseDuration, durations: JsonSchema) {
  return {
    url,
    token_ttl: ttl(parseDuration, durations),
    client_name: text("The program that JFrog's consent page shows.", 100, { absent: "JFrog-CLI" }),
    client_code: code,
    rotation: choice("How a pair is renewed: by its refresh token, or by minting the next one with it.", [
      "refresh",
      "remint",
    ]),
    ...askSettings,
    ...circleSettings,
    ...loginSettings,
  };
}

/** The settings of `engine: jfrog` as JSON Schema. */
export function jfrogSchema(durations: JsonSchema): JsonSchema {
  const table = tableOf(() => ({ ok: false, what: "" }), durations);
  return settingsSchema(table, { required: ["url"], allOf: loginRules });
}

/** The validator of `engine: jfrog`; reports every mistake at once. */
export function jfrogSettings(parseDuration: ParseDuration): SettingsValidator<JfrogSettings> {
  const table = tableOf(parseDuration, {});
  return (settings, report) =>
    soundOnly(report, (note) => {
      const entries = readEntries(settings, Object.keys(table), note);
      if (entries === undefined) return undefined;
      const read = reading(table, entries, note);
      const rotation = read("rotation") ?? "refresh";
      const origin = read("url");
      const tokenTtlMs = read("token_ttl");
      const clientName = read("client_name") ?? "";
      const clientCode = read("client_code") ?? "";
      const asks = readAsks(entries, note);
      const circle = readCircle(entries, origin, note);
      const login = readLoginWay(entries, note);
      judgeTogether({ ...asks, ...circle, rotation, tokenTtlMs }, note);
      if (origin === undefined || tokenTtlMs === undefined || login === undefined) return undefined;
      const basics = { url: origin, tokenTtlMs, clientName, clientCode, rotation };
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
