import type { JfrogSettings } from "../../adapters/engines/jfrog/settings.ts";
import type { SshkeySettings } from "../../adapters/engines/sshkey/settings.ts";
import { authMethods } from "../../config/auth-method.ts";
import type { Config, Enrolment, Rule, Target, VaultConfig, VaultTls } from "../../config/config.ts";
import {
  alias,
  failureClass,
  flag,
  list,
  number,
  oneOf,
  present,
  record,
  type Shape,
  size,
  whole,
} from "../../machines/history/shapes.ts";

/** What a bug report may say of the configuration. A member without a row does not compile. */

const FORMATS = ["json", "yaml", "text", "ini", "netrc", "ssh_config", "toml"];
const keepOr = (other: string) => oneOf(["keep", other]);

/** Scheme and host alone: a path may hold a session, a user's part a password. */
const origin: Shape = (value, aliases) => {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url === null ? null : aliases.of("origin", url.origin);
};

const tls = whole<VaultTls>({
  caCert: present,
  caPath: present,
  serverName: present,
  clientCert: present,
  clientKey: present,
  skipVerify: flag,
});

const narrowing = whole<NonNullable<VaultConfig["narrowing"]>>({
  policies: size,
  noDefaultPolicy: flag,
  tokenRole: present,
});

const vault = whole<VaultConfig>({
  address: origin,
  moreAddresses: list(origin),
  authMethod: whole<VaultConfig["authMethod"]>({ name: oneOf(authMethods), sealedBy: oneOf(["tpm", "os"]) }),
  authMount: present,
  authRole: present,
  login: present,
  namespace: present,
  kvMount: present,
  userPrefix: present,
  tls,
  narrowing,
  disableTokenRenewal: flag,
});

/** Of all engines. */
const settings = whole<Required<JfrogSettings> & Required<SshkeySettings>>({
  url: origin,
  tokenTtlMs: number,
  clientName: present,
  clientCode: present,
  rotation: oneOf(["refresh", "remint"]),
  login: record({ by: oneOf(["token", "oidc"]) }),
  scope: alias("scope"),
  audience: alias("audience"),
  description: present,
  projectKey: present,
  forceRevocable: flag,
  referenceToken: flag,
  username: present,
  platforms: list(origin),
  trustedCertificates: size,
  passphrase: present,
  comment: present,
});

const enrolment = whole<Enrolment>({
  key: alias("name"),
  engine: oneOf(["jfrog", "sshkey", "github"]),
  settings,
  helpText: present,
});

const target = whole<Target>({
  path: alias("path"),
  format: oneOf(FORMATS),
  template: size,
  mergeKey: present,
  deleteNulls: flag,
  strict: flag,
  onRemove: keepOr("remove"),
  onMissing: keepOr("remove"),
  onEdit: keepOr("overwrite"),
  mode: number,
  backups: number,
});

const rule = whole<Rule>({
  name: alias("rule"),
  description: present,
  vaultKey: alias("name"),
  target,
  post: present,
});

/** Paths as the journal spells them, so that both are told as the same. */
export const configuration = whole<Config>({
  bypassSystemConfig: flag,
  vault,
  sync: record({ intervalMs: number, watchMs: number }),
  journal: record({ retentionMs: number, key: oneOf(["auto", "file", "keyring"]) }),
  enrolments: list(enrolment),
  rules: list(rule),
});

/** Mistakes in it: which, and where. */
export const problems = list(record({ code: failureClass, line: number, column: number }));
