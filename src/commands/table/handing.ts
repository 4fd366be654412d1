import { config, dryRun, json, type Verb } from "./verb.ts";

/** Tokens and files, looked into and handed out. */
export const HANDING: readonly Verb[] = [
  {
    name: "token",
    args: "<verb> [what]",
    words: ["inspect", "verify", "list", "revoke", "print", "exec"],
    arity: [1, Number.POSITIVE_INFINITY],
    summary: "access tokens: look into them, who vouches, all there ever were, hand them to programs",
    options: [
      config,
      json,
      {
        name: "trust",
        value: "FILE",
        help: "with verify: certificates to trust, a directory, or a platform's address",
      },
      { name: "offline", help: "with list: from the journal alone" },
      { name: "orphans", help: "with revoke: all that a service lists and nobody uses any more" },
      { ...dryRun, help: "with revoke: only show which" },
      { name: "field", value: "NAME", help: "with print: which field (default: access_token)" },
      { name: "force", help: "with print: on a terminal, too" },
      { name: "env", value: "NAME=FIELD,…", help: "with exec: the variables (default: JF_URL, JF_ACCESS_TOKEN, …)" },
    ],
    examples: [
      "dotvault token inspect jfrog",
      "pbpaste | dotvault token inspect -",
      "dotvault token verify ~/.jfrog/jfrog-cli.conf.v6",
      "dotvault token list",
      "dotvault token revoke --orphans",
      "dotvault token print jfrog --field user",
      "dotvault token exec jfrog -- terraform plan",
    ],
    load: async () => (await import("../token.ts")).token,
  },
  {
    name: "file",
    args: "<keep|take-back|stop> <file>",
    words: ["keep", "take-back", "stop"],
    arity: [2, 2],
    summary: "your word on a file that somebody else has changed: leave it so, write it anew, or never again",
    options: [config, json],
    examples: ["dotvault file keep npmrc", "dotvault file take-back ~/.npmrc", "dotvault file stop npmrc"],
    load: async () => (await import("../file.ts")).file,
  },
];
