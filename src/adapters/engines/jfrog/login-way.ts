import { choice, type JsonSchema, reading, type Setting, text } from "../setting-kinds.ts";
import { type Entries, entry, type Report } from "../settings.ts";
import type { TokenSource } from "../token-source.ts";

/** How an enrolment comes to its first token: a person in a browser, another token, or a CI system's ID token. */
export type LoginWay =
  | { readonly by: "web" }
  | { readonly by: "token"; readonly source: TokenSource }
  | { readonly by: "oidc"; readonly provider: string; readonly source: TokenSource };

const FILE: Setting<TokenSource> = mapped(
  text("A file with the token, absolute or `~/…`.", 4096, {
    rule: { pattern: /^~?\/./u, wrong: (_, name) => ({ what: `${name} must begin with / or ~/` }) },
  }),
  (path) => ({ from: "file", path }),
);

const VARIABLE: Setting<TokenSource> = mapped(
  text("The name of a variable that holds the token.", 255, {
    rule: {
      pattern: /^[A-Za-z_]\w*$/u,
      wrong: (value, name) => ({
        what: `${name} is the name of a variable, not a token`,
        at: value.search(/^\d|\W/),
        hint: "say JFROG_ID_TOKEN, without $",
      }),
    },
  }),
  (name) => ({ from: "env", name }),
);

/** `ci/jfrog#access_token`: a document below the mount, and its field. */
const DOCUMENT: Setting<TokenSource> = mapped(
  text("A document below `vault.kv_mount`, and a field: `ci/jfrog#access_token`.", 1024, {
    rule: {
      pattern: /^(?!\.{1,2}(?:[/#]|$))[^/#]+(?:\/(?!\.{1,2}(?:[/#]|$))[^/#]+)*(?:#[^#]+)?$/u,
      wrong: (_, name) => ({
        what: `${name} must be a path below vault.kv_mount and a field`,
        hint: "say ci/jfrog#access_token",
      }),
    },
  }),
  (written) => {
    const [path = "", field = "access_token"] = written.split("#");
    return { from: "vault", path, field };
  },
);

const WORD = /^[^\0]+$/u;

const PROGRAM: Setting<TokenSource> = {
  schema: {
    description: "A program and its arguments, run without a shell; it prints the token, within a minute.",
    type: "array",
    minItems: 1,
    items: { type: "string", pattern: WORD.source },
  },
  read(words, name, report) {
    if (words === undefined) return undefined;
    const isSound = (word: unknown) => typeof word === "string" && WORD.test(word);
    if (Array.isArray(words) && words.length > 0 && words.every(isSound))
      return { from: "command", words: words as [string, ...string[]] };
    report([name], `${name} must be a list: a program and its arguments`, {
      hint: 'say ["sh", "-c", "…"] for a shell',
    });
    return undefined;
  },
};

function mapped<T, U>({ schema, read }: Setting<T>, change: (value: T) => U): Setting<U> {
  return {
    schema,
    read(...args) {
      const value = read(...args);
      return value === undefined ? undefined : change(value);
    },
  };
}

/** The settings of each way; those of another way than the one that is set are mistakes. */
const SOURCES = {
  web: {},
  token: { token_file: FILE, token_env: VARIABLE, token_vault: DOCUMENT },
  oidc: { id_token_file: FILE, id_token_env: VARIABLE, id_token_command: PROGRAM },
} as const;
const PROVIDER = { provider_name: text("The name of the OIDC integration in JFrog.", 255) };
const OWN = { web: {}, token: SOURCES.token, oidc: { ...PROVIDER, ...SOURCES.oidc } };
const WAYS = ["web", "token", "oidc"] as const;

export const loginSettings = {
  login: choice(
    "How the first token is come by: by a person in a browser, with another token, with a CI system's ID token.",
    WAYS,
  ),
  ...OWN.token,
  ...OWN.oidc,
};

/** What {@link readLoginWay} says of them beside each other. */
export const loginRules: readonly JsonSchema[] = WAYS.map((by) => {
  const others = WAYS.filter((other) => other !== by).flatMap((other) => Object.keys(OWN[other]));
  const sources = Object.keys(SOURCES[by]).map((name) => ({ required: [name] }));
  const said = { properties: { login: { const: by } }, ...(by === "web" ? {} : { required: ["login"] }) };
  const wanted = {
    properties: Object.fromEntries(others.map((name) => [name, false])),
    ...(sources.length > 0 && { oneOf: sources }),
    ...(by === "oidc" && { required: Object.keys(PROVIDER) }),
  };
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's keyword
  return { if: said, then: wanted };
});

/** Reads `login` and what belongs to it; undefined when something is wrong. */
export function readLoginWay(entries: Entries, report: Report): LoginWay | undefined {
  const read = reading(loginSettings, entries, report);
  const by = read("login") ?? "web";
  refuseStrangers(entries, by, report);
  if (by === "web") return { by };
  const source = readSource(entries, by, report);
  if (by === "token") return source && { by, source };
  const provider = read("provider_name");
  if (provider === undefined && entry(entries, "provider_name") === undefined)
    report(["login"], "login: oidc needs provider_name", { hint: "the name of the OIDC integration in JFrog" });
  return source && provider !== undefined ? { by, provider, source } : undefined;
}

function refuseStrangers(entries: Entries, by: (typeof WAYS)[number], report: Report): void {
  for (const way of WAYS.filter((other) => other !== by)) {
    for (const name of Object.keys(OWN[way]).filter((each) => entry(entries, each) !== undefined))
      report([name], `${name} belongs to login: ${way}`, { hint: `say login: ${way}, or take it out` });
  }
}

function readSource(entries: Entries, by: "token" | "oidc", report: Report): TokenSource | undefined {
  const names = Object.keys(SOURCES[by]);
  const [name, second] = names.filter((each) => entry(entries, each) !== undefined);
  if (name === undefined) report(["login"], `login: ${by} needs one of ${names.join(", ")}`);
  else if (second !== undefined) report([second], `${second} beside ${name}: the token comes from one place`);
  else return loginSettings[name as "token_file"].read(entry(entries, name), name, report);
  return undefined;
}
