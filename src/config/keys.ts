import { type AuthMethod, authMethodPattern, parseAuthMethod } from "./auth-method.ts";
import { dictionary, free, later, mapping, required, type Section, sequence } from "./container-fields.ts";
import { type Field, keysBelow } from "./field.ts";
import { duration, flag, integer, oneOf, parsedText, text } from "./scalar-fields.ts";
import {
  enrolmentKeyPattern,
  parseDirectoryPath,
  parseFileMode,
  parseFilePath,
  parseRuleName,
  parseServerName,
  parseVaultAddress,
  parseVaultKey,
  parseVaultPath,
  ruleNamePattern,
} from "./values.ts";

/**
 * Every key of the configuration, once: from this table come the reading, the checks, the defaults and the JSON Schema.
 * Names and defaults are those of the Go dotvault; ours are `journal`, `sync.watch`, `rules[].enabled` and much of `target`.
 */

export const formats = ["yaml", "json", "ini", "toml", "text", "netrc", "ssh_config"] as const;
export type Format = (typeof formats)[number];

function filePath(description: string): Field<string | undefined> {
  return parsedText<string | undefined>(description, { absent: undefined, parse: parseFilePath });
}

function vaultPath(description: string, absent: string): Field<string> {
  return parsedText(description, { absent, schema: { default: absent }, parse: parseVaultPath });
}

const vault = mapping("HashiCorp Vault or OpenBao. Left out: the embedded store on this machine.", {
  address: parsedText<string | undefined>(
    "Where Vault is: https://host:port, or unix:///path of a socket. Left out: the embedded store.",
    {
      absent: undefined,
      blankCounts: true,
      parse: parseVaultAddress,
    },
  ),
  addresses: sequence(
    "Further addresses of the same cluster: the next one is used when one fails.",
    parsedText<string | undefined>("An address.", { absent: undefined, blankCounts: true, parse: parseVaultAddress }),
  ),
  auth_method: parsedText<AuthMethod>("How to log in to Vault.", {
    absent: { name: "token" },
    schema: { default: "token", pattern: authMethodPattern },
    parse: parseAuthMethod,
  }),
  auth_mount: parsedText<string | undefined>("The auth method's mount. Default: the method's name.", {
    absent: undefined,
    parse: parseVaultPath,
  }),
  auth_role: text("The role to log in with."),
  namespace: text("Vault's namespace, where it has some."),
  role_id_file: filePath("approle: the file with the role's id."),
  secret_id_file: filePath("approle: the file with the secret id."),
  secret_id_wrapping_path: parsedText<string | undefined>(
    "approle: the file holds a wrapping token, made at this path (auth/approle/role/dev/secret-id). Unwrapped once.",
    { absent: undefined, parse: parseVaultPath },
  ),
  jwt_file: filePath("jwt, kubernetes: the file with the token. Default for kubernetes: the service account's."),
  jwt_env: text("jwt, kubernetes: the environment variable with the token. It comes before the file."),
  jwt_command: sequence("jwt: a program that prints the token, and its arguments. No shell.", text("A word.")),
  username: text("userpass, ldap: the user's name. Default: the operating system's."),
  password_file: filePath("userpass, ldap: the file with the password. Left out: dotvault login asks for it."),
  wrapped_token_file: filePath("token: a file with a wrapping token that holds one. Unwrapped once."),
  oidc_callback_port: integer("oidc: the local port that the browser comes back to, or the next free one. 0: any.", {
    absent: 8250,
    min: 0,
    max: 65_535,
  }),
  kv_mount: vaultPath("The KV version 2 mount.", "kv"),
  user_prefix: vaultPath("The prefix of every user's secrets in the mount.", "users"),
  ca_cert: filePath("A PEM file with the certificate authority of Vault's certificate."),
  ca_path: parsedText<string | undefined>("A directory of PEM files with such authorities.", {
    absent: undefined,
    parse: parseDirectoryPath,
  }),
  tls_server_name: parsedText<string | undefined>("The name in Vault's certificate, where it is not the address's.", {
    absent: undefined,
    parse: parseServerName,
  }),
  client_cert: filePath("A PEM file with the certificate that dotvault shows to Vault. Read again when it changes."),
  client_key: filePath("A PEM file with that certificate's key. Default: it is in the same file."),
  tls_skip_verify: flag("Do not check Vault's certificate. For development only."),
  policies: sequence("The policies that the token is narrowed to.", text("A policy's name.")),
  token_role: text(
    "The token role by which the narrowed token is made. One with orphan=true lets it outlive the login.",
  ),
  no_default_policy: flag("Leave Vault's default policy out of the token."),
  disable_token_renewal: flag("Never renew the token."),
  token_socket: later("Sockets of other dotvaults to borrow a token from."),
  mtls: later("A client certificate that is obtained from Vault's PKI engine. One in a file: client_cert."),
});

const keepOrRemove = ["keep", "remove"] as const;

const target = mapping("The file to write.", {
  path: required(filePath("The file: absolute, or from the home directory as ~/….")),
  format: required(oneOf("How the file is written.", formats)),
  template: text("A Go text/template over the secret's fields."),
  merge_key: text("Which key tells the objects of an array apart when it is merged with the file's (serverId for jf)."),
  delete_nulls: flag("A null that the template renders removes the key from the file (yaml and json)."),
  managed: oneOf("keys: what is no longer rendered stays in the file (default). strict: it is taken out.", [
    "keys",
    "strict",
  ] as const),
  on_remove: oneOf(
    "What becomes of the rule's values when the rule or its enrolment goes. Default: keep.",
    keepOrRemove,
  ),
  on_missing: oneOf("What becomes of them when the secret is gone from the store. Default: keep.", keepOrRemove),
  on_edit: oneOf("A managed value that somebody else changed: overwrite it (default), or keep the change.", [
    "overwrite",
    "keep",
  ] as const),
  mode: parsedText<number | undefined>("The file's permission bits, octal. Default: 0600.", {
    absent: undefined,
    schema: { pattern: "^0?[0-7]{3}$" },
    parse: parseFileMode,
  }),
  backup: integer("How many older versions of the file are kept beside it.", { absent: 0, min: 0, max: 99 }),
  merge: later("Another way of merging."),
});

const rule = mapping("Writes one secret into one file.", {
  name: required(
    parsedText<string | undefined>("A unique name, of what can be seen.", {
      absent: undefined,
      schema: { pattern: ruleNamePattern },
      parse: parseRuleName,
    }),
  ),
  description: text("What the rule is for."),
  enabled: flag("Whether the rule is run.", true),
  vault_key: parsedText<string | undefined>("The secret's name. Left out: the template alone makes the file.", {
    absent: undefined,
    parse: parseVaultKey,
  }),
  target: required(target),
  post: sequence("A program and its arguments, run after the file has changed. No shell.", text("A word.")),
  oauth: later("Vault's OAuth secrets engine."),
});
export type RuleSection = typeof rule extends Field<infer T> ? T : never;

const enrolment = mapping(
  "A credential to obtain and keep alive.",
  {
    engine: required(text("Who issues the credential.")),
    settings: free("The engine's settings."),
    help_text: text("Shown to the person who enrols."),
  },
  "an engine's settings stand below settings:",
);
export type EnrolmentSection = typeof enrolment extends Field<infer T> ? T : never;

export const configuration = mapping("The configuration of dotvault.", {
  bypass_system_config: flag("In the system's file: permits --config to name another."),
  vault,
  sync: mapping("When secrets are looked at.", {
    interval: duration("How often every secret is compared with its files.", { absent: "15m", min: "1s" }),
    watch: duration("How often every secret is looked at for a new version; at least every sync.interval.", {
      absent: "10s",
      min: "1s",
    }),
  }),
  journal: mapping("The history that dotvault keeps.", {
    retention: duration(
      "How long events are kept, at least: a few older ones stay, with what all since then follows from.",
      { absent: "180d", min: "1s" },
    ),
    key: oneOf("Where the key that seals is kept: auto (the system's keyring on a desktop), file or keyring.", [
      "auto",
      "file",
      "keyring",
    ] as const),
  }),
  rules: sequence("What is written into which file.", rule),
  enrolments: dictionary("Credentials by name: name or group/name.", {
    keyPattern: enrolmentKeyPattern,
    item: enrolment,
  }),
  web: later("A web page on this machine."),
  api: later("A local API."),
  fuse: later("Secrets as a file system."),
  agent: later("An SSH agent."),
  ssh: later("Managed SSH forwards."),
  observability: later("Metrics and logs over OTLP."),
  remote_config: later("Rules and enrolments from a server."),
  docker: later("A volume driver for containers."),
});
export type ConfigurationSection = typeof configuration extends Field<infer T> ? T : never;
export type { Section };

/** Dotted paths of all keys by their last name: `interval` → `sync.interval`. */
export function placesByName(): ReadonlyMap<string, readonly string[]> {
  const named = keysBelow(configuration).filter(({ path }) => !["[]", "*"].includes(path.at(-1) ?? ""));
  const places = Map.groupBy(named, ({ path }) => path.at(-1) ?? "");
  return new Map([...places].map(([name, found]) => [name, found.map(({ path }) => dotted(path))]));
}

function dotted(path: readonly string[]): string {
  return path.join(".").replaceAll(".[]", "[]").replaceAll("*", "<name>");
}
