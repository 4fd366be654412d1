import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { statusJsonSchema } from "../../src/terminal/status/json-schema.ts";
import { schemaErrors } from "../fixtures/config/json-schema-check.ts";
import { encoded } from "../support/tokens.ts";
import { enrolThenLoseAnAnswer, refusedThenAdopted } from "./command-history.ts";
import { mixed, named, planned, standings, weekAhead } from "./command-scenes.ts";
import { MINUTE, Stage } from "./command-stage.ts";

// The documents of --json are a contract (docs/json.md): their members, their types, their exit codes.

type Shape = string | { readonly [key: string]: Shape } | readonly Shape[];

/** Types instead of values; of an array its first item's. */
function shape(value: unknown): Shape {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  if (typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, shape(v)]));
  if (typeof value === "string" && RFC3339.test(value)) return "time";
  return typeof value;
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const ENROLMENT = {
  name: "string",
  engine: "string",
  label: "string",
  situation: "string",
  state: "string",
  changedAt: "time",
  user: "null",
  expiresAt: "null",
  refreshable: "boolean",
  storedVersion: "null",
  rotatedAt: "null",
  notices: [],
  terms: "null",
  stranger: "null",
  ask: { code: "string", since: "time", message: "string", hint: "null" },
  login: "null",
  elsewhere: "null",
  doubt: "null",
  clockSkewSeconds: "null",
  cleanups: [],
  unanswered: "null",
  rotatesAt: "null",
  againAt: "null",
  retries: [],
  files: [],
  platforms: [],
  trust: "null",
  level: "string",
  run: "string",
};

test("status --json: the whole document, and the exit code of the text", async () => {
  using stage = new Stage();
  mixed(stage);
  stage.agentRuns();
  const { out, err, code } = await stage.type("dotvault status --json");
  const document = JSON.parse(out);
  assert.equal(err, "");
  assert.equal(code, 3);
  assert.deepEqual(shape(document), {
    schemaVersion: "number",
    at: "time",
    health: "string",
    agent: { running: "boolean", pid: "number", since: "time", command: "string" },
    configuration: { file: "string", state: "string", problems: "number" },
    asOf: "time",
    rehearsal: "null",
    troubles: [],
    vault: "null",
    enrolments: [ENROLMENT],
    files: [
      {
        name: "string",
        secret: "string",
        path: "string",
        state: "string",
        level: "string",
        writtenAt: "null",
        failure: "null",
        missingSince: "null",
        edited: "null",
        answer: "null",
        post: "null",
      },
    ],
    counts: { "person-needed": "number", trouble: "number", "under-way": "number", healthy: "number", off: "number" },
    next: "string",
  });
  assert.equal(document.schemaVersion, 1);
  assert.deepEqual(
    document.enrolments.map(({ name, level }: { name: string; level: string }) => [name, level]),
    [
      ["corp/art", "person-needed"],
      ["jfrog", "trouble"],
      ["ssh", "healthy"],
    ],
  );
  assert.deepEqual(shape(document.enrolments[1].retries), [
    { step: "string", class: "string", message: "string", tries: "number", since: "time", nextAt: "time" },
  ]);
});

test("status --json: every enrolment has the same members, whatever it is in", async () => {
  for (const [name, play] of Object.entries(standings)) {
    using stage = new Stage();
    play(stage);
    const [text, json] = [await stage.type("dotvault status"), await stage.type("dotvault status --json")];
    const document = JSON.parse(json.out);
    const { enrolments, troubles } = document;
    assert.deepEqual(schemaErrors(statusJsonSchema, document), [], name);
    assert.equal(json.code, text.code, name);
    for (const enrolment of enrolments) assert.deepEqual(Object.keys(enrolment), Object.keys(ENROLMENT), name);
    for (const trouble of troubles) {
      assert.deepEqual(Object.keys(trouble), ["about", "level", "class", "message", "hint", "since"], name);
    }
  }
});

test("the schema of status --json knows what is wrong", async () => {
  using stage = new Stage();
  mixed(stage);
  const printed = JSON.parse((await stage.type("dotvault schema status")).out);
  const document = JSON.parse((await stage.type("dotvault status --json")).out);
  assert.deepEqual(schemaErrors(printed, document), []);
  const { asOf, ...without } = document;
  assert.deepEqual(schemaErrors(printed, { ...without, health: "fine", more: 1 }), [
    "$.health: enum",
    "$.asOf: required",
    "$.more: type unknown",
  ]);
  assert.match((await stage.type("dotvault schema nothing")).err, /schema: there is no "nothing"/);
});

test("status shows neither a session nor anything else that is sealed", async () => {
  using stage = new Stage();
  standings["signing-in"]?.(stage);
  const { both } = await stage.type("dotvault status --json");
  assert.doesNotMatch(both, /s1|digest|jfClientSession/);
});

test("log --json: one document with an array, oldest first", async () => {
  using stage = new Stage();
  enrolThenLoseAnAnswer(stage);
  const { out, code } = await stage.type("dotvault log jfrog --json");
  const { schemaVersion, events } = JSON.parse(out);
  assert.equal(code, 0);
  assert.equal(schemaVersion, 1);
  const { event, ...first } = events[0];
  assert.deepEqual(first, {
    seq: 1,
    at: "2026-11-21T14:14:00.000Z",
    kind: "enrolment",
    name: "jfrog",
    type: "CONFIGURED",
    state: "idle.looking",
    moved: true,
    text: "configured: jfrog at https://acme.jfrog.io; asking the store",
    asked: ["read"],
  });
  assert.equal(event.type, "CONFIGURED");
  const seqs = events.map(({ seq }: { seq: number }) => seq);
  assert.deepEqual(
    seqs,
    seqs.toSorted((a: number, b: number) => a - b),
  );
  assert.ok(events.some(({ kind, name }: { kind: string; name: string }) => kind === "file" && name === "jfrog-cli"));
});

test("next --json: what will happen, and what would end while offline", async () => {
  using stage = new Stage();
  weekAhead(stage);
  stage.agentRuns();
  const { out, code } = await stage.type("dotvault next --offline fri..tue --json");
  const document = JSON.parse(out);
  assert.equal(code, 0);
  assert.deepEqual(shape(document), {
    schemaVersion: "number",
    at: "time",
    until: "time",
    agentRuns: "boolean",
    offline: { from: "time", until: "time" },
    items: [
      {
        at: "time",
        name: "string",
        code: "string",
        about: "string",
        who: "string",
        label: "string",
        run: "string",
        times: "number",
        every: "null",
      },
    ],
    expiring: [{ name: "string", at: "time", renewedUntil: "time", helps: "boolean", run: "string" }],
  });
});

const CAUSE = { seq: "number", at: "time", name: "string", event: { type: "string", at: "number" }, cameOut: "null" };
const VERDICT = { code: "string", ours: "boolean", text: "string", because: "null", hint: "null", run: "null" };

/** Events have members of their own: what the contract says of a chain is what stands around them. */
function whyShape(out: string): Shape {
  return shape(
    JSON.parse(out, (key, value) => (key === "event" ? { type: String(value.type), at: Number(value.at) } : value)),
  );
}

const WHY = { schemaVersion: "number", at: "time", enrolments: [], tokens: [], files: [], others: [] };

test("why --json: a credential, and a file that a rule writes", async () => {
  using stage = new Stage();
  const rule = `{ name: npm, vault_key: s, target: { path: ~/f.json, format: json, template: '{ "user": "ada", "t": "{{ .public_key }}" }' } }`;
  stage.configure(`enrolments: { s: { engine: sshkey } }\nrules: [${rule}]\n`);
  await stage.type("dotvault enrol s");
  stage.now += MINUTE;
  const asked = await stage.type("dotvault why s --json");
  const document = whyShape(asked.out) as { readonly enrolments: readonly object[]; readonly files: readonly object[] };
  const { files, enrolments, ...rest } = document;
  assert.deepEqual(rest, { schemaVersion: "number", at: "time", tokens: [], others: [] });
  assert.deepEqual(enrolments, [
    {
      ...{ name: "string", user: "null", tokenId: "string", chain: [CAUSE], storedVersion: "number", store: "string" },
      ...{ expiresAt: "null", rotatesAt: "null", rules: ["string"] },
      verdict: { ...VERDICT, because: "string", run: "string" },
    },
  ]);
  const value = { pointer: "string", line: "number", state: "string", token: "null" };
  assert.deepEqual(files, [
    {
      ...{ rule: "string", path: "string", secret: "string", values: [value], chain: [CAUSE], expiresAt: "null" },
      ...{ tokenId: "string", storedVersion: "number", verdict: { ...VERDICT, hint: "string" } },
    },
  ]);
});

test("why --json: a token, in a file of ours and in one that no rule writes", async () => {
  using stage = new Stage();
  refusedThenAdopted(stage);
  const jwt = [
    { alg: "RS256", typ: "JWT" },
    { jti: "p2", sub: "ada" },
  ]
    .map((part) => encoded(part))
    .join(".");
  for (const name of ["ours.json", "other.json"])
    writeFileSync(join(stage.home, name), JSON.stringify({ t: `${jwt}.${encoded("s")}` }));
  const noted = { name: "jfrog", engine: "jfrog", label: "JFrog" };
  stage.noteConfiguration([noted], [{ name: "r", secret: "jfrog", path: "~/ours.json", format: "json" }]);
  const asked = await stage.type("dotvault why p2 --json");
  assert.deepEqual(whyShape(asked.out), {
    ...WHY,
    tokens: [
      {
        ...{ tokenId: "string", enrolment: "string", standing: "string", how: "string", machine: "string" },
        ...{ chain: [CAUSE], storedVersion: "number", expiresAt: "time" },
        superseded: { at: "time", by: "string", because: CAUSE },
        revoked: "null",
        files: [{ path: "string", line: "number", from: "null", until: "null" }],
        verdict: { ...VERDICT, run: "string" },
      },
    ],
  });
  const token = {
    tokenId: "string",
    enrolment: "string",
    standing: "string",
    at: "time",
    since: "time",
    line: "number",
  };
  const other = await stage.type("dotvault why ~/other.json --json");
  assert.deepEqual(whyShape(other.out), { ...WHY, others: [{ path: "string", tokens: [token], verdict: VERDICT }] });
  assert.doesNotMatch(asked.out + other.out, /eyJ/, "never a value");
});

test("plan --json: what a configuration would do, member by member", async () => {
  using stage = new Stage();
  planned(stage);
  const { out, code } = await stage.type("dotvault plan --json");
  assert.equal(code, 0);
  assert.deepEqual(shape(JSON.parse(out)), {
    schemaVersion: "number",
    at: "time",
    file: "string",
    changes: "boolean",
    store: { from: "string", to: "string" },
    vault: { server: "string", method: "null", login: "string", drops: "boolean", endsAt: "null", run: "null" },
    settings: [],
    dropped: "number",
    untold: "string",
    enrolments: [
      {
        origin: { before: "string", after: "string" },
        rotation: "null",
        scope: "null",
        audience: "null",
        life: "null",
        expiresAt: "time",
        signIn: "string",
        run: "string",
        name: "string",
        label: "string",
        change: "string",
        rotatesAt: { before: "time", after: "null" },
        settings: [],
      },
    ],
    files: [
      {
        name: "string",
        path: "string",
        secret: "string",
        change: "string",
        keys: [{ pointer: "string", line: "number", change: "string" }],
        leaves: "null",
        mode: "null",
        settings: [],
        message: "string",
      },
    ],
  });
});

test("check --json: every problem with its place", async () => {
  using stage = new Stage();
  stage.configure("enrolments:\n  jfrog:\n    engine: jfrg\nweb: {}\n");
  const { out, code } = await stage.type("dotvault check --json");
  const document = JSON.parse(out.replaceAll("/home/alice", "~"));
  assert.equal(code, 1);
  assert.deepEqual(document, {
    schemaVersion: 1,
    file: "~/.config/dotvault/config.yaml",
    ok: false,
    problems: [
      {
        severity: "error",
        code: "config.engine",
        file: "~/.config/dotvault/config.yaml",
        line: 3,
        column: 13,
        what: 'unknown engine "jfrg"',
        nearest: "jfrog",
        hint: "engines: jfrog, sshkey",
      },
      {
        severity: "warning",
        code: "config.later",
        file: "~/.config/dotvault/config.yaml",
        line: 4,
        column: 1,
        what: document.problems[1].what,
        nearest: null,
        hint: document.problems[1].hint,
      },
    ],
  });
});

test("journal check --json and journal compact --json", async () => {
  using stage = new Stage();
  enrolThenLoseAnAnswer(stage);
  const checked = JSON.parse((await stage.type("dotvault journal check --json")).out);
  assert.deepEqual(shape(checked), {
    schemaVersion: "number",
    journal: {
      path: "string",
      writtenBy: "string",
      chain: "string",
      events: { readable: "number", first: "number", last: "number" },
      compacted: "number",
      streams: "number",
      secrets: { kept: "number", opened: "number" },
      ok: "boolean",
      problems: [],
    },
  });
  const compacted = JSON.parse((await stage.type("dotvault journal compact --json --older-than 5m")).out);
  assert.deepEqual(shape(compacted), { schemaVersion: "number", removed: "number", kept: "number" });
});

test("version --json", async () => {
  using stage = new Stage();
  assert.deepEqual(shape(JSON.parse((await stage.type("dotvault version --json")).out)), {
    schemaVersion: "number",
    version: "string",
    machine: "number",
    journal: "number",
    node: "string",
    platform: "string",
  });
});

test("a failure with --json is a document too, on stdout, with the exit code of the text", async () => {
  using stage = new Stage();
  named(stage, "jfrog");
  const { out, err, code } = await stage.type("dotvault log nobody --json");
  assert.equal(code, 2);
  assert.match(err, /knows no enrolment "nobody"/);
  assert.deepEqual(JSON.parse(out), {
    schemaVersion: 1,
    error: { code: "usage.enrolment", message: 'the journal knows no enrolment "nobody"', hint: "it knows none yet" },
  });
});
