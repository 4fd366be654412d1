import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { findPlant } from "../support/planted.ts";
import { enrolThenLoseAnAnswer } from "./command-history.ts";
import { DAY, HOUR, MINUTE, Stage } from "./command-stage.ts";

const CONFIG = `vault: { address: "https://vault.acme.org:8200" }
enrolments:
  jfrog: { engine: jfrog, settings: { url: "https://acme.jfrog.io" } }
rules:
  - name: jfrog-cli
    vault_key: jfrog
    target: { path: ~/.jfrog/jfrog-cli.conf.v6, format: json, template: '{ "token": "{{ .access_token }}" }' }
`;

test("report: one file, for its owner alone, with nothing in it that names anybody; replay reads it", async () => {
  using stage = new Stage();
  stage.configure(CONFIG);
  enrolThenLoseAnAnswer(stage);
  const { code, out, err } = await stage.type("dotvault report --output report.json");
  assert.deepEqual([code, out], [0, ""]);
  assert.match(err, /^2 histories, 22 events; no token, address, path or name is in it/);
  const file = join(stage.home, "report.json");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const text = readFileSync(file, "utf8");
  assert.doesNotMatch(text, /acme|alice|\bada\b|jfrog-cli|connection|answered 503|\/home|\.jfrog/);
  const document = JSON.parse(text);
  assert.deepEqual(Object.keys(document), [
    ...[
      "schemaVersion",
      "kind",
      "at",
      "since",
      "versions",
      "configuration",
      "problems",
      "status",
      "findings",
      "journal",
    ],
    ...["histories", "hosts"],
  ]);
  assert.equal(
    document.configuration.enrolments[0].settings.url,
    document.histories[0].events[0].event.settings.origin,
  );
  assert.deepEqual(
    document.histories[1].events.map(({ event }: { event: { type: string } }) => event.type),
    ["FILE_WRITTEN", "FILE_WRITTEN"],
  );
  const replayed = await stage.type("dotvault replay report.json");
  assert.deepEqual(
    [replayed.code, replayed.out],
    [
      0,
      "✓ jfrog: 20 events, 0 decisions differ\n✓ rule rule-1: 2 events, 0 decisions differ\n2 histories, 22 events, 0 decisions differ\n",
    ],
  );
  const again = await stage.type("dotvault report --output report.json");
  assert.match(again.err, /report\.json can't be written \(EEXIST\)/);
});

test("report --hosts names hosts and nothing more; --since leaves out what has not moved", async () => {
  using stage = new Stage();
  stage.configure(CONFIG);
  enrolThenLoseAnAnswer(stage);
  const told = await stage.type("dotvault report --hosts");
  assert.match(told.err, /; hosts are named, as asked; no token, path or other name is in it/);
  const named = JSON.parse(told.out);
  assert.deepEqual(Object.values(named.hosts), ["https://vault.acme.org:8200", "https://acme.jfrog.io"]);
  stage.now += DAY;
  const { since, histories } = JSON.parse((await stage.type("dotvault report --since 1h")).out);
  assert.deepEqual([since, histories], [new Date(stage.now - HOUR).toISOString(), []]);
});

test("report: why a login was refused, or got no more time, is told by its class, and by nothing that is none", async () => {
  using stage = new Stage();
  const settings = { method: "approle", needsPerson: false, renews: true, identity: "i", way: null } as const;
  stage.vault({ type: "CONFIGURED", settings });
  stage.vault({ type: "TOKEN_NEEDED" });
  const refused = {
    type: "LOGIN_REFUSED",
    mark: "m",
    message: "ada: invalid secret id",
    hint: null,
    person: false,
  } as const;
  stage.vault({ ...refused, class: "login.refused.400" }, { closes: "login" });
  for (const more of [{ class: "ada.refused" }, {}]) {
    stage.vault({ type: "CREDENTIALS_CHANGED" }, { after: MINUTE });
    stage.vault({ ...refused, ...more }, { closes: "login" });
  }
  const token = { id: "t1", kind: "vaultToken", digest: "d1" } as const;
  const life = { expiresAt: stage.now + DAY, dueAt: stage.now + MINUTE, renewable: true };
  stage.vault({ type: "LOGGED_IN", token, life, who: "ada" });
  stage.vault({ type: "WOKE", name: "renew" }, { after: MINUTE });
  const denied = { type: "NOT_RENEWED", id: "t1", class: "login.not-renewed.403", message: "no, ada" } as const;
  stage.vault(denied, { closes: "renew" });
  const { out } = await stage.type("dotvault report");
  assert.doesNotMatch(out, /\bada\b/);
  type Told = { events: { event: { type: string; class?: string } }[] };
  const events = JSON.parse(out).histories.flatMap((history: Told) => history.events.map(({ event }) => event));
  const told = events.filter(({ type }: { type: string }) => /REFUSED|NOT_RENEWED/.test(type));
  assert.deepEqual(
    told.map((event: { class?: string }) => event.class),
    ["login.refused.400", "other", undefined, "login.not-renewed.403"],
  );
});

test("report: without a journal, without a configuration, and of a compacted history", async () => {
  using stage = new Stage();
  const empty = JSON.parse((await stage.type("dotvault report")).out);
  assert.deepEqual([empty.histories, empty.journal, empty.configuration], [[], null, null]);
  enrolThenLoseAnAnswer(stage);
  stage.now += 40 * DAY;
  await stage.type("dotvault journal compact --older-than 1d");
  stage.now += MINUTE;
  await stage.type("dotvault report --output report.json");
  const { out, code } = await stage.type("dotvault replay report.json");
  assert.deepEqual(
    [code, out],
    [
      0,
      "✓ jfrog: 0 events, 0 decisions differ (what its first 20 events came to is taken as it was kept)\n✓ rule rule-1: 0 events, 0 decisions differ (what its first 2 events came to is taken as it was kept)\n2 histories, 0 events, 0 decisions differ\n",
    ],
  );
});

test("report --since begins on the newest snapshot before that, and is replayed from there", async () => {
  using stage = new Stage();
  enrolThenLoseAnAnswer(stage);
  await stage.type("dotvault report --since 1h --output report.json");
  const document = JSON.parse(readFileSync(join(stage.home, "report.json"), "utf8"));
  const [jfrog] = document.histories;
  assert.deepEqual([jfrog.start.version, jfrog.events.length], [10, 10]);
  assert.doesNotMatch(JSON.stringify(document), /acme|alice|\bada\b|connection|answered 503|\/home/);
  const { out, code } = await stage.type("dotvault replay report.json");
  assert.equal(code, 0);
  assert.match(
    out,
    /^✓ jfrog: 10 events, 0 decisions differ \(what its first 10 events came to is taken as it was kept/,
  );
});

test("report: of a long journal the newest thousand events, and how what is older stands; --since tells all", async () => {
  using stage = new Stage();
  enrolThenLoseAnAnswer(stage);
  const platforms = [{ url: "https://eu.jfrog.io", serverId: "eu" }];
  const since = stage.now;
  for (let count = 0; count < 990; count++) {
    stage.circle("jfrog", { type: "CIRCLE_CONFIGURED", platforms, trust: count % 2 === 0 });
    stage.now += MINUTE;
  }
  enrolThenLoseAnAnswer(stage, { name: "npm" });
  const { err } = await stage.type("dotvault report --output report.json");
  assert.match(
    err,
    /\nonly the newest events are in it: from .* ago\) on, and how things stood before; --since 61d tells all\n$/,
  );
  const document = JSON.parse(readFileSync(join(stage.home, "report.json"), "utf8"));
  assert.equal(document.since, new Date(since + 12 * MINUTE).toISOString());
  const told = (name: string, { histories } = document) =>
    histories.flatMap((one: { stream: string; start: unknown; events: { seq: number }[] }) =>
      one.stream === name ? [{ isWhole: one.start === null, seqs: one.events.map(({ seq }) => seq) }] : [],
    );
  const [jfrog, npm] = told("enrolment");
  const [circle] = told("circle");
  assert.deepEqual([jfrog.isWhole, circle.isWhole, npm.isWhole, npm.seqs.length], [false, false, true, 20]);
  const { ok, chain, events } = document.journal;
  assert.deepEqual([ok, chain, events], [true, "verified", { readable: 1000, first: 35, last: 1034 }]);
  // Every event behind the thirty-fourth; before that what a stream needs to stand on something.
  assert.deepEqual(
    circle.seqs.filter((seq: number) => seq > 34),
    Array.from({ length: 978 }, (_, index) => 35 + index),
  );
  assert.match((await stage.type("dotvault replay report.json")).out, / events, 0 decisions differ\n$/);
  const all = await stage.type("dotvault report --since 61d");
  assert.match(all.err, /^4 histories, 1034 events; [^\n]*\n$/);
  assert.ok(JSON.parse(all.out).histories.every(({ start }: { start: unknown }) => start === null));
});

test("report: of a damaged journal what can be read is told, and replayed; of none that can be, the rest", async () => {
  using stage = new Stage();
  stage.configure(CONFIG);
  enrolThenLoseAnAnswer(stage);
  const path = join(stage.where.stateDir, "journal.db");
  const database = new Database(path);
  database.exec("UPDATE events SET event = 'x' WHERE version = 15 AND stream = 'enrolment/jfrog'");
  database.close();
  const { code, err } = await stage.type("dotvault report --output report.json");
  assert.equal(code, 0, err);
  assert.match(
    err,
    /^2 histories, 16 events;.*\nsomething is wrong with the journal: what can be read of it is told\n$/s,
  );
  const replayed = await stage.type("dotvault replay report.json");
  assert.match(replayed.out, /^✓ jfrog: 14 events, 0 decisions differ\n/);
  writeFileSync(path, "no database at all, whatever it was");
  const { out } = await stage.type("dotvault report");
  const { journal, histories, configuration, status } = JSON.parse(out);
  assert.deepEqual(journal, { ok: false, problems: [{ code: "journal.damaged", seq: null }] });
  assert.deepEqual([histories, configuration.rules.length, status.enrolments[0].situation], [[], 1, "new"]);
});

test("report, export: of a home whose every name is a secret nothing is told, in any spelling", async () => {
  using stage = new Stage();
  const texts = [
    "q7rt2mzk",
    "w3xp9vbn",
    "zk4hs8dj",
    "m5tq1yfc",
    "p8gv6rln",
    "b2nd7swx",
    "t6kc3jhq",
    "h9zx5mpw",
  ] as const;
  const [host, user, name, rule, folder, template, namespace, policy] = texts;
  stage.configure(`vault:
  address: "https://${host}.corp.example:8200"
  auth_method: approle
  role_id_file: ~/${folder}/role
  secret_id_file: ~/${folder}/secret
  namespace: ${namespace}
  policies: [${policy}]
enrolments:
  ${name}: { engine: jfrog, settings: { url: "https://${host}.jfrog.io", username: ${user}, description: "${user}" } }
rules:
  - name: ${rule}
    vault_key: ${name}
    target: { path: ~/${folder}/${rule}.json, format: json, template: '{ "${template}": "{{ .access_token }}" }' }
`);
  enrolThenLoseAnAnswer(stage, { name, user, host, rule, path: `/home/${user}/${folder}/${rule}.json` });
  const report = await stage.type("dotvault report");
  assert.equal(report.code, 0, report.err);
  const document = JSON.parse(report.out);
  assert.deepEqual([document.problems, document.histories.length], [[], 2], report.out);
  assert.equal(findPlant(report.out + report.err, texts), undefined);
  const exported = await stage.type(`dotvault export ${name}`);
  assert.equal(exported.code, 0, exported.err);
  assert.equal(JSON.parse(exported.out).name, "name-1");
  assert.equal(findPlant(exported.out + exported.err, texts), undefined);
});
