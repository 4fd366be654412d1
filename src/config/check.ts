import type { Config, Validators } from "./config.ts";
import { checkEnrolments } from "./enrolments.ts";
import { configuration, placesByName } from "./keys.ts";
import { Findings, type Problem } from "./problems.ts";
import { checkRules, warnOfSourceless } from "./rules.ts";
import type { Tree } from "./tree.ts";
import { addressesOf, toVault, warnAboutVault } from "./vault.ts";
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
    fixedValues: validators.fixedValues,
    enrolments: values.enrolments.map(({ key }) => key),
  });
  warnAboutVault(values.vault, findings);
  if (addressesOf(values.vault.values).length === 0) warnOfSourceless(values.rules, values.enrolments, findings);
  return {
    bypassSystemConfig: values.bypass_system_config,
    vault: toVault(values.vault.values),
    sync: { intervalMs: values.sync.values.interval, watchMs: values.sync.values.watch },
    journal: { retentionMs: values.journal.values.retention, key: values.journal.values.key ?? "auto" },
    rules,
    enrolments,
  };
}
