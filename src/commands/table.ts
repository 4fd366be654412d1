import type { Command } from "./io.ts";

/** An option of a verb; `value` names what it takes, and without it the option is a switch. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
}

export interface Verb {
  readonly name: string;
  /** Arguments as help shows them. */
  readonly args?: string;
  /** What the first argument is one of, where `args` is too short to say so. */
  readonly words?: readonly string[];
  /** Least and most positional arguments. */
  readonly arity: readonly [number, number];
  readonly summary: string;
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  /** Imported only when the verb is called: start-up is paid for by what is used. */
  readonly load: () => Promise<Command>;
}

const config: Option = { name: "config", value: "FILE", help: "use this configuration file" };
const json: Option = { name: "json", help: "print one JSON document (docs/json.md)" };
const dryRun: Option = { name: "dry-run", help: "change nothing anywhere; show what would change" };
const at: Option = { name: "at", value: "TIME", help: 'as it was then: 2h (ago), 14:05, "yesterday 14:05"' };
const logging: readonly Option[] = [
  { name: "log-level", value: "LEVEL", help: "debug, info, warn or error (default: info)" },
  { name: "log-format", value: "FORMAT", help: "auto, text or json (default: auto)" },
];

export const VERBS: readonly Verb[] = [
  {
    name: "init",
    args: "[url]",
    arity: [0, 1],
    summary: "write a commented starter configuration",
    options: [config],
    examples: ["dotvault init https://mycompany.jfrog.io"],
    load: async () => (await import("./init.ts")).init,
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
      (await import("./lean-heap.ts")).stayLean();
      // Before the first use of Node's threads: a mount that hangs must not take all of them (agent/turns.ts).
      process.env.UV_THREADPOOL_SIZE ??= "24";
      return (await import("./run.ts")).run;
    },
  },
  {
    name: "enrol",
    args: "[name]",
    arity: [0, 1],
    summary: "sign in; joins a login that is under way",
    options: [config, { name: "again", help: "sign in anew although the enrolment is active" }],
    examples: ["dotvault enrol", "dotvault enrol jfrog --again"],
    load: async () => (await import("./enrol.ts")).enrol,
  },
  {
    name: "refresh",
    args: "<name>",
    arity: [1, 1],
    summary: "rotate now, due or not",
    options: [config],
    examples: ["dotvault refresh jfrog"],
    load: async () => (await import("./refresh.ts")).refresh,
  },
  {
    name: "revoke",
    args: "[name]",
    arity: [0, 1],
    summary: "un-enrol: revoke at the service, remove the secret, keep the history",
    options: [config, { name: "all", help: "every enrolment, and old tokens too: the end of a pipeline" }],
    examples: ["dotvault revoke jfrog", "dotvault revoke --all"],
    load: async () => (await import("./revoke.ts")).revoke,
  },
  {
    name: "sync",
    args: "[rule]",
    arity: [0, 1],
    summary: "write all files now",
    options: [config, dryRun],
    examples: ["dotvault sync", "dotvault sync --dry-run", "dotvault sync --dry-run jfrog-cli"],
    load: async () => (await import("./sync.ts")).sync,
  },
  {
    name: "status",
    arity: [0, 0],
    summary: "how things stand, from the journal alone",
    options: [config, json, { name: "watch", help: "stay, and show every change" }, at],
    examples: ["dotvault status", "dotvault status --json", 'dotvault status --at "yesterday 14:05"'],
    load: async () => (await import("./status.ts")).status,
  },
  {
    name: "login-check",
    arity: [0, 0],
    summary: "for shell profiles: one line on stderr and exit code 3 when you are needed",
    options: [config, { name: "quiet", help: "say nothing when nobody is needed" }],
    examples: ["dotvault login-check --quiet"],
    load: async () => (await import("./login-check.ts")).loginCheck,
  },
  {
    name: "log",
    args: "[name]",
    arity: [0, 1],
    summary: "what happened, and why",
    options: [
      config,
      json,
      { name: "follow", short: "f", help: "stay, and show what happens" },
      { name: "since", value: "TIME", help: "from then on: 2h, 3d, 2026-11-21, or an RFC 3339 time" },
      at,
    ],
    examples: ["dotvault log jfrog", "dotvault log --since 2h --follow"],
    load: async () => (await import("./log.ts")).log,
  },
  {
    name: "why",
    args: "[file|enrolment|token-id]",
    arity: [0, 1],
    summary: "why a file holds what it holds, and whose fault it is",
    options: [config, json],
    examples: ["dotvault why ~/.npmrc", "dotvault why jfrog"],
    load: async () => (await import("./why.ts")).why,
  },
  {
    name: "next",
    arity: [0, 0],
    summary: "what will happen in the next seven days, and when a person is needed",
    options: [
      config,
      json,
      { name: "offline", value: "SPAN", help: "what would end meanwhile: fri..mon, now..3d" },
      { name: "renew", help: "with --offline: renew now what would end meanwhile" },
    ],
    examples: ["dotvault next", "dotvault next --offline fri..mon", "dotvault next --offline fri..mon --renew"],
    load: async () => (await import("./next.ts")).next,
  },
  {
    name: "stats",
    arity: [0, 0],
    summary: "how close it came: rotations, the least life left, the longest outage",
    options: [config, json, { name: "since", value: "TIME", help: "from then on (default: 90 days): 30d, 2026-11-21" }],
    examples: ["dotvault stats", "dotvault stats --since 7d"],
    load: async () => (await import("./stats.ts")).stats,
  },
  {
    name: "export",
    args: "<name>",
    arity: [1, 1],
    summary: "a recorded history without secrets, as one JSON document",
    options: [config],
    examples: ["dotvault export jfrog > history.json"],
    load: async () => (await import("./export.ts")).exportHistory,
  },
  {
    name: "replay",
    args: "<file|journal>",
    arity: [1, 1],
    summary: "run a recorded history through this version's machine, and say where they part",
    options: [json],
    examples: ["dotvault replay history.json", "dotvault replay journal"],
    load: async () => (await import("./replay.ts")).replay,
  },
  {
    name: "check",
    arity: [0, 0],
    summary: "is the configuration right? all errors at once",
    options: [config, json],
    examples: ["dotvault check --config ./config.yaml"],
    load: async () => (await import("./check.ts")).check,
  },
  {
    name: "schema",
    args: "[config|status]",
    arity: [0, 1],
    summary: "JSON Schema of the configuration, for editors, or of status --json",
    options: [],
    examples: ["dotvault schema > dotvault.schema.json", "dotvault schema status"],
    load: async () => (await import("./schema.ts")).schema,
  },
  {
    name: "journal",
    args: "<check|compact|rekey>",
    arity: [1, 1],
    summary: "check the journal for damage, drop old history, or seal everything with a new key",
    options: [
      config,
      json,
      { name: "older-than", value: "AGE", help: "with compact: what is dropped (default: as configured, 180d)" },
    ],
    examples: ["dotvault journal check", "dotvault journal compact --older-than 30d", "dotvault journal rekey"],
    load: async () => (await import("./journal.ts")).journal,
  },
  {
    name: "store",
    args: "move",
    arity: [1, 1],
    summary: "move the embedded store's secrets to the Vault that the configuration names",
    options: [config, dryRun],
    examples: ["dotvault store move --dry-run", "dotvault store move"],
    load: async () => (await import("./store.ts")).store,
  },
  {
    name: "token",
    args: "<verb> [what]",
    words: ["inspect", "verify", "print", "exec"],
    arity: [1, Number.POSITIVE_INFINITY],
    summary: "look into access tokens, check who vouches for them, hand them to programs",
    options: [
      config,
      json,
      {
        name: "trust",
        value: "FILE",
        help: "with verify: certificates to trust, a directory, or a platform's address",
      },
      { name: "field", value: "NAME", help: "with print: which field (default: access_token)" },
      { name: "force", help: "with print: on a terminal, too" },
      { name: "env", value: "NAME=FIELD,…", help: "with exec: the variables (default: JF_URL, JF_ACCESS_TOKEN, …)" },
    ],
    examples: [
      "dotvault token inspect jfrog",
      "pbpaste | dotvault token inspect -",
      "dotvault token verify ~/.jfrog/jfrog-cli.conf.v6",
      "dotvault token print jfrog --field user",
      "dotvault token exec jfrog -- terraform plan",
    ],
    load: async () => (await import("./token.ts")).token,
  },
  {
    name: "jfrog",
    args: "pair <service> <use-case>",
    words: ["pair"],
    arity: [1, 3],
    summary: "for administrators: a pairing token, for five minutes and one use",
    options: [
      config,
      { name: "enrolment", value: "NAME", help: "whose token to use (default: the only one of JFrog)" },
      { name: "stdout", help: "print the token rather than copy it to the clipboard" },
    ],
    examples: [
      "dotvault jfrog pair access mission-control",
      "dotvault jfrog pair access mission-control --stdout | pbcopy",
    ],
    load: async () => (await import("./jfrog.ts")).jfrog,
  },
  {
    name: "doctor",
    arity: [0, 0],
    summary: "what does not work, and the command that mends it",
    options: [config, json],
    examples: ["dotvault doctor", "dotvault doctor --json"],
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "service",
    args: "<install|uninstall|status>",
    arity: [1, 1],
    summary: "run the agent as a service of your own (systemd, launchd)",
    options: [config, { name: "dry-run", help: "show the file and the commands; do nothing" }],
    examples: ["dotvault service install", "dotvault service status", "dotvault service install --dry-run"],
    load: async () => (await import("./service.ts")).service,
  },
  {
    name: "demo",
    arity: [0, 0],
    summary: "the main job on a simulated JFrog platform, a killed agent included",
    options: [{ name: "interactive", help: "sign in yourself, in a browser" }],
    examples: ["dotvault demo", "dotvault demo --interactive"],
    load: async () => (await import("./demo.ts")).demo,
  },
  {
    name: "version",
    arity: [0, 0],
    summary: "the version",
    options: [json],
    examples: ["dotvault version --json"],
    load: async () => (await import("./version.ts")).version,
  },
  {
    name: "completion",
    args: "<bash|zsh|fish>",
    arity: [1, 1],
    summary: "completion for your shell",
    options: [],
    examples: ["dotvault completion bash > ~/.local/share/bash-completion/completions/dotvault"],
    load: async () => (await import("./completion.ts")).completionOf(VERBS),
  },
];
