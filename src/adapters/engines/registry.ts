import { DotvaultError } from "../../errors.ts";
import type { Http } from "../http/port.ts";
import { platformsOf } from "./jfrog/circle/platforms.ts";
import { type JfrogSettings, jfrogSchema, jfrogSettings } from "./jfrog/settings.ts";
import type { Circle, Engine } from "./port.ts";
import type { JsonSchema } from "./setting-kinds.ts";
import type { ParseDuration, Report, SettingsValidator } from "./settings.ts";
import { type SshkeySettings, sshkeySchema, sshkeySettings } from "./sshkey/settings.ts";
import type { ReadToken } from "./token-source.ts";

/** The engines, as the configuration names them. */
export const engineNames = ["jfrog", "sshkey"] as const;
export type EngineName = (typeof engineNames)[number];

export type Settings = Readonly<Record<string, unknown>>;

/** What engines are made with; each takes what it needs. */
export interface EngineDeps {
  readonly http: Http;
  /** Milliseconds since the epoch. Only where no server says the time. */
  readonly now: () => number;
  /** Cryptographically secure. */
  readonly random: (bytes: number) => Uint8Array;
  /** The person's home directory, for paths that begin with `~/`. */
  readonly home: string;
  /** `<user>@<host>`: the default comment of SSH keys. */
  readonly comment: string;
  /** For logins without a person. */
  readonly readToken: ReadToken;
}

/** The settings' validators by engine name, for the configuration's room. What they return goes into {@link createEngine}. */
export function engineSettings(
  parseDuration: ParseDuration,
): Readonly<Record<EngineName, (settings: unknown, report: Report) => Settings>> {
  return { jfrog: orEmpty(jfrogSettings(parseDuration)), sshkey: orEmpty(sshkeySettings) };
}

/** The same as JSON Schema, for editors. `durations`: what one looks like. */
export function engineSchemas(durations: JsonSchema): Readonly<Record<EngineName, JsonSchema>> {
  return { jfrog: jfrogSchema(durations), sshkey: sshkeySchema };
}

/** The platforms that the configuration names for a credential, the issuer first; undefined for engines that know no others. */
export function circleMembers(engine: string, settings: Settings): Circle["platforms"] | undefined {
  if (engine !== "jfrog") return undefined;
  const { url, platforms } = settings as JfrogSettings;
  return platformsOf(url, platforms);
}

/** What was reported as wrong is never used. */
function orEmpty<T extends Settings>(validate: SettingsValidator<T>): (settings: unknown, report: Report) => Settings {
  return (settings, report) => validate(settings, report) ?? {};
}

/**
 * Makes an engine, loading its code now. `settings` are those that the validator of the same name returned.
 *
 * @throws DotvaultError `engine.unknown`
 */
export async function createEngine(name: string, settings: Settings, deps: EngineDeps): Promise<Engine> {
  switch (name) {
    case "jfrog": {
      const { createJfrogEngine } = await import("./jfrog/engine.ts");
      return createJfrogEngine({ ...deps, settings: settings as JfrogSettings });
    }
    case "sshkey": {
      const { createSshkeyEngine } = await import("./sshkey/engine.ts");
      const { comment, random, now } = deps;
      return createSshkeyEngine({ settings: settings as SshkeySettings, comment, random, now });
    }
    default:
      throw new DotvaultError("engine.unknown", `there is no engine ${name}`, {
        hint: `known: ${engineNames.join(", ")}`,
      });
  }
}
