import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { createEmbeddedStore } from "../../src/adapters/embedded/store.ts";
import { storedKey } from "../../src/commands/assembly/keys.ts";
import type { JournalReader } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import type { Snapshot } from "../../src/machines/enrolment/decide.ts";
import { ruleSnapshot } from "../../src/machines/rule/rule.ts";
import type { EnrolmentPlan, FilePlan, PlanReport } from "../../src/terminal/plan/report.ts";
import { DAY, MINUTE, Stage } from "../contract/command-stage.ts";
import { property } from "../support/property.ts";
import { encoded, usual } from "../support/tokens.ts";

/** Two configurations, one after the other, with a real agent, real files and a real store: what `plan` said is what happens. */

const PATHS = ["a.json", "b.json", "c.yaml"] as const;

const TEMPLATES = {
  json: [
    '{ "key": "{{ .access_token }}", "user": "ada", "n": 1 }',
    '{ "key": "{{ .access_token }}", "user": "eve" }',
    '{ "key": "x{{ .access_token }}", "url": "{{ .url }}", "user": "ada" }',
    '{ "list": [{ "id": "a", "v": "{{ .note }}" }, { "id": "b", "v": "2" }] }',
    '{ "user": "ada", "deep": { "one": "{{ .server_id }}", "two": "2" } }',
  ],
  yaml: ["key: '{{ .access_token }}'\nuser: ada\n", "user: eve\nn: 1\n", "url: '{{ .url }}'\nkey: 'y{{ .note }}'\n"],
} as const;

const rule = fc
  .record({
    path: fc.constantFrom(...PATHS),
    template: fc.nat(),
    vault_key: fc.constantFrom("acme", "acme", "second"),
    managed: fc.constantFrom("keys", "strict"),
    on_remove: fc.constantFrom("keep", "remove"),
    on_missing: fc.constantFrom("keep", "remove"),
    on_edit: fc.constantFrom("overwrite", "keep"),
    mode: fc.constantFrom("0600", "0640", "0644"),
    merge_key: fc.constantFrom(undefined, undefined, "id"),
    enabled: fc.constantFrom(true, true, true, false),
    backup: fc.constantFrom(0, 2),
  })
  .map(({ path, template, vault_key, enabled, ...target }) => {
    const format = path.endsWith("yaml") ? "yaml" : "json";
    const texts = TEMPLATES[format];
    return {
      vault_key,
      enabled,
      target: { ...target, path: `~/${path}`, format, template: texts[template % texts.length] },
    };
  });

const jfrog = fc.record({
  engine: fc.constantFrom("jfrog", "jfrog", "jfrog", "jfrog", "sshkey"),
  url: fc.constantFrom("https://acme.invalid", "https://acme.invalid", "https://other.invalid"),
  rotation: fc.constantFrom("refresh", "remint"),
  token_ttl: fc.constantFrom("60d", "30d"),
  scope: fc.constantFrom(undefined, "applied-permissions/groups:readers"),
  login: fc.constantFrom<object>({}, {}, { login: "token", token_file: "~/none" }),
});

const configuration = fc.record({
  rules: fc.dictionary(fc.constantFrom("one", "two", "three"), rule, { maxKeys: 3, noNullPrototype: true }),
  acme: fc.option(jfrog, { freq: 8 }),
  fresh: fc.option(jfrog, { freq: 1 }),
  interval: fc.constantFrom("15m", "5m"),
});
type Configured = typeof configuration extends fc.Arbitrary<infer T> ? T : never;

/** The same with something else here and there; or another one altogether. */
const changed = fc.oneof(
  { weight: 1, arbitrary: configuration.map((other) => () => other) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(configuration, fc.array(fc.tuple(fc.constantFrom("one", "two", "three"), fc.nat()), { maxLength: 3 }))
      .map(
        ([other, picks]) =>
          (first: Configured): Configured =>
            patched(first, other, picks),
      ),
  },
);

type Rule = Configured["rules"][string];

function patched(first: Configured, other: Configured, picks: readonly (readonly [string, number])[]): Configured {
  const rules = { ...first.rules };
  const all = Object.values(other.rules);
  for (const [name, pick] of picks) {
    const [mine, theirs] = [rules[name], all[pick % Math.max(1, all.length)]];
    if (mine && theirs) rules[name] = crossed(mine, theirs, pick);
    else if (mine) delete rules[name];
    if (mine && pick % 7 === 0) {
      delete rules[name];
      rules.renamed = mine;
    }
  }
  return { ...first, rules, ...(picks.length === 1 ? { acme: other.acme } : {}) };
}

/** One of the two's keys is the other one's. */
function crossed(mine: Rule, theirs: Rule, pick: number): Rule {
  const keys = Object.keys(mine.target).filter((key) => !["path", "format", "template"].includes(key));
  const key = keys[pick % keys.length] as "managed";
  if (pick % 3 === 0) return { ...mine, target: { ...mine.target, [key]: theirs.target[key] } };
  if (pick % 3 === 1) return { ...mine, vault_key: theirs.vault_key };
  const { path, format, template } = theirs.target;
  const isSame = format === mine.target.format;
  return { ...mine, target: { ...mine.target, ...(isSame ? { template } : { path, format, template }) } };
}

function written({ rules, acme, fresh, interval }: Configured): string {
  const enrolment = ({ engine, login, ...settings }: NonNullable<typeof acme>) => ({
    engine,
    settings: engine === "jfrog" ? { ...settings, ...login } : {},
  });
  return JSON.stringify({
    sync: { interval },
    enrolments: { ...(acme && { acme: enrolment(acme) }), ...(fresh && { fresh: enrolment(fresh) }) },
    rules: Object.entries(rules).map(([name, one]) => ({ name, ...one })),
  });
}

/** Two thirds of its life are left. */
function token(now: number): string {
  const iat = Math.floor((now - 10 * DAY) / 1000);
  return `${encoded({ alg: "RS256", typ: "JWT" })}.${encoded({ ...usual("acme", now), iat, exp: iat + 30 * 86_400 })}.${encoded("signature")}`;
}

async function secrets(stage: Stage): Promise<void> {
  const key = storedKey(stage.where) ?? assert.fail("no key");
  const store = createEmbeddedStore({ path: stage.where.store, key, clock: () => stage.now });
  const fields = { access_token: token(stage.now), refresh_token: "r".repeat(40), url: "https://acme.invalid" };
  await store.write("acme", { ...fields, server_id: "acme", user: "ada", note: "acme" }, 0);
  await store.write("second", { access_token: "second", url: "https://second.invalid", server_id: "s", note: "n2" }, 0);
  await store.close();
}

/** The agent with the configuration that is there, until it rests. */
async function live(stage: Stage): Promise<void> {
  stage.now += MINUTE;
  const { err } = await stage.type("dotvault sync");
  assert.doesNotMatch(err, /dotvault:/);
}

interface Seen {
  readonly files: ReadonlyMap<string, string>;
  readonly digests: ReadonlyMap<string, ReadonlyMap<string, string | null>>;
  readonly failed: ReadonlySet<string>;
  readonly asks: ReadonlyMap<string, string | null>;
  readonly rotates: ReadonlyMap<string, number | null>;
  readonly lastSeq: number;
}

function look(stage: Stage): Seen {
  const reader = openReader({ directory: stage.where.stateDir }) ?? assert.fail("no journal");
  try {
    return { files: filesOf(stage), ...journaled(reader), lastSeq: reader.lastSeq() };
  } finally {
    reader.close();
  }
}

function filesOf(stage: Stage): ReadonlyMap<string, string> {
  const known = PATHS.filter((name) => existsSync(join(stage.home, name)));
  const read = (path: string) => `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, "utf8")}`;
  // As the stage shows its home.
  return new Map(known.map((name) => [`/home/alice/${name}`, read(join(stage.home, name))]));
}

function journaled(reader: JournalReader) {
  const enrolments = reader.heads("enrolment/").map(({ stream, snapshot }) => ({
    stream,
    name: stream.slice("enrolment/".length),
    context: (snapshot as unknown as Snapshot).context,
  }));
  const rotates = (stream: string) => reader.wakes(stream).find(({ name }) => name === "rotate")?.at ?? null;
  const digests = reader.heads("rule/").map(({ stream, snapshot }) => {
    const keys = ruleSnapshot(snapshot).keys.map(({ pointer, digest }) => [pointer, digest] as const);
    return [stream.slice("rule/".length), new Map(keys)] as const;
  });
  const failed = reader.heads("rule/").filter(({ snapshot }) => ruleSnapshot(snapshot).value === "failed");
  return {
    digests: new Map(digests),
    failed: new Set(failed.map(({ stream }) => stream.slice("rule/".length))),
    asks: new Map(enrolments.map(({ name, context }) => [name, context.ask?.code ?? null])),
    rotates: new Map(enrolments.map(({ name, stream }) => [name, rotates(stream)])),
  };
}

/** A file that the plan says is touched, as JSON has it. */
function names({ files }: PlanReport, path: string): boolean {
  return files.some((plan) => (plan.path === path && isTouched(plan)) || leaves(plan, path));
}

function leaves({ leaves: left }: FilePlan, path: string): boolean {
  return left?.path === path && left.keys.length > 0;
}

function isTouched({ change, keys, mode }: FilePlan): boolean {
  if (mode !== null || change === "unknown") return true;
  return keys.some((key) => !["same", "secret", "left"].includes(key.change));
}

/** What was said of each value, and what its digest became. */
function sameValues(plan: FilePlan, before: Seen, after: Seen): void {
  const [was, is] = [before.digests.get(plan.name), after.digests.get(plan.name)];
  // Two rules that want different values: the later one is refused.
  if ((plan.change !== "changed" && plan.change !== "same") || after.failed.has(plan.name)) return;
  for (const { pointer, change } of plan.keys) {
    const isAs = was?.get(pointer) === is?.get(pointer);
    if (change === "same" || change === "secret") assert.ok(isAs, `${plan.name} ${pointer} was said to stay`);
    if (change === "removed") assert.equal(is?.has(pointer) ?? false, false, `${pointer} was to be taken out`);
  }
  for (const pointer of is?.keys() ?? []) {
    const isSaid = plan.keys.some((key) => key.pointer === pointer);
    assert.ok(isSaid || was?.has(pointer), `${plan.name} ${pointer} was not said to be written`);
  }
}

function judge(report: PlanReport, before: Seen, after: Seen): void {
  const told = JSON.stringify(report, null, 1);
  for (const path of new Set([...before.files.keys(), ...after.files.keys()])) {
    if (before.files.get(path) === after.files.get(path)) continue;
    assert.ok(names(report, path), `${path} was touched, and the plan did not name it\n${told}`);
  }
  for (const plan of report.files) {
    sameValues(plan, before, after);
    const isRefused = plan.message?.startsWith("it is not written: ") === true;
    if (isRefused && after.digests.has(plan.name))
      assert.ok(after.failed.has(plan.name), `${plan.name} is not refused\n${told}`);
  }
  for (const plan of report.enrolments) sameTimes(plan, after, told);
  for (const [name, ask] of after.asks) {
    if (ask === null || ask === (before.asks.get(name) ?? null)) continue;
    const plan = report.enrolments.find((one) => one.name === name);
    assert.ok(plan?.run || plan?.signIn === "alone", `${name} asks (${ask}), and the plan did not say so\n${told}`);
  }
  if (report.changes) return;
  assert.deepEqual(after.files, before.files);
  assert.equal(after.lastSeq, before.lastSeq, "what changes nothing leaves no event");
}

/** When it rotates, and whether it asks. */
function sameTimes({ name, change, signIn, rotatesAt, settings }: EnrolmentPlan, after: Seen, told: string): void {
  if (signIn === "always") assert.ok((after.asks.get(name) ?? null) !== null, `${name} was to ask\n${told}`);
  // What another engine makes of what the store holds is seen when it is read.
  const isAnother = settings.some(({ key }) => key === "engine");
  if (change === "paused" || change === "new" || isAnother) return;
  const said = rotatesAt.after === null ? null : new Date(rotatesAt.after).getTime();
  assert.equal(after.rotates.get(name) ?? null, said, `${name} rotates at another time than was said\n${told}`);
}

const edit = fc.option(fc.record({ path: fc.constantFrom(...PATHS), user: fc.constantFrom("eve", "bob") }), {
  freq: 1,
});

property(
  "what plan says of another configuration is what an agent then does: files, values, sign-ins, rotations",
  [configuration, changed, edit],
  async (first, change, edited) => {
    using stage = new Stage();
    await secrets(stage);
    stage.configure(written(first));
    if ((await stage.type("dotvault check")).code !== 0) return true;
    await live(stage);
    await live(stage);
    if (edited) await byOthers(stage, edited);
    stage.configure(written(change(first)));
    if ((await stage.type("dotvault check")).code !== 0) return true;
    const before = look(stage);
    const { out, code, err } = await stage.type("dotvault plan --json");
    assert.equal(code, 0, err);
    assert.deepEqual(look(stage), before, "a plan changes nothing");
    stage.now -= MINUTE;
    await live(stage);
    judge(JSON.parse(out), before, look(stage));
    return true;
  },
  { runs: 60 },
);

/** Somebody else changes a value, and the agent has seen it. */
async function byOthers(stage: Stage, { path, user }: { readonly path: string; readonly user: string }): Promise<void> {
  const file = join(stage.home, path);
  if (!existsSync(file)) return;
  const mode = statSync(file).mode;
  writeFileSync(file, readFileSync(file, "utf8").replace(/ada|eve/, user));
  chmodSync(file, mode);
  await live(stage);
}
