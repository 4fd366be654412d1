import type { VaultConfig, VaultTls } from "./config.ts";
import type { ConfigurationSection } from "./keys.ts";
import { loginOf } from "./login.ts";
import type { Findings } from "./problems.ts";
import { offsetOf } from "./tree.ts";

type VaultSection = ConfigurationSection["values"]["vault"];
type Written = VaultSection["values"];

/** What the section says, in the form that is run. */
export function toVault(values: Written): VaultConfig {
  const login = loginOf(values);
  const [address, ...more] = addressesOf(values);
  return {
    ...(address === undefined ? {} : { address }),
    ...(more.length === 0 ? {} : { moreAddresses: more }),
    authMethod: values.auth_method,
    authMount: values.auth_mount ?? ownMount(values.auth_method.name),
    ...(values.auth_role === undefined ? {} : { authRole: values.auth_role }),
    ...(login === undefined || typeof login === "string" ? {} : { login }),
    ...(values.namespace === undefined ? {} : { namespace: values.namespace }),
    kvMount: values.kv_mount,
    userPrefix: `${values.user_prefix}/`,
    tls: tlsOf(values),
    ...narrowingOf(values),
    disableTokenRenewal: values.disable_token_renewal,
  };
}

/** Where a method is mounted if nothing is said; the predecessor's `mtls` logs in at Vault's method `cert`. */
export function ownMount(method: string): string {
  return method === "mtls" ? "cert" : method;
}

function narrowingOf({ policies, no_default_policy: noDefaultPolicy, token_role: tokenRole }: Written) {
  const named = policies.filter((policy) => policy !== undefined);
  if (named.length === 0 && !noDefaultPolicy && tokenRole === undefined) return {};
  return { narrowing: { policies: named, noDefaultPolicy, ...(tokenRole === undefined ? {} : { tokenRole }) } };
}

/** Tells what in it has no effect. */
export function warnAboutVault(section: VaultSection, findings: Findings): void {
  const { values, tree } = section;
  warnOfLogin(section, findings);
  if (narrowingOf(values).narrowing !== undefined && values.auth_method.name === "token") {
    const key = ["policies", "no_default_policy", "token_role"].find((name) => tree.entries.has(name)) ?? "policies";
    findings.warn("config.no-effect", offsetOf(tree, [key], "value"), {
      what: `vault.${key} has no effect on a token that a person brings (auth_method: token)`,
    });
  }
  if (values.client_key !== undefined && values.client_cert === undefined) {
    findings.warn("config.no-effect", offsetOf(tree, ["client_key"], "value"), {
      what: "vault.client_key has no effect without vault.client_cert",
    });
  }
  if (tree.entries.size > 0 && !tree.entries.has("address") && !tree.entries.has("addresses")) {
    findings.warn("config.no-effect", tree.start, {
      what: "vault.address is not set: the embedded store is used, and what else stands in vault has no effect",
    });
  }
}

function warnOfLogin({ values, tree }: VaultSection, findings: Findings): void {
  const { name, sealedBy } = values.auth_method;
  const login = loginOf(values);
  const hint = "until then dotvault reads DOTVAULT_TOKEN and ~/.dotvault-token";
  const place = offsetOf(tree, ["auth_method"], "value");
  if (typeof login === "string") {
    findings.warn("config.no-effect", place, { what: `logging in with ${name} needs ${login}`, hint });
  } else if (login === undefined && (name !== "token" || sealedBy !== undefined)) {
    const method = `${name}${sealedBy === undefined ? "" : `+${sealedBy}`}`;
    findings.warn("config.later", place, { what: `logging in with ${method} comes with a later version`, hint });
  }
}

/** The one of `address` first; each once. */
export function addressesOf({ address, addresses }: Written): readonly string[] {
  return [...new Set([address, ...addresses])].filter((each) => each !== undefined);
}

function tlsOf(values: Written): VaultTls {
  const { ca_cert: caCert, ca_path: caPath, client_cert: clientCert, client_key: clientKey } = values;
  return {
    ...(caCert === undefined ? {} : { caCert }),
    ...(caPath === undefined ? {} : { caPath }),
    ...(values.tls_server_name === undefined ? {} : { serverName: values.tls_server_name }),
    ...(clientCert === undefined ? {} : { clientCert }),
    ...(clientCert === undefined || clientKey === undefined ? {} : { clientKey }),
    skipVerify: values.tls_skip_verify,
  };
}
