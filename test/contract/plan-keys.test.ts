import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { engineSettings } from "../../src/adapters/engines/registry.ts";
import { requireConfig } from "../../src/commands/assembly/config.ts";
import { marksOf } from "../../src/commands/assembly/file-rules.ts";
import { storedKey } from "../../src/commands/assembly/keys.ts";
import type { Io } from "../../src/commands/cli/io.ts";
import { CONFIGURATION, notedOf } from "../../src/commands/plan/noted.ts";
import { storeMark } from "../../src/commands/plan/store.ts";
import type { Config } from "../../src/config/config.ts";
import { parseDuration } from "../../src/config/durations.ts";
import { keysBelow } from "../../src/config/field.ts";
import { configuration } from "../../src/config/keys.ts";
import type { PlanReport, SettingPlan } from "../../src/terminal/plan/report.ts";
import { MINUTE, Stage } from "./command-stage.ts";

/** What `plan` makes of a change of each key: none is passed over, and none is taken for nothing. */

type Written = Readonly<Record<string, unknown>>;
/** A configuration, and what is written otherwise. The key is told under `as`, where that is not its own name. */
interface Example {
  readonly from?: Written;
  readonly to: Written;
  readonly as?: string;
}

const approle = { auth_method: "approle", role_id_file: "/r", secret_id_file: "/s" };
const jwt = { auth_method: "jwt", jwt_file: "/j" };
const cert = { auth_method: "cert", client_cert: "/c" };

const VAULT: Readonly<Record<string, Example>> = {
  address: { to: { address: "https://other.invalid" } },
  addresses: { to: { addresses: ["https://second.invalid"] } },
  auth_method: { to: { auth_method: "oidc" } },
  auth_mount: { to: { auth_mount: "other" } },
  auth_role: { from: { auth_method: "oidc" }, to: { auth_role: "dev" } },
  namespace: { to: { namespace: "team" } },
  role_id_file: { from: approle, to: { role_id_file: "/r2" } },
  secret_id_file: { from: approle, to: { secret_id_file: "/s2" } },
  secret_id_wrapping_path: { from: approle, to: { secret_id_wrapping_path: "auth/approle/role/dev/secret-id" } },
  jwt_file: { from: jwt, to: { jwt_file: "/j2" } },
  jwt_env: { from: jwt, to: { jwt_env: "TOKEN" } },
  jwt_command: { from: jwt, to: { jwt_command: ["get", "token"] } },
  username: { from: { auth_method: "userpass" }, to: { username: "eve" } },
  password_file: { from: { auth_method: "userpass" }, to: { password_file: "/p" } },
  wrapped_token_file: { to: { wrapped_token_file: "/w" } },
  oidc_callback_port: { from: { auth_method: "oidc" }, to: { oidc_callback_port: 9000 } },
  kv_mount: { to: { kv_mount: "other" } },
  user_prefix: { to: { user_prefix: "people" } },
  ca_cert: { to: { ca_cert: "/ca" } },
  ca_path: { to: { ca_path: "/cas" } },
  tls_server_name: { to: { tls_server_name: "vault.acme.org" } },
  client_cert: { from: cert, to: { client_cert: "/c2" } },
  client_key: { from: cert, to: { client_key: "/k" } },
  tls_skip_verify: { to: { tls_skip_verify: true } },
  policies: { from: approle, to: { policies: ["dev"] } },
  token_role: { from: approle, to: { token_role: "dev" } },
  no_default_policy: { from: approle, to: { no_default_policy: true } },
  disable_token_renewal: { to: { disable_token_renewal: true } },
};

const GENERAL: Readonly<Record<string, Example>> = {
  bypass_system_config: { to: { bypass_system_config: true } },
  "sync.interval": { to: { sync: { interval: "5m" } } },
  "sync.watch": { to: { sync: { watch: "30s" } } },
  "journal.retention": { to: { journal: { retention: "1d" } } },
  "journal.key": { to: { journal: { key: "file" } } },
};

const TEMPLATE = '{ "list": [{ "id": "a", "key": "{{ .public_key }}", "gone": null }] }';
const RULE: Readonly<Record<string, Example>> = {
  name: { to: { name: "renamed" }, as: "" },
  description: { to: { description: "for ssh" } },
  enabled: { to: { enabled: false }, as: "" },
  vault_key: { to: { vault_key: "second" } },
  post: { to: { post: ["true"] } },
  "target.path": { to: { target: { path: "~/b.json" } } },
  "target.format": { to: { target: { format: "yaml" } } },
  "target.template": { to: { target: { template: TEMPLATE.replace("{{ .p", "x {{ .p") } } },
  "target.merge_key": { to: { target: { merge_key: "id" } } },
  "target.delete_nulls": { to: { target: { delete_nulls: true } } },
  "target.managed": { to: { target: { managed: "strict" } } },
  "target.on_remove": { to: { target: { on_remove: "remove" } } },
  "target.on_missing": { to: { target: { on_missing: "remove" } } },
  "target.on_edit": { to: { target: { on_edit: "keep" } } },
  "target.mode": { to: { target: { mode: "0640" } } },
  "target.backup": { to: { target: { backup: 2 } } },
};

const ENROLMENT: Readonly<Record<string, Example>> = {
  engine: { to: { engine: "sshkey", settings: undefined } },
  help_text: { to: { help_text: "ask Ada" } },
};

const byToken = { login: "token", token_file: "/t" };
const byOidc = { login: "oidc", provider_name: "ci", id_token_file: "/t" };
const SETTINGS: Readonly<Record<string, Readonly<Record<string, Example>>>> = {
  jfrog: {
    url: { to: { url: "https://other.invalid" } },
    token_ttl: { to: { token_ttl: "30d" } },
    client_name: { to: { client_name: "mine" } },
    client_code: { to: { client_code: "7" } },
    rotation: { to: { rotation: "remint" } },
    scope: { to: { scope: "applied-permissions/groups:readers" } },
    audience: { to: { audience: "jfrt@* jfac@*" } },
    description: { to: { description: "mine" } },
    project_key: { to: { project_key: "web" } },
    force_revocable: { to: { force_revocable: true } },
    reference_token: { to: { reference_token: true } },
    username: { to: { username: "eve" } },
    platforms: { to: { platforms: ["https://b.invalid"] } },
    trusted_certificates: { to: { trusted_certificates: ["/certs"] } },
    login: { to: byToken },
    provider_name: { from: byOidc, to: { provider_name: "other" }, as: "login" },
    token_file: { from: byToken, to: { token_file: "/t2" }, as: "login" },
    token_env: { from: byToken, to: { token_file: undefined, token_env: "T" }, as: "login" },
    token_vault: { from: byToken, to: { token_file: undefined, token_vault: "ci/jfrog" }, as: "login" },
    id_token_file: { from: byOidc, to: { id_token_file: "/t2" }, as: "login" },
    id_token_env: { from: byOidc, to: { id_token_file: undefined, id_token_env: "T" }, as: "login" },
    id_token_command: { from: byOidc, to: { id_token_file: undefined, id_token_command: ["t"] }, as: "login" },
  },
  sshkey: {
    comment: { to: { comment: "mine" } },
    passphrase: { to: { passphrase: "correct horse" } },
  },
};

const isLater = ({ schema }: { readonly schema: Written }) =>
  String(schema.description).startsWith("Not supported yet");

/** What a person may write below a section. */
function keysOf(...section: string[]): string[] {
  const below = keysBelow(configuration).filter(({ path, field }) => {
    const isLeaf = Object.keys(field.children ?? {}).every((name) => name === "[]");
    return isLeaf && !isLater(field) && path.at(-1) !== "[]" && section.every((name, index) => path[index] === name);
  });
  return below.map(({ path }) => path.slice(section.length).join("."));
}

/** An engine's settings, as it names them itself to who mistypes one. */
function settingsOf(engine: string): readonly string[] {
  let names: readonly string[] = [];
  const validate = engineSettings(parseDuration)[engine as "jfrog"];
  validate({ "no-such-setting": 1 }, (_path, _what, remark) => {
    names = remark?.known ?? names;
  });
  return names;
}

test("every key of the configuration, and every setting of every engine, has an example here", () => {
  const sections = new Set(["vault", "rules", "enrolments"]);
  const general = keysOf().filter((key) => !sections.has(key.split(".")[0] ?? ""));
  assert.deepEqual(Object.keys(VAULT).toSorted(), keysOf("vault").toSorted());
  assert.deepEqual(Object.keys(GENERAL).toSorted(), general.toSorted());
  assert.deepEqual(Object.keys(RULE).toSorted(), keysOf("rules", "[]").toSorted());
  assert.deepEqual(
    Object.keys(ENROLMENT).toSorted(),
    keysOf("enrolments", "*")
      .filter((k) => k !== "settings")
      .toSorted(),
  );
  for (const engine of Object.keys(engineSettings(parseDuration))) {
    assert.deepEqual(Object.keys(SETTINGS[engine] ?? {}).toSorted(), settingsOf(engine).toSorted(), engine);
  }
});

function merged(one: unknown, other: unknown): unknown {
  const isMapping = (value: unknown): value is Written =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMapping(one) || !isMapping(other)) return other === undefined ? one : other;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const values = keys.map((key) => [
    key,
    key in other && other[key] === undefined ? undefined : merged(one[key], other[key]),
  ]);
  return Object.fromEntries(values);
}

const write = (stage: Stage, document: unknown) => stage.configure(JSON.stringify(document));

/** As the agent notes it, without one. */
function noted(stage: Stage, document: unknown): void {
  write(stage, document);
  const quiet = { write: () => {}, isTerminal: false, columns: 80 };
  const io = { env: {}, platform: "linux", home: stage.home, cwd: stage.home, err: quiet } as unknown as Io;
  const { config } = requireConfig({ positionals: [], flags: {} }, io);
  const key = storedKey(stage.where) ?? assert.fail("no key");
  stage.journal.setFact(CONFIGURATION, notedOf(config, marksOf(key)));
  stage.journal.setFact("store", storeMark(config));
}

async function planned(stage: Stage): Promise<{ report: PlanReport; text: string }> {
  const json = await stage.type("dotvault plan --json");
  const shown = await stage.type("dotvault plan");
  assert.equal(json.code, 0, json.err);
  return { report: JSON.parse(json.out), text: shown.out };
}

/** The plan of one change tells it, and a plan of none tells nothing. */
async function tells(
  stage: Stage,
  key: string,
  settings: (report: PlanReport) => readonly SettingPlan[],
): Promise<string> {
  const { report, text } = await planned(stage);
  assert.equal(report.changes, true, `${key} is told to change nothing\n${text}`);
  const told = settings(report).find((setting) => setting.key === key);
  assert.ok(told, `${key} is not told of\n${text}`);
  const isSaid = told.words !== "" || /→|another one|moves from|is written/.test(text);
  assert.ok(isSaid, `nothing is said of ${key}\n${text}`);
  assert.doesNotMatch(text, /changes no file/);
  assert.ok(!/: undefined|\bnull\b/.test(text.replaceAll("delete_nulls", "")), text);
  return text;
}

async function isQuiet(stage: Stage): Promise<void> {
  const { report, text } = await planned(stage);
  assert.equal(report.changes, false, text);
}

test("plan tells a change of each key of vault, sync, journal and beside them", async () => {
  using stage = new Stage();
  for (const [key, { from = {}, to }] of Object.entries(VAULT)) {
    const base = { vault: { address: "https://vault.invalid", ...from } };
    noted(stage, base);
    await isQuiet(stage);
    write(stage, merged(base, { vault: to }));
    const text = await tells(stage, `vault.${key}`, ({ settings }) => settings);
    assert.match(text, /vault: once the agent is started anew\n[\s\S]*(log|token|login)/, key);
  }
  for (const [key, { to }] of Object.entries(GENERAL)) {
    noted(stage, { sync: {} });
    await isQuiet(stage);
    write(stage, to);
    await tells(stage, key, ({ settings }) => settings);
  }
});

const ssh = { engine: "sshkey" };
const rule = { name: "key", vault_key: "ssh", target: { path: "~/a.json", format: "json", template: TEMPLATE } };

/** A home in which an agent has enrolled what needs nobody, and written the file. */
async function lived(stage: Stage, document: unknown, ...enrolments: string[]): Promise<void> {
  stage.end();
  write(stage, document);
  stage.now += MINUTE;
  for (const name of enrolments) await stage.type(`dotvault enrol ${name}`);
  const { err } = await stage.type("dotvault sync");
  assert.doesNotMatch(err, /dotvault:/);
}

test("plan tells a change of each key of a rule", async (t: TestContext) => {
  using stage = new Stage();
  const base = { enrolments: { ssh, second: ssh }, rules: [rule] };
  await lived(stage, base, "ssh", "second");
  await isQuiet(stage);
  for (const [key, { to, as = key }] of Object.entries(RULE)) {
    await t.test(key, async () => {
      write(stage, { ...base, rules: [merged(rule, to)] });
      const { report } = await planned(stage);
      if (as !== "") await tells(stage, key, ({ files }) => files.flatMap(({ settings }) => settings));
      else assert.ok(report.files.some(({ name, change }) => name === "key" && change === "removed"));
    });
  }
});

test("plan tells a change of each setting of an enrolment", async (t: TestContext) => {
  using stage = new Stage();
  const usual: Readonly<Record<string, Written>> = { jfrog: { url: "https://acme.invalid" }, sshkey: {} };
  const all = Object.entries(SETTINGS).flatMap(([engine, examples]) => [
    ...Object.entries(examples).map(([key, example]) => ({
      engine,
      key: `settings.${example.as ?? key}`,
      named: key,
      ...example,
    })),
  ]);
  for (const { engine, key, named, from = {}, to } of all) {
    await t.test(`${engine}: ${named}`, async () => {
      const base = { enrolments: { one: { engine, settings: { ...usual[engine], ...from } } } };
      await lived(stage, base);
      await isQuiet(stage);
      write(stage, merged(base, { enrolments: { one: { settings: to } } }));
      const text = await tells(stage, key, ({ enrolments }) => enrolments.flatMap(({ settings }) => settings));
      assert.doesNotMatch(text, /correct horse/);
    });
  }
  for (const [key, { to }] of Object.entries(ENROLMENT)) {
    const base = { enrolments: { one: { engine: "jfrog", settings: usual.jfrog } } };
    await lived(stage, base);
    await isQuiet(stage);
    write(stage, merged(base, { enrolments: { one: to } }));
    await tells(stage, key, ({ enrolments }) => enrolments.flatMap(({ settings }) => settings));
  }
});

test("the configuration on record holds no template, no command, no passphrase and nothing of an unknown setting", async () => {
  using stage = new Stage();
  const document = {
    enrolments: { one: { engine: "sshkey", settings: { passphrase: "correct horse" }, help_text: "battery staple" } },
    rules: [
      { ...rule, vault_key: "one", post: ["hunter2"], target: { ...rule.target, template: '{"a":"literal-secret"}' } },
    ],
  };
  await lived(stage, document);
  const noted = JSON.stringify(stage.journal.fact(CONFIGURATION));
  assert.match(noted, /"target.path":"~\/a.json"/, "it is on record");
  assert.doesNotMatch(noted, /correct horse|battery staple|hunter2|literal-secret/);
  const key = storedKey(stage.where) ?? assert.fail("no key");
  const settings = { fresh: "a-new-secret", url: "https://acme.invalid" };
  const config = { rules: [], enrolments: [{ key: "x", engine: "new", settings }], ...REST } as unknown as Config;
  const { enrolments } = notedOf(config, marksOf(key));
  assert.doesNotMatch(JSON.stringify(enrolments), /a-new-secret/, "a setting that nobody has said may be shown");
});

const REST = { vault: {}, sync: {}, journal: {}, bypassSystemConfig: false };
