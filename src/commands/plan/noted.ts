import { octal } from "../../adapters/files/octal.ts";
import type { Marks } from "../../agent/rule-file/deps.ts";
import type { Config, Enrolment, Rule, VaultConfig } from "../../config/config.ts";
import type { Login } from "../../config/login.ts";
import { ownMount } from "../../config/vault.ts";
import type { Json } from "../../journal/port.ts";

/** The fact by which the journal knows what the agent read last. */
export const CONFIGURATION = "configuration";

/** Keys below one place of the configuration, as a person writes them: `target.mode`. Those that are not set have no entry. */
export type Keys = { readonly [key: string]: Json };

/**
 * A configuration key by key: what the agent notes of its own in the journal, so that `plan` can tell what another one
 * changes. What is long, or might be a secret, is a keyed digest.
 */
export type Noted = {
  /** It holds until the agent is started anew; the rest until the configuration is read again. */
  readonly vault: Keys;
  readonly general: Keys;
  readonly rules: { readonly [name: string]: Keys };
  readonly enrolments: { readonly [name: string]: Keys };
  /** Whether the file says otherwise of `vault`; absent in a note that is not the agent's. */
  readonly waits?: boolean;
};

/** Stands for a value that is not shown, or of which no more than this is. */
export type Marked = { readonly mark: string; readonly as?: string };

export function isMarked(value: Json | undefined): value is Marked {
  return typeof value === "object" && value !== null && "mark" in value;
}

type Written = Readonly<Record<string, unknown>>;

export function notedOf({ bypassSystemConfig, vault, sync, journal, rules, enrolments }: Config, marks: Marks): Noted {
  return {
    vault: set(vaultKeys(vault, marks)),
    general: set({
      bypass_system_config: bypassSystemConfig,
      ...below("sync", { interval: sync.intervalMs, watch: sync.watchMs }),
      ...below("journal", { retention: journal.retentionMs, key: journal.key }),
    }),
    rules: Object.fromEntries(rules.map((rule) => [rule.name, set(ruleKeys(rule, marks))])),
    enrolments: Object.fromEntries(enrolments.map((one) => [one.key, set(enrolmentKeys(one, marks))])),
  };
}

function below(place: string, keys: Written): Written {
  return Object.fromEntries(Object.entries(keys).map(([key, value]) => [`${place}.${key}`, value]));
}

function set(keys: Written): Keys {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined)) as Keys;
}

/** Without an address nothing of it has an effect. */
function vaultKeys(vault: VaultConfig, marks: Marks): Written {
  const { address, moreAddresses, authMethod, authMount, authRole, namespace, tls, narrowing, login } = vault;
  if (address === undefined) return {};
  const { name, sealedBy } = authMethod;
  return {
    ...{ address, addresses: moreAddresses, namespace, kv_mount: vault.kvMount, user_prefix: vault.userPrefix },
    auth_method: sealedBy === undefined ? name : `${name}+${sealedBy}`,
    ...{ auth_mount: authMount === ownMount(name) ? undefined : authMount, auth_role: authRole },
    ...loginKeys(login, marks),
    ...{ ca_cert: tls.caCert, ca_path: tls.caPath, tls_server_name: tls.serverName, client_cert: tls.clientCert },
    ...{ client_key: tls.clientKey, tls_skip_verify: tls.skipVerify },
    ...{ policies: narrowing?.policies, no_default_policy: narrowing?.noDefaultPolicy ?? false },
    token_role: narrowing?.tokenRole,
    disable_token_renewal: vault.disableTokenRenewal,
  };
}

function loginKeys(login: Login | undefined, marks: Marks): Written {
  const given: Written = login ?? {};
  return {
    ...{ role_id_file: given.roleIdFile, secret_id_file: given.secretIdFile },
    secret_id_wrapping_path: given.secretIdWrappingPath,
    ...{ jwt_file: given.jwtFile, jwt_env: given.jwtEnv, jwt_command: marked(given.jwtCommand, marks) },
    ...{ username: given.username, password_file: given.passwordFile },
    ...{ wrapped_token_file: given.wrappedTokenFile, oidc_callback_port: given.callbackPort },
  };
}

function ruleKeys({ description, vaultKey, target, post }: Rule, marks: Marks): Written {
  return {
    ...{ description: marked(description, marks), vault_key: vaultKey, post: marked(post, marks) },
    ...below("target", {
      ...{ path: target.path, format: target.format, template: marked(target.template, marks) },
      ...{ merge_key: target.mergeKey, delete_nulls: target.deleteNulls, managed: target.strict ? "strict" : "keys" },
      ...{ on_remove: target.onRemove, on_missing: target.onMissing, on_edit: target.onEdit },
      ...{ mode: target.mode === undefined ? undefined : octal(target.mode), backup: target.backups },
    }),
  };
}

function enrolmentKeys({ engine, settings, helpText }: Enrolment, marks: Marks): Written {
  const own = Object.entries(settings).map(([name, value]) => {
    const key = written(name);
    if (key === "login") return [key, { ...marked(value, marks), as: (value as { readonly by?: string }).by }];
    return [key, SHOWN.has(key) ? value : marked(value, marks)];
  });
  return { engine, help_text: marked(helpText, marks), ...below("settings", Object.fromEntries(own)) };
}

/** As an engine's validator returns them, `tokenTtlMs`; as people write them, `token_ttl`. */
function written(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/_ms$/, "");
}

/** Settings of engines whose values may be shown; a list of those that may not would never be complete. */
const SHOWN: ReadonlySet<string> = new Set([
  ...["url", "token_ttl", "rotation", "scope", "audience", "description", "project_key", "force_revocable"],
  ...["reference_token", "username", "platforms", "trusted_certificates", "client_name", "client_code", "comment"],
]);

function marked(value: unknown, marks: Marks): Marked | undefined {
  return value === undefined ? undefined : { mark: marks.of(JSON.stringify(value)) };
}
