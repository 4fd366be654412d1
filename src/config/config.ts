import type { AuthMethod } from "./auth-method.ts";
import type { Format } from "./keys.ts";
import type { Login } from "./login.ts";

/** Where a new key is kept; `auto`: in the keyring on a desktop, else in a file. */
export type KeyPlace = "auto" | "file" | "keyring";

/**
 * A configuration that holds no error: what is run. Paths stand as written (`~/…`): see `expandHome`. Durations are in
 * milliseconds.
 */
export interface Config {
  readonly bypassSystemConfig: boolean;
  readonly vault: VaultConfig;
  readonly sync: { readonly intervalMs: number; readonly watchMs: number };
  readonly journal: { readonly retentionMs: number; readonly key: KeyPlace };
  /** In the order of the file. Not those with `enabled: false`, nor those of a format that we lack. */
  readonly rules: readonly Rule[];
  /** In the order of the file. Not those of an engine that we lack. */
  readonly enrolments: readonly Enrolment[];
}

export interface VaultConfig {
  /** Without a slash at its end; `unix:///…` for a socket. Absent: the embedded store. */
  readonly address?: string;
  /** Of the same cluster, for when that one fails. */
  readonly moreAddresses?: readonly string[];
  readonly authMethod: AuthMethod;
  /** Without slashes at its ends. */
  readonly authMount: string;
  readonly authRole?: string;
  /** How dotvault logs in by itself. Absent: a person brings a token. */
  readonly login?: Login;
  readonly namespace?: string;
  /** Without slashes at its ends. */
  readonly kvMount: string;
  /** With one slash at its end. */
  readonly userPrefix: string;
  readonly tls: VaultTls;
  /** What the token of a login is narrowed to. Absent: it is used as it is. */
  readonly narrowing?: {
    readonly policies: readonly string[];
    readonly noDefaultPolicy: boolean;
    readonly tokenRole?: string;
  };
  readonly disableTokenRenewal: boolean;
}

/** Paths stand as written (`~/…`). */
export interface VaultTls {
  readonly caCert?: string;
  readonly caPath?: string;
  readonly serverName?: string;
  readonly clientCert?: string;
  /** Absent: the key lies in the certificate's file. */
  readonly clientKey?: string;
  readonly skipVerify: boolean;
}

export interface Rule {
  readonly name: string;
  readonly description?: string;
  /** Absent: keyless, the template alone makes the file. */
  readonly vaultKey?: string;
  readonly target: Target;
  /** A program and its arguments, run after the file has changed. */
  readonly post?: readonly [string, ...string[]];
}

export interface Target {
  readonly path: string;
  readonly format: Format;
  readonly template?: string;
  /** Objects in arrays are merged by this key. */
  readonly mergeKey?: string;
  readonly deleteNulls: boolean;
  /** What the rule has written and no longer renders is taken out. */
  readonly strict: boolean;
  readonly onRemove: "keep" | "remove";
  readonly onMissing: "keep" | "remove";
  readonly onEdit: "overwrite" | "keep";
  /** Permission bits. */
  readonly mode?: number;
  /** So many older versions of the file are kept. */
  readonly backups: number;
}

export interface Enrolment {
  /** `name` or `group/name`. */
  readonly key: string;
  readonly engine: string;
  /** As the engine's validator returned them. */
  readonly settings: NormalizedSettings;
  readonly helpText?: string;
}

export type NormalizedSettings = Readonly<Record<string, unknown>>;

/** How an engine complains about one of its settings. `path` leads from the settings to the value. */
export type SettingsReport = (path: readonly (string | number)[], what: string, remark?: SettingRemark) => void;

export interface SettingRemark {
  readonly hint?: string | undefined;
  /** The names that are right there: it is the name that is wrong. Its place and the nearest right name are added. */
  readonly known?: readonly string[];
  /** Where in the setting's text the mistake begins, UTF-16 units. */
  readonly at?: number;
  /** It hinders nothing. */
  readonly isWarning?: true;
}

/** `identity`: equal for equal values; `line`: of the template, from 1. */
export type FixedValues = ReadonlyMap<string, { readonly identity: string; readonly line: number }>;

/** What other rooms know and this one is handed. */
export interface Validators {
  /** By engine name. Gets plain JSON values (`{}` where no settings are written); what it returns is used if it reported nothing. */
  readonly engines: Readonly<Record<string, (settings: unknown, report: SettingsReport) => NormalizedSettings>>;
  /** The first error of a template, with its place in the template (from 1); undefined when there is none. */
  readonly template: (
    source: string,
    name: string,
  ) => { readonly line: number; readonly column: number; readonly what: string } | undefined;
  /** The values that a rule writes whatever its secret holds, by their place in the file. The template has no errors. */
  readonly fixedValues: (target: Pick<Target, "path" | "format" | "template" | "mergeKey">) => FixedValues;
  /** Fields of the secret that a template without errors reads; `all`: whatever there is. */
  readonly templateReads: (source: string) => { readonly fields: readonly string[]; readonly all: boolean };
}
