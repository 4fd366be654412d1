import type { Config, Validators, VaultConfig } from "./config.ts";
import { checkEnrolments } from "./enrolments.ts";
import { type ConfigurationSection, configuration, placesByName } from "./keys.ts";
import { loginOf } from "./login.ts";
import { Findings, type Problem } from "./problems.ts";
import { checkRules, warnOfSourceless } from "./rules.ts";
import { offsetOf, type Tree } from "./tree.ts";
import { readYaml } from "./yaml.ts";

export interface LoadResult {
  readonly file: string;
  /** There exactly when there are no problems. */
  readonly config?: Config;
  /** Errors, in the order of the file. */
  readonly problems: readonly Problem[];
  /** What is ignored or risky, but hinders nothing. */
  readonly warnings: readonly Problem[];
}

export interface LoadOptions {
  /** To know that `~/x` and `/home/me/x` are one file. */
  readonly home?: string;
  /** The user whose file it is; default the process's. */
  readonly uid?: number;
}

/** Checks a configuration's text. Pure but for the validators. */
export function parseConfig(
  written: string,
  file: string,
  validators: Validators,
  options: LoadOptions = {},
): LoadResult {
  const text = written.replace(/^\uFEFF/, "");
  const findings = new Findings(file, text);
  const config = check(text, findings, validators, options);
  const problems = findings.errors();
  const result = { file, problems, warnings: findings.warnings() };
  return problems.length === 0 && config !== undefined ? { ...result, config } : result;
}

function check(text: string, findings: Findings, validators: Validators, options: LoadOptions): Config | undefined {
  const tree = readYaml(text, findings);
  if (tree !== undefined) return checkTree(tree, text, findings, validators, options);
  if (findings.errors().length === 0) {
    findings.error("config.empty", 0, { what: "the file says nothing", hint: "dotvault init writes a beginning" });
  }
  return undefined;
}

function checkTree(tree: Tree, text: string, findings: Findings, validators: Validators, options: LoadOptions): Config {
  const section = configuration.read(tree, { path: "", start: 0, findings, elsewhere: placesByName() });
  const { values } = section;
  const enrolments = checkEnrolments(values.enrolments, validators.engines, findings);
  const rules = checkRules(values.rules, {
    findings,
    text,
    home: options.home,
    checkTemplate: validators.template,
    templateReads: validators.templateReads,
    enrolments: values.enrolments.map(({ key }) => key),
  });
  warnAboutVault(values.vault, findings);
  if (values.vault.values.address === undefined) warnOfSourceless(values.rules, values.enrolments, findings);
  return {
    bypassSystemConfig: values.bypass_system_config,
    vault: toVault(values.vault.values),
    sync: { intervalMs: values.sync.values.interval },
    journal: { retentionMs: values.journal.values.retention },
    rules,
    enrolments,
  };
}

type VaultSection = ConfigurationSection["values"]["vault"];

function warnAboutVault({ values, tree }: VaultSection, findings: Findings): void {
  const { name, sealedBy } = values.auth_method;
  const login = loginOf(values);
  if (typeof login === "string") {
    findings.warn("config.no-effect", offsetOf(tree, ["auth_method"], "value"), {
      what: `logging in with ${name} needs ${login}`,
      hint: "until then dotvault reads DOTVAULT_TOKEN and ~/.dotvault-token",
    });
  } else if (login === undefined && (name !== "token" || sealedBy !== undefined)) {
    findings.warn("config.later", offsetOf(tree, ["auth_method"], "value"), {
      what: `logging in with ${name}${sealedBy === undefined ? "" : `+${sealedBy}`} comes with a later version`,
      hint: "until then dotvault reads DOTVAULT_TOKEN and ~/.dotvault-token",
    });
  }
  if (tree.entries.size > 0 && !tree.entries.has("address")) {
    findings.warn("config.no-effect", tree.start, {
      what: "vault.address is not set: the embedded store is used, and what else stands in vault has no effect",
    });
  }
}

function toVault(values: VaultSection["values"]): VaultConfig {
  const login = loginOf(values);
  return {
    ...(values.address === undefined ? {} : { address: values.address }),
    authMethod: values.auth_method,
    authMount: values.auth_mount ?? values.auth_method.name,
    ...(values.auth_role === undefined ? {} : { authRole: values.auth_role }),
    ...(login === undefined || typeof login === "string" ? {} : { login }),
    ...(values.namespace === undefined ? {} : { namespace: values.namespace }),
    oidcCallbackPort: values.oidc_callback_port || 8250,
    kvMount: values.kv_mount,
    userPrefix: `${values.user_prefix}/`,
    ...(values.ca_cert === undefined ? {} : { caCert: values.ca_cert }),
    tlsSkipVerify: values.tls_skip_verify,
    policies: values.policies.filter((policy) => policy !== undefined),
    noDefaultPolicy: values.no_default_policy,
    disableTokenRenewal: values.disable_token_renewal,
  };
}
