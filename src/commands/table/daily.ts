import { config, dryRun, logging, type Verb } from "./verb.ts";

/** What keeps credentials alive. */
export const DAILY: readonly Verb[] = [
  {
    name: "init",
    args: "[url]",
    arity: [0, 1],
    summary: "write a commented starter configuration",
    options: [config],
    examples: ["dotvault init https://mycompany.jfrog.io"],
    load: async () => (await import("../init.ts")).init,
  },
  {
    name: "run",
    arity: [0, 0],
    summary: "run the agent; on a terminal it also enrols what is missing",
    options: [
      config,
      { name: "once", help: "do what is due, write the files, and end" },
      { name: "revoke-on-exit", help: "at the end, un-enrol what needed no person (login: token, oidc)" },
      dryRun,
      ...logging,
    ],
    examples: ["dotvault run", "dotvault run --once --log-format json"],
    load: async () => {
      // Before the agent's own code is loaded, which alone lets the heap grow.
      (await import("../assembly/lean-heap.ts")).stayLean();
      // Before the first use of Node's threads: a mount that hangs must not take all of them (agent/turns.ts).
      process.env.UV_THREADPOOL_SIZE ??= "24";
      return (await import("../run.ts")).run;
    },
  },
  {
    name: "enrol",
    args: "[name]",
    arity: [0, 1],
    summary: "sign in; joins a login that is under way",
    options: [config, { name: "again", help: "sign in anew although the enrolment is active" }],
    examples: ["dotvault enrol", "dotvault enrol jfrog --again"],
    load: async () => (await import("../enrol.ts")).enrol,
  },
  {
    name: "sync",
    args: "[rule]",
    arity: [0, 1],
    summary: "write all files now",
    options: [config, dryRun],
    examples: ["dotvault sync", "dotvault sync --dry-run", "dotvault sync --dry-run jfrog-cli"],
    load: async () => (await import("../sync.ts")).sync,
  },
  {
    name: "refresh",
    args: "<name>",
    arity: [1, 1],
    summary: "rotate now, due or not",
    options: [config],
    examples: ["dotvault refresh jfrog"],
    load: async () => (await import("../refresh.ts")).refresh,
  },
  {
    name: "revoke",
    args: "[name]",
    arity: [0, 1],
    summary: "un-enrol, on all your machines: revoke at the service, remove the secret, keep the history",
    options: [config, { name: "all", help: "every enrolment, and old tokens too: the end of a pipeline" }],
    examples: ["dotvault revoke jfrog", "dotvault revoke --all"],
    load: async () => (await import("../revoke.ts")).revoke,
  },
  {
    name: "login",
    arity: [0, 0],
    summary: "log in to Vault now; joins a login that is under way",
    options: [config, { name: "again", help: "log in anew although the token is good" }],
    examples: ["dotvault login"],
    load: async () => (await import("../login.ts")).login,
  },
  {
    name: "login-check",
    arity: [0, 0],
    summary: "for shell profiles: one line on stderr and exit code 3 when you are needed",
    options: [config, { name: "quiet", help: "say nothing when nobody is needed" }],
    examples: ["dotvault login-check --quiet"],
    load: async () => (await import("../login-check.ts")).loginCheck,
  },
];
