import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TRY } from "../../src/agent/circle/stream.ts";
import type { SessionHappening } from "../../src/agent/vault-session/session.ts";
import { requireConfig } from "../../src/commands/assembly/config.ts";
import { sessionSettings } from "../../src/commands/assembly/vault.ts";
import type { Io } from "../../src/commands/cli/io.ts";
import { compareTranscript } from "../support/transcript.ts";
import { named, weekAhead } from "./command-scenes.ts";
import { DAY, HOUR, MINUTE, pair, Stage } from "./command-stage.ts";

// What `next` and `plan` tell where Vault has to be logged in to, of changed configurations, and on a narrow terminal.

class Story {
  seen = "";
  readonly stage: Stage;
  readonly #options: Parameters<Stage["type"]>[1];

  constructor(stage: Stage, options: Parameters<Stage["type"]>[1] = { env: { NO_COLOR: "1" } }) {
    this.stage = stage;
    this.#options = options;
  }

  async show(what: string, ...lines: string[]): Promise<void> {
    this.seen += `# ${what}\n`;
    for (const line of lines) {
      const { both, code } = await this.stage.type(line, this.#options);
      this.seen += `$ ${line}\n${both}${code === 0 ? "" : `[exit ${code}]\n`}`;
    }
  }
}

const narrow = { terminal: true, columns: 60, env: { NO_COLOR: "1" } };

function loggedIn(stage: Stage, method: string | null, length: number, renewable: boolean): void {
  const needsPerson = method === "oidc";
  stage.vault({ type: "CONFIGURED", settings: { method, needsPerson, renews: true, identity: "", way: null } });
  const life = { expiresAt: stage.now + length, dueAt: stage.now + (length * 2) / 3, renewable };
  const token = { id: "t1", kind: "vaultToken", digest: "d" } as const;
  const granted: SessionHappening = { type: "LOGGED_IN", token, life, who: "ada" };
  stage.vault(granted);
}

/** One token that rotates tomorrow, and one that does so every two hours. */
function enrolments(stage: Stage): void {
  named(stage, "jfrog", "short");
  const { now } = stage;
  const of = (name: string, life: number, rotates: number) =>
    stage.enrolment(
      name,
      { active: "resting" },
      { current: pair({ issuedAt: now, expiresAt: now + life, origin: "https://acme.jfrog.io" }) },
      { wakes: [{ name: "rotate", at: now + rotates }] },
    );
  of("jfrog", 4 * DAY, 2 * DAY);
  of("short", 3 * HOUR, 1.5 * HOUR);
}

test("transcript: next with a login at Vault that ends, one that dotvault sees to, and none", async () => {
  const seen: string[] = [];
  for (const [what, method, length, renewable] of [
    ["a person's login of eight hours, which gets no more time", "oidc", 8 * HOUR, false],
    ["a person's login that is renewed", "oidc", 8 * HOUR, true],
    ["dotvault's own login, and no renewal", "approle", DAY, false],
  ] as const) {
    using stage = new Stage();
    enrolments(stage);
    loggedIn(stage, method, length, renewable);
    stage.agentRuns();
    const story = new Story(stage);
    await story.show(what, "dotvault next", "dotvault next --offline mon..tue");
    seen.push(story.seen);
  }
  using stage = new Stage();
  enrolments(stage);
  stage.vault({
    type: "CONFIGURED",
    settings: { method: "oidc", needsPerson: true, renews: true, identity: "", way: null },
  });
  const story = new Story(stage);
  await story.show("nobody is logged in, and no agent runs", "dotvault next", "dotvault next --offline now..3d");
  using other = new Stage();
  enrolments(other);
  other.vault({
    type: "CONFIGURED",
    settings: { method: null, needsPerson: false, renews: true, identity: "", way: null },
  });
  other.agentRuns();
  const own = new Story(other);
  await own.show("Vault takes a token that nobody has brought", "dotvault next");
  compareTranscript("next-vault", [...seen, story.seen, own.seen].join(""));
});

test("transcript: next on a narrow terminal; platforms and tokens that are asked again", async () => {
  using stage = new Stage();
  weekAhead(stage);
  loggedIn(stage, "oidc", 3 * DAY, false);
  stage.circle("jfrog", {
    ...{ type: "CIRCLE_CONFIGURED", trust: false },
    platforms: [{ url: "https://other.acme.org", serverId: "other" }],
  });
  again(stage, "circle/jfrog", TRY, "https://other.acme.org", 7 * MINUTE);
  again(stage, "revocations/jfrog", "revokeToken", "a1b2c3", 11 * MINUTE);
  stage.agentRuns();
  const story = new Story(stage, narrow);
  await story.show("sixty columns", "dotvault next", "dotvault next --offline fri..tue");
  for (const line of story.seen.split("\n")) assert.ok(line.length <= 60 || line.startsWith("$"), line);
  const wide = new Story(stage);
  await wide.show("a pipe", "dotvault next");
  compareTranscript("next-narrow", story.seen + wide.seen);
});

/** A step of a stream beside the enrolment's machine that has failed once. */
function again(stage: Stage, stream: string, kind: string, subject: string, after: number): void {
  const { journal, now } = stage;
  const head = journal.head(stream);
  const id = `${stream}#again`;
  journal.append({
    ...{ stream, expectedVersion: head?.version ?? 0, machineVersion: 1, state: "open" },
    event: { type: "TRIALS_BEGUN", at: now, pair: "p", tokenId: null },
    snapshot: head?.snapshot ?? {},
    intents: [{ id, kind, subject, params: {}, once: false, dueAt: now }],
  });
  const failure = { class: "net.refused", message: "refused", since: now, at: now };
  journal.reschedule(id, { dueAt: now + after, attempt: 1, phase: "open", failure });
}

const TEMPLATE = '{ "key": "{{ .public_key }}", "user": "ada" }';
const FILES = [
  {
    name: "ssh-file",
    vault_key: "ssh",
    target: { path: "~/a.json", format: "json", template: TEMPLATE, mode: "0644" },
  },
  {
    name: "other",
    vault_key: "ssh",
    target: { path: "~/b.json", format: "json", template: TEMPLATE, on_remove: "remove" },
  },
];
const ssh = { engine: "sshkey" };
const acme = { engine: "jfrog", settings: { url: "https://acme.invalid" } };

test("transcript: plan of one edit after another, and of none", async () => {
  using stage = new Stage();
  const story = new Story(stage);
  const write = (document: object) => stage.configure(JSON.stringify(document));
  const base = { enrolments: { ssh, acme }, rules: FILES, sync: { interval: "15m" } };
  write(base);
  for (const line of ["dotvault enrol ssh", "dotvault sync"]) await stage.type(line);
  await story.show("as the agent has it", "dotvault plan");
  const [first, second] = FILES;
  const of = (target: object, more: object = {}) => ({ ...first, ...more, target: { ...first?.target, ...target } });
  const edits: Readonly<Record<string, object>> = {
    "looks more often, keeps less history": { ...base, sync: { interval: "5m" }, journal: { retention: "7d" } },
    "another value, fewer bits, and what becomes of a change by others": {
      ...base,
      rules: [of({ template: TEMPLATE.replace("ada", "eve"), mode: "0600", on_edit: "keep" }), second],
    },
    "a key that is dropped, and one of the secret that is written otherwise": {
      ...base,
      rules: [of({ template: '{ "key": "x {{ .public_key }}" }' }), second],
    },
    "to another place; the other rule is gone, and takes its values with it": {
      ...base,
      rules: [of({ path: "~/c.json" })],
    },
    renamed: { ...base, rules: [of({}, { name: "mine" }), second] },
    "by itself, with other terms": {
      ...base,
      enrolments: {
        ssh,
        acme: {
          ...acme,
          settings: { ...acme.settings, login: "token", token_file: "/t", scope: "applied-permissions/groups:ci" },
        },
      },
    },
    "an enrolment is gone, and a key has another comment": {
      ...base,
      enrolments: { ssh: { ...ssh, settings: { comment: "mine" } } },
    },
    "to Vault, with a login in the browser": {
      ...base,
      vault: { address: "https://vault.acme.org:8200", auth_method: "oidc", auth_role: "dev" },
    },
  };
  for (const [what, document] of Object.entries(edits)) {
    write(document);
    await story.show(what, "dotvault plan");
  }
  compareTranscript("plan-edits", story.seen);
  const thin = new Story(stage, narrow);
  await thin.show("sixty columns", "dotvault plan");
  compareTranscript("plan-narrow", thin.seen);
});

test("transcript: plan of the login at Vault", async () => {
  using stage = new Stage();
  const story = new Story(stage);
  const vault = { address: "https://vault.acme.org:8200", auth_method: "oidc", auth_role: "dev" };
  const write = (more: object) => stage.configure(JSON.stringify({ vault: { ...vault, ...more } }));
  write({});
  await stage.type("dotvault sync");
  loggedIn(stage, "oidc", 8 * HOUR, true);
  stage.agentRuns();
  const io = { env: {}, home: stage.home, user: "alice", now: () => stage.now };
  const { config } = requireConfig({ positionals: [], flags: {} }, { ...io, cwd: stage.home, platform: "linux" } as Io);
  const settings = await sessionSettings({ ...config.vault, address: vault.address }, io);
  stage.vault({ type: "CONFIGURED", settings });
  loggedInAgain(stage);
  const edits: Readonly<Record<string, object>> = {
    "the same": {},
    "another address of the same cluster": { addresses: ["https://vault2.acme.org:8200"] },
    "another role": { auth_role: "ops" },
    "no renewals": { disable_token_renewal: true },
    "without a person": {
      auth_method: "approle",
      auth_role: undefined,
      role_id_file: "/role",
      secret_id_file: "/secret",
    },
    "another server": { address: "https://vault.other.org:8200" },
    "other policies, certificates and mount": { policies: ["dev"], ca_cert: "/ca.pem", kv_mount: "team" },
  };
  for (const [what, more] of Object.entries(edits)) {
    write(more);
    await story.show(what, "dotvault plan");
  }
  writeFileSync(join(stage.home, ".dotvault-token"), "a token\n", { mode: 0o600 });
  await story.show("with a token of one's own", "dotvault plan");
  stage.configure("enrolments: {}\n");
  await story.show("without a server", "dotvault plan");
  compareTranscript("plan-vault", story.seen);
});

function loggedInAgain(stage: Stage): void {
  const life = { expiresAt: stage.now + 8 * HOUR, dueAt: stage.now + 5 * HOUR, renewable: true };
  stage.vault({ type: "LOGGED_IN", token: { id: "t2", kind: "vaultToken", digest: "d" }, life, who: "ada" });
}
