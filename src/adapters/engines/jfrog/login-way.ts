import { choiceEntry, type Entries, entry, type Report, textEntry } from "../settings.ts";
import type { TokenSource } from "../token-source.ts";

/** How an enrolment comes to its first token: a person in a browser, another token, or a CI system's ID token. */
export type LoginWay =
  | { readonly by: "web" }
  | { readonly by: "token"; readonly source: TokenSource }
  | { readonly by: "oidc"; readonly provider: string; readonly source: TokenSource };

/** The settings of each way; those of another way than the one that is set are mistakes. */
const SOURCES = {
  web: [],
  token: ["token_file", "token_env", "token_vault"],
  oidc: ["id_token_file", "id_token_env", "id_token_command"],
} as const;
const WAYS = ["web", "token", "oidc"] as const;

export const loginNames = ["login", "provider_name", ...SOURCES.token, ...SOURCES.oidc] as const;

/** Reads `login` and what belongs to it; undefined when something is wrong. */
export function readLoginWay(entries: Entries, report: Report): LoginWay | undefined {
  const by = choiceEntry(entries, "login", WAYS, report) ?? "web";
  refuseStrangers(entries, by, report);
  if (by === "web") return { by };
  const source = readSource(entries, by, report);
  if (by === "token") return source && { by, source };
  const provider = textEntry(entries, "provider_name", 255, report);
  if (provider === undefined && entry(entries, "provider_name") === undefined)
    report(["login"], "login: oidc needs provider_name", { hint: "the name of the OIDC integration in JFrog" });
  return source && provider !== undefined ? { by, provider, source } : undefined;
}

function refuseStrangers(entries: Entries, by: (typeof WAYS)[number], report: Report): void {
  for (const way of WAYS.filter((other) => other !== by)) {
    const names = way === "oidc" ? ["provider_name", ...SOURCES.oidc] : SOURCES[way];
    for (const name of names.filter((each) => entry(entries, each) !== undefined))
      report([name], `${name} belongs to login: ${way}`, { hint: `say login: ${way}, or take it out` });
  }
}

function readSource(entries: Entries, by: "token" | "oidc", report: Report): TokenSource | undefined {
  const names = SOURCES[by];
  const [name, second] = names.filter((each) => entry(entries, each) !== undefined);
  if (name === undefined) report(["login"], `login: ${by} needs one of ${names.join(", ")}`);
  else if (second !== undefined) report([second], `${second} beside ${name}: the token comes from one place`);
  else return READERS[name](entries, name, report);
  return undefined;
}

type Reader = (entries: Entries, name: string, report: Report) => TokenSource | undefined;

const readFile: Reader = (entries, name, report) => {
  const path = textEntry(entries, name, 4096, report);
  if (path === undefined || /^(?:\/|~\/)./.test(path)) return path === undefined ? undefined : { from: "file", path };
  report([name], `${name} must begin with / or ~/`);
  return undefined;
};

const readEnv: Reader = (entries, name, report) => {
  const variable = textEntry(entries, name, 255, report);
  if (variable === undefined) return undefined;
  const at = variable.search(/^\d|\W/);
  if (at === -1) return { from: "env", name: variable };
  report([name], `${name} is the name of a variable, not a token`, { at, hint: "say JFROG_ID_TOKEN, without $" });
  return undefined;
};

const readCommand: Reader = (entries, name, report) => {
  const words = entry(entries, name);
  const isSound = (word: unknown) => typeof word === "string" && word !== "" && !word.includes("\0");
  if (Array.isArray(words) && words.length > 0 && words.every(isSound))
    return { from: "command", words: words as [string, ...string[]] };
  report([name], `${name} must be a list: a program and its arguments`, { hint: 'say ["sh", "-c", "…"] for a shell' });
  return undefined;
};

/** `ci/jfrog#access_token`: a document below the mount, and its field. */
const readVault: Reader = (entries, name, report) => {
  const written = textEntry(entries, name, 1024, report);
  if (written === undefined) return undefined;
  const [path = "", field = "access_token", ...rest] = written.split("#");
  const isPath = path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  if (isPath && field !== "" && rest.length === 0) return { from: "vault", path, field };
  report([name], `${name} must be a path below vault.kv_mount and a field`, { hint: "say ci/jfrog#access_token" });
  return undefined;
};

const READERS: Readonly<Record<(typeof SOURCES)["token" | "oidc"][number], Reader>> = {
  token_file: readFile,
  token_env: readEnv,
  token_vault: readVault,
  id_token_file: readFile,
  id_token_env: readEnv,
  id_token_command: readCommand,
};
