import { parseConfig } from "../../src/config/check.ts";
import { formatProblem } from "../../src/config/problems.ts";
import { validators } from "../fixtures/config/validators.ts";

export const jfrog = "enrolments:\n  jfrog: { engine: jfrog, settings: { url: https://a.example } }\n";

export const check = (text: string, home = "/home/me") => parseConfig(text, "f", validators, { home });

export const problems = (text: string) => check(text).problems.map(formatProblem);

export const warnings = (text: string) => check(text).warnings.map(formatProblem);

export const rules = (...texts: string[]) => `${jfrog}rules:\n${texts.map((text) => `  - ${text}\n`).join("")}`;

export const rule = (target: string, rest = "name: r, vault_key: jfrog") => rules(`{ ${rest}, target: { ${target} } }`);
