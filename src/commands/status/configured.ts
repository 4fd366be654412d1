import { statSync } from "node:fs";
import { hostOf } from "../../agent/vault-session/names.ts";
import type { Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import type { JournalReader, Json } from "../../journal/port.ts";
import { type Io, type Parsed, textFlag } from "../cli/io.ts";

/** The names in the configuration: all that a report needs of it. */
export interface Configured {
  /** Null: there is none. */
  readonly file: string | null;
  readonly state: "current" | "invalid" | "missing";
  readonly problems: number;
  readonly enrolments: readonly ConfiguredEnrolment[];
  readonly rules: readonly ConfiguredRule[];
  readonly vault: ConfiguredVault;
}

/** Servers by the names of their sessions; null: the embedded store. Undefined: nobody has noted it. */
export interface ConfiguredVault {
  readonly named: string | null | undefined;
  /** By the agent that ran last, or runs: it stays with the one that it began with. */
  readonly inUse: string | null | undefined;
}

export interface ConfiguredEnrolment {
  readonly name: string;
  readonly engine: string;
  /** The engine's name for people. */
  readonly label: string;
  /** It says where its first token comes from: no person is needed. Absent also in the agent's notes. */
  readonly alone?: true;
}

export interface ConfiguredRule {
  readonly name: string;
  readonly secret: string | null;
  readonly path: string;
  /** Absent in the notes of an older agent. */
  readonly format?: string;
  readonly mergeKey?: string | null;
}

/**
 * The configuration's names. While its file is the one that the agent read last, the agent's note of them in the journal
 * is taken (no YAML is loaded); else the file is read. A configuration that is wrong leaves what the agent knew.
 */
export async function configuredNames(
  where: Paths,
  reader: JournalReader | undefined,
  parsed: Parsed,
  io: Io,
): Promise<Configured> {
  const noted = notedNames(reader);
  const file = noted && fileAsRead(where, reader, parsed);
  if (noted && file !== undefined) return { file, state: "current", problems: 0, ...noted };
  return await readNames(parsed, io, noted ?? { enrolments: [], rules: [], vault: notedVault(reader) });
}

/** The configuration's file, if it is the one that the agent read last. */
export function fileAsRead(where: Paths, reader: JournalReader | undefined, parsed: Parsed): string | undefined {
  const path = plainlyLocated(where, parsed);
  return isSame(reader?.fact("configFile"), path) ? path : undefined;
}

type Names = Pick<Configured, "enrolments" | "rules" | "vault">;

/** What the agent wrote down when it read the configuration. */
function notedNames(reader: JournalReader | undefined): Names | undefined {
  const enrolments = reader?.fact("configured");
  const rules = reader?.fact("rules");
  if (!Array.isArray(enrolments) || !Array.isArray(rules)) return undefined;
  return {
    enrolments: enrolments as readonly ConfiguredEnrolment[],
    rules: rules as readonly ConfiguredRule[],
    vault: notedVault(reader),
  };
}

function notedVault(reader: JournalReader | undefined): ConfiguredVault {
  const server = reader?.fact("vault");
  const known = typeof server === "string" || server === null ? server : undefined;
  return { named: known, inUse: known };
}

/** The file that holds where it takes no reading to know; `locateConfig` knows all cases. */
function plainlyLocated(where: Paths, parsed: Parsed): string | undefined {
  if (textFlag(parsed, "config") !== undefined) return undefined;
  return [...where.systemConfigs, where.userConfig].find((path) => statSync(path, { throwIfNoEntry: false }));
}

function isSame(seen: Json | undefined, path: string | undefined): boolean {
  if (path === undefined || typeof seen !== "object" || seen === null || Array.isArray(seen)) return false;
  const note = seen as { readonly path?: Json; readonly mtimeMs?: Json; readonly size?: Json };
  const stat = statSync(path, { throwIfNoEntry: false });
  return note.path === path && note.mtimeMs === stat?.mtimeMs && note.size === stat?.size;
}

async function readNames(parsed: Parsed, io: Io, noted: Names): Promise<Configured> {
  const { readConfig } = await import("../assembly/config.ts");
  try {
    const { config, problems, file } = readConfig(parsed, io);
    if (!config) return { file, state: "invalid", problems: problems.length, ...noted };
    return { file, state: "current", problems: 0, ...namesOf(config, noted.vault) };
  } catch (error) {
    if (!(error instanceof DotvaultError && error.code === "config.not-found")) throw error;
    return { file: null, state: "missing", problems: 0, ...noted };
  }
}

type Config = NonNullable<ReturnType<typeof import("../assembly/config.ts").readConfig>["config"]>;

function namesOf(config: Config, { inUse }: ConfiguredVault): Names {
  const { address } = config.vault;
  return {
    vault: { named: address === undefined ? null : hostOf(address), inUse },
    enrolments: config.enrolments.map(({ key, engine, settings }) => ({
      ...{ name: key, engine, label: LABELS[engine] ?? engine },
      ...(settings.login === undefined ? {} : { alone: true as const }),
    })),
    rules: config.rules.map(({ name, vaultKey = null, target }) => {
      const { path, format, mergeKey = null } = target;
      return { name, secret: vaultKey, path, format, mergeKey };
    }),
  };
}

/** Engines tell their names themselves, but loading them takes long; for one that no agent has loaded yet these will do. */
const LABELS: Readonly<Record<string, string>> = { jfrog: "JFrog", sshkey: "SSH key" };
