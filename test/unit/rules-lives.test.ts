import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Outcomes } from "../../src/agent/outcomes.ts";
import { programRunner, type RunProgram } from "../../src/agent/post.ts";
import { createRuleSync, type FileRule } from "../../src/agent/rules.ts";
import { Turns } from "../../src/agent/turns.ts";
import { marksOf } from "../../src/commands/assembly/file-rules.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import { DotvaultError } from "../../src/errors.ts";
import type { Recorded } from "../../src/journal/port.ts";
import { type RuleSnapshot, ruleSnapshot } from "../../src/machines/rule/rule.ts";
import { journalHome } from "../support/journal.ts";

/** One machine's rules over a real journal and real files. */
function home(run: RunProgram = async () => ({})) {
  const own = journalHome();
  const directory = mkdtempSync(join(tmpdir(), "dotvault-rules-"));
  const journal = own.open();
  const environment = { env: () => undefined, username: "ada" };
  const clock = { now: () => 7, at: () => () => {} };
  let isFull = false;
  const taking = <T>(write: () => T): T => {
    if (isFull) throw new DotvaultError("journal.full", "no space left");
    return write();
  };
  const fillable: ConstructorParameters<typeof Outcomes>[0] = {
    head: (stream) => journal.head(stream),
    append: (input) => taking(() => journal.append(input)),
    appendAll: (inputs) => taking(() => journal.appendAll(inputs)),
  };
  const shared = {
    journal: new Outcomes(fillable, silentLog),
    turns: new Turns(clock),
    known: () => journal.heads("rule/"),
  };
  const deps = { ...shared, environment, clock, log: silentLog, run, marks: marksOf(own.options.key) };
  const at = (name: string) => join(directory, name);
  const stream = (rule: string) => `rule/${rule}`;
  return {
    at,
    journal,
    full: (is: boolean) => {
      isFull = is;
    },
    rules: (...rules: FileRule[]) => createRuleSync(rules, deps),
    json: (name: string, template: string, more: Partial<FileRule> = {}): FileRule => {
      return { name, path: at("f.json"), format: "json", secret: "s", deleteNulls: false, template, ...more };
    },
    text: (name: string, more: Partial<FileRule> = {}): FileRule => {
      const template = "{{ .token }}";
      return { name, path: at(name), format: "text", secret: "s", deleteNulls: false, template, ...more };
    },
    put: (name: string, text: string) => writeFileSync(at(name), text, { mode: 0o600 }),
    read: (name: string) => readFileSync(at(name), "utf8"),
    has: (name: string) => existsSync(at(name)),
    events: (rule: string): Recorded["event"][] => {
      return [...journal.events({ stream: stream(rule) })].map(({ event }) => event);
    },
    types: (rule: string) => [...journal.events({ stream: stream(rule) })].map(({ event }) => event.type),
    snapshot: (rule: string): RuleSnapshot => ruleSnapshot(journal.head(stream(rule))?.snapshot),
    [Symbol.dispose]() {
      rmSync(directory, { recursive: true, force: true });
      own[Symbol.dispose]();
    },
  };
}

const TWO = '{"token": {{ toJson .token }}, "user": {{ toJson .user }}}';
const ONE = '{"token": {{ toJson .token }}}';
const fields = { token: "t1", user: "ada" };
const from = { version: 3, createdAt: 5, pair: "digest-of-the-pair" };

test("what a rule wrote is on record: from what, which keys, on which lines, and no value that could be guessed", async () => {
  using here = home();
  await here.rules(here.json("r", TWO)).sync("s", fields, "store", from);
  const [event] = here.events("r");
  assert.deepEqual(event?.from, from);
  const keys = event?.keys as RuleSnapshot["keys"];
  assert.deepEqual(
    keys.map(({ pointer, line }) => [pointer, line]),
    [
      ["/token", 1],
      ["/user", 1],
    ],
  );
  const plain = JSON.stringify(event);
  for (const digest of [/"ada"/, /t1/]) assert.doesNotMatch(plain, digest);
  using other = home();
  await other.rules(other.json("r", TWO)).sync("s", fields, "store", from);
  assert.notDeepEqual(
    other.snapshot("r").keys,
    here.snapshot("r").keys,
    "another key, another digest of the same word",
  );
});

test("managed: strict takes out what is no longer rendered; without it that stays", async () => {
  for (const strict of [true, false]) {
    using here = home();
    here.put("f.json", '{"mine": 1}\n');
    await here.rules(here.json("r", TWO, { strict })).sync("s", fields, "store");
    await here.rules(here.json("r", ONE, { strict })).sync("s", fields, "store");
    const left = strict ? { mine: 1, token: "t1" } : { mine: 1, token: "t1", user: "ada" };
    assert.deepEqual(JSON.parse(here.read("f.json")), left);
  }
});

test("managed: strict leaves what somebody else has changed since", async () => {
  using here = home();
  await here.rules(here.json("r", TWO, { strict: true })).sync("s", fields, "store");
  here.put("f.json", here.read("f.json").replace("ada", "grace"));
  await here.rules(here.json("r", ONE, { strict: true })).sync("s", fields, "store");
  assert.deepEqual(JSON.parse(here.read("f.json")), { token: "t1", user: "grace" });
});

const NETRC = "machine a login theirs password p1\n\nmachine a login ours password old\n";

for (const [what, more, next, left] of [
  [
    "managed: strict",
    { strict: true },
    "machine a login ours",
    "machine a login theirs password p1\n\nmachine a login ours\n",
  ],
  ["on_remove: remove", { onRemove: "remove" }, undefined, "machine a login theirs password p1\n\n"],
] as const) {
  test(`of two machines of one name in a netrc the one with our login is ours, and only that one is taken out (${what})`, async () => {
    using stage = home();
    const { rules, put, read, at, snapshot } = stage;
    const netrc = (template: string) =>
      rules({ name: "n", path: at("f"), format: "netrc", secret: "s", deleteNulls: false, template, ...more });
    put("f", NETRC);
    await netrc("machine a login ours password {{ .token }}").sync("s", { token: "new" }, "store");
    assert.equal(read("f"), NETRC.replace("old", "new"));
    assert.deepEqual(
      snapshot("n").keys.map(({ pointer }) => pointer),
      ["/a login ours/login", "/a login ours/password"],
    );
    if (next === undefined) await rules().keyless();
    else await netrc(next).sync("s", { token: "new" }, "store");
    assert.equal(read("f"), left);
  });
}

test("a managed value that somebody else changed is put right, and told", async () => {
  using here = home();
  const rules = here.rules(here.json("r", TWO));
  await rules.sync("s", fields, "store");
  here.put("f.json", here.read("f.json").replace("ada", "grace"));
  await rules.sync("s", fields, "store");
  assert.deepEqual(JSON.parse(here.read("f.json")), fields);
  assert.deepEqual(here.types("r"), ["FILE_WRITTEN", "FILE_EDITED", "FILE_WRITTEN"]);
  assert.deepEqual(here.snapshot("r").edited, { at: 7, keys: ["/user"], kept: false });
});

test("a rotation is no change by somebody else, nor is a file that was deleted", async () => {
  using here = home();
  const rules = here.rules(here.json("r", TWO));
  await rules.sync("s", fields, "store");
  await rules.sync("s", { ...fields, token: "t2" }, "store");
  rmSync(here.at("f.json"));
  await rules.sync("s", { ...fields, token: "t2" }, "store");
  assert.deepEqual(here.types("r"), ["FILE_WRITTEN", "FILE_WRITTEN", "FILE_WRITTEN"]);
});

test("a write that a crash kept from the record is no change by somebody else", async () => {
  using here = home();
  const rule = here.json("r", TWO);
  await here.rules(rule).sync("s", fields, "store");
  const [head] = [here.journal.head("rule/r")];
  const rotated = { ...fields, token: "t2" };
  here.put("f.json", here.read("f.json").replace("t1", "t2"));
  const next = here.rules(rule);
  await next.sync("s", rotated, "store");
  assert.equal(here.journal.head("rule/r")?.version, (head?.version ?? 0) + 1, "the record catches up");
  await next.sync("s", { ...fields, token: "t3" }, "store");
  assert.deepEqual(here.types("r"), ["FILE_WRITTEN", "FILE_CURRENT", "FILE_WRITTEN"]);
});

test("on_edit: keep leaves the changed value, writes the others, and tells it once", async () => {
  using here = home();
  const rules = here.rules(here.json("r", TWO, { onEdit: "keep" }));
  await rules.sync("s", fields, "store");
  here.put("f.json", here.read("f.json").replace("ada", "grace"));
  for (const token of ["t1", "t1", "t2", "t3"]) await rules.sync("s", { ...fields, token }, "store");
  assert.deepEqual(JSON.parse(here.read("f.json")), { token: "t3", user: "grace" });
  assert.equal(here.types("r").filter((type) => type === "FILE_EDITED").length, 1);
  assert.deepEqual(here.snapshot("r").edited?.keys, ["/user"]);
});

test("a rule that is gone leaves the file, unless it said on_remove: remove", async () => {
  for (const onRemove of ["keep", "remove"] as const) {
    using here = home();
    here.put("f.json", '{"mine": 1}\n');
    await here.rules(here.json("r", TWO, { onRemove })).sync("s", fields, "store");
    const after = here.rules();
    await after.keyless();
    await after.keyless();
    const left = onRemove === "remove" ? { mine: 1 } : { mine: 1, token: "t1", user: "ada" };
    assert.deepEqual(JSON.parse(here.read("f.json")), left);
    assert.equal(here.types("r").filter((type) => type === "FILE_CLEANED").length, onRemove === "remove" ? 1 : 0);
  }
});

test("a text file that is ours goes as a whole, one that somebody changed stays", async () => {
  using here = home();
  await here
    .rules(here.text("a", { onRemove: "remove" }), here.text("b", { onRemove: "remove" }))
    .sync("s", fields, "store");
  here.put("b", "mine");
  await here.rules().keyless();
  assert.equal(here.has("a"), false);
  assert.equal(here.read("b"), "mine");
  assert.deepEqual(here.events("b").at(-1)?.left, [""]);
});

test("values that can't be taken out are told as any failure, and tried again", async () => {
  using here = home();
  await here
    .rules(here.text("a", { onRemove: "remove" }), here.json("j", ONE, { onRemove: "remove" }))
    .sync("s", fields, "store");
  for (const name of ["a", "f.json"]) chmodSync(here.at(name), 0o400);
  await here.rules().keyless();
  for (const name of ["a", "j"]) assert.equal(here.snapshot(name).failure?.code, "files.read-only");
  for (const name of ["a", "f.json"]) chmodSync(here.at(name), 0o600);
  await here.rules().keyless();
  assert.equal(here.has("a"), false);
  assert.equal(here.read("f.json"), "{}");
  for (const name of ["a", "j"]) assert.equal(here.snapshot(name).value, "cleaned");
});

test("what was not taken out since a person's remark stands in it is not said to be gone; no older version is kept of it", async () => {
  using here = home();
  const rule = here.json("r", '{"list": [1, 2], "token": "{{ .token }}"}', { onRemove: "remove", backups: 3 });
  await here.rules(rule).sync("s", fields, "store");
  here.put("f.json", here.read("f.json").replace("[1,", "[1, // mine\n"));
  await here.rules().keyless();
  assert.deepEqual(here.events("r").at(-1)?.left, ["/list"]);
  assert.deepEqual(here.events("r").at(-1)?.keys, ["/token"]);
  assert.equal(here.has("f.json.dotvault-1"), false);
});

test("a secret that is gone is told once and the file stays; with on_missing: remove its values go", async () => {
  for (const onMissing of ["keep", "remove"] as const) {
    using here = home();
    here.put("f.json", '{"mine": 1}\n');
    const rules = here.rules(here.json("r", TWO, { onMissing }));
    await rules.missing("s", "secret");
    assert.deepEqual(here.types("r"), [], "nothing was written, so nothing is missed");
    await rules.sync("s", fields, "store");
    await rules.missing("s", "secret");
    await rules.missing("s", "secret");
    const left = onMissing === "remove" ? { mine: 1 } : { mine: 1, token: "t1", user: "ada" };
    assert.deepEqual(JSON.parse(here.read("f.json")), left);
    const told =
      onMissing === "remove" ? ["FILE_WRITING", "FILE_WRITTEN", "FILE_CLEANED"] : ["FILE_WRITTEN", "SECRET_MISSING"];
    assert.deepEqual(here.types("r"), told);
    await rules.sync("s", fields, "store");
    assert.equal(here.snapshot("r").value, "current", "and back with the secret");
  }
});

test("un-enrolled: the values go where the rule says on_remove: remove, and nothing is called missing", async () => {
  for (const onRemove of ["keep", "remove"] as const) {
    using here = home();
    const rules = here.rules(here.json("r", TWO, { onRemove }));
    await rules.sync("s", fields, "store");
    await rules.missing("s", "enrolment");
    assert.deepEqual(JSON.parse(here.read("f.json")), onRemove === "remove" ? {} : fields);
    assert.equal(here.snapshot("r").value, onRemove === "remove" ? "cleaned" : "current");
  }
});

test("two rules on one file: different keys are merged, the same value is no matter, another one is refused", async () => {
  using here = home();
  const first = here.json("first", ONE);
  const second = here.json("second", TWO);
  const rival = here.json("rival", '{"token": "other"}');
  const report = await here.rules(first, second, rival).sync("s", fields, "store");
  assert.deepEqual([report.written, report.failed], [["first", "second"], ["rival"]]);
  assert.deepEqual(JSON.parse(here.read("f.json")), fields);
  assert.match(here.snapshot("rival").failure?.message ?? "", /rule "first" writes another value at \/token/);
  const next = await here.rules(first, second).sync("s", { ...fields, token: "t2" }, "store");
  assert.deepEqual(next, { written: ["first"], failed: [], passing: false }, "a rotation is no contradiction");
  assert.ok(!here.types("second").includes("FILE_EDITED"));
});

test("what two rules write into one file stays as long as one of them does", async () => {
  using here = home();
  const both = '{"version": "6", "a": "{{ .token }}"}';
  const one = here.json("one", both, { onRemove: "remove", strict: true });
  const two = here.json("two", both.replace("a", "b"), { onRemove: "remove", onMissing: "remove", secret: "s2" });
  const rules = here.rules(one, two);
  await rules.sync("s", fields, "store");
  await rules.sync("s2", fields, "store");
  await rules.missing("s2", "secret");
  assert.deepEqual(JSON.parse(here.read("f.json")), { version: "6", a: "t1" });
  const without = here.rules({ ...one, template: '{"a": "{{ .token }}"}' }, two);
  await without.sync("s2", fields, "store");
  await without.sync("s", fields, "store");
  assert.deepEqual(
    JSON.parse(here.read("f.json")),
    { version: "6", a: "t1", b: "t1" },
    "strict leaves what is the other's",
  );
  const left = here.rules(two);
  await left.together(() => left.sync("s2", fields, "store"));
  assert.deepEqual(JSON.parse(here.read("f.json")), { version: "6", b: "t1" });
});

test("a rule with another name takes its file over: the value is never gone, however long the store is away", async () => {
  for (const format of ["json", "text"] as const) {
    using here = home();
    const rule =
      format === "json" ? here.json("old", ONE, { onRemove: "remove" }) : here.text("old", { onRemove: "remove" });
    await here.rules(rule).sync("s", fields, "store");
    const renamed = here.rules({ ...rule, name: "new" });
    const text = () => here.read(format === "json" ? "f.json" : "old");
    const before = text();
    await renamed.keyless();
    assert.equal(text(), before, "the store has not answered yet");
    await renamed.together(() => renamed.sync("s", fields, "store"));
    assert.equal(text(), before);
    assert.deepEqual(here.types("old").at(-1), "FILE_CLEANED");
    await here.rules().keyless();
    assert.equal(
      format === "json" ? text() : here.has("old"),
      format === "json" ? "{}" : false,
      "and it is the new one's to take out",
    );
  }
});

test("on_remove that is set when the file is written already holds, and so does its going back", async () => {
  using here = home();
  for (const onRemove of ["keep", "remove", "keep", "remove"] as const) {
    await here.rules(here.json("r", ONE, { onRemove })).sync("s", fields, "store");
  }
  assert.deepEqual(here.types("r"), ["FILE_WRITTEN", "FILE_CURRENT", "FILE_CURRENT", "FILE_CURRENT"]);
  await here.rules().keyless();
  assert.equal(here.read("f.json"), "{}");
});

test("a file that said it all before the rule came is the rule's from then on", async () => {
  using here = home();
  here.put("f.json", '{"token": "t1", "mine": 1}');
  const rule = here.json("r", ONE, { onRemove: "remove" });
  await here.rules(rule).sync("s", fields, "store");
  await here.rules(rule).sync("s", fields, "store");
  assert.deepEqual(here.types("r"), ["FILE_CURRENT"]);
  await here.rules().keyless();
  assert.deepEqual(JSON.parse(here.read("f.json")), { mine: 1 });
});

test("a rule that goes to another file, or writes another format, takes its values along where it says on_remove: remove", async () => {
  for (const onRemove of ["keep", "remove"] as const) {
    using here = home();
    here.put("f.json", '{"mine": 1}');
    const rule = here.json("r", ONE, { onRemove });
    await here.rules(rule).sync("s", fields, "store");
    await here.rules({ ...rule, path: here.at("g.json") }).sync("s", fields, "store");
    assert.deepEqual(JSON.parse(here.read("f.json")), onRemove === "remove" ? { mine: 1 } : { mine: 1, token: "t1" });
    assert.deepEqual(JSON.parse(here.read("g.json")), { token: "t1" });
    assert.ok(!here.types("r").includes("FILE_EDITED"));
    const toml: FileRule = { ...rule, path: here.at("g.json"), format: "yaml", template: "key: {{ .token }}" };
    await here.rules(toml).sync("s", fields, "store");
    const keys = onRemove === "remove" ? /^\{\s*"?key"?: "?t1"?\s*\}/ : /token/;
    assert.match(here.read("g.json"), keys);
  }
});

test("on_edit: keep goes on while the journal takes nothing: what was written meanwhile is no change by somebody else", async () => {
  using here = home();
  const rules = here.rules(here.json("r", TWO, { onEdit: "keep" }));
  await rules.sync("s", fields, "store");
  here.full(true);
  await rules.sync("s", { ...fields, token: "t2" }, "store");
  await rules.sync("s", { ...fields, token: "t3" }, "store");
  assert.match(here.read("f.json"), /t3/);
  here.full(false);
  await rules.sync("s", { ...fields, token: "t4" }, "store");
  assert.match(here.read("f.json"), /t4/);
  assert.deepEqual(
    here.types("r").filter((type) => type !== "FILE_WRITING"),
    ["FILE_WRITTEN", "FILE_WRITTEN", "FILE_WRITTEN", "FILE_WRITTEN"],
  );
});

test("jf's file keeps its version, and a server to which others have added something keeps its name", async () => {
  using here = home();
  const template = '{"servers": [{"serverId": "acme", "accessToken": "{{ .token }}"}], "version": "6"}';
  const rule = {
    ...here.json("r", template, { onRemove: "remove", mergeKey: "serverId" }),
    path: here.at("jfrog-cli.conf.v6"),
  };
  const mine = '{"servers": [{"serverId": "mine", "accessToken": "m"}], "version": "6"}';
  here.put("jfrog-cli.conf.v6", mine);
  await here.rules(rule).sync("s", fields, "store");
  await here.rules().keyless();
  assert.deepEqual(JSON.parse(here.read("jfrog-cli.conf.v6")), JSON.parse(mine));
  await here.rules(rule).sync("s", fields, "store");
  here.put("jfrog-cli.conf.v6", here.read("jfrog-cli.conf.v6").replace('"acme",', '"acme", "isDefault": true,'));
  await here.rules().keyless();
  const { servers } = JSON.parse(here.read("jfrog-cli.conf.v6")) as { servers: unknown[] };
  assert.deepEqual(servers[1], { serverId: "acme", isDefault: true });
});

test("a file that others can read is narrowed at the next sync though nothing else has changed, and that is told", async () => {
  using stage = home();
  const { rules, text, at, events } = stage;
  const own = rules(text("f"));
  await own.sync("s", { token: "x" }, "store");
  chmodSync(at("f"), 0o644);
  assert.equal(await own.untouched("s"), false, "a full look reads the secret again");
  await own.sync("s", { token: "x" }, "store");
  assert.equal(statSync(at("f")).mode & 0o777, 0o600);
  const last = events("f").at(-1);
  assert.deepEqual([last?.type, last?.from, last?.to], ["FILE_NARROWED", "0644", "0600"]);
  await own.sync("s", { token: "x" }, "store");
  assert.equal(events("f").length, 2, "told once");
  assert.equal(await own.untouched("s"), true);
});

test("mode: and backup: as the rule says; older versions keep the mode", async () => {
  using here = home();
  const rules = here.rules(here.json("r", ONE, { mode: 0o640, backups: 2 }));
  for (const token of ["t1", "t2", "t3", "t4"]) await rules.sync("s", { token }, "store");
  assert.equal(statSync(here.at("f.json")).mode & 0o777, 0o640);
  assert.match(here.read("f.json"), /t4/);
  assert.match(here.read("f.json.dotvault-1"), /t3/);
  assert.match(here.read("f.json.dotvault-2"), /t2/);
  assert.equal(here.has("f.json.dotvault-3"), false);
  assert.equal(statSync(here.at("f.json.dotvault-1")).mode & 0o777, 0o640);
});

test("post runs after a change and only then; a failure is on record until it goes well", async () => {
  const ran: string[][] = [];
  let failure: string | undefined = "exit code 3";
  using here = home(async (words) => {
    ran.push([...words]);
    return failure === undefined ? {} : { failure };
  });
  const rules = here.rules(here.json("r", ONE, { post: ["reload", "now"] }));
  await rules.sync("s", { token: "t1" }, "store");
  await rules.sync("s", { token: "t1" }, "store");
  assert.deepEqual(ran, [["reload", "now"]]);
  assert.equal(here.snapshot("r").post?.message, "exit code 3");
  failure = undefined;
  await rules.sync("s", { token: "t2" }, "store");
  await rules.sync("s", { token: "t2" }, "store");
  assert.equal(ran.length, 2);
  assert.deepEqual(here.types("r"), ["FILE_WRITTEN", "POST_FAILED", "FILE_WRITTEN", "POST_RAN"]);
});

test("post runs after values were taken out, too, and never for a rule that is gone", async () => {
  let runs = 0;
  using here = home(async () => {
    runs += 1;
    return {};
  });
  const rules = here.rules(here.json("r", ONE, { post: ["reload"], onMissing: "remove", onRemove: "remove" }));
  await rules.sync("s", { token: "t1" }, "store");
  await rules.missing("s", "secret");
  await rules.missing("s", "secret");
  assert.equal(runs, 2);
  await rules.sync("s", { token: "t1" }, "store");
  await here.rules().keyless();
  assert.equal(runs, 3);
  assert.deepEqual(JSON.parse(here.read("f.json")), {});
});

test("post that was cut off by the agent's end is run again by the next one", async () => {
  let hangs = true;
  let runs = 0;
  using here = home(async (_, { signal }) => {
    runs += 1;
    if (hangs) await new Promise((done) => signal.addEventListener("abort", done));
    return {};
  });
  const rule = here.json("r", ONE, { post: ["reload"] });
  const killed = here.rules(rule);
  await killed.sync("s", { token: "t1" }, "store");
  await killed.close();
  assert.equal(here.snapshot("r").post?.state, "due");
  hangs = false;
  await here.rules(rule).sync("s", { token: "t1" }, "store");
  assert.equal(runs, 2);
});

test("programs: no shell, no token for a store in the environment, what they print is logged harmless", async () => {
  const logged: object[] = [];
  const log = { ...silentLog, info: (said: object) => void logged.push(said) };
  const run = programRunner({ PATH: process.env.PATH, DOTVAULT_TOKEN: "hvs.secret", SEEN: "yes" }, log);
  const never = { signal: new AbortController().signal, secrets: ["hunter2-hunter2"] };
  const script =
    "process.stdout.write(String(process.env.DOTVAULT_TOKEN)+process.env.SEEN+' '+process.argv[1]+'\\u001b[2J hunter2-hunter2 '+'x1'.repeat(20))";
  assert.deepEqual(await run([process.execPath, "-e", script, "$(id);"], never), {});
  assert.deepEqual(logged, [{ program: process.execPath, printed: "undefinedyes $(id); [2J •••• ••••" }]);
  assert.match((await run([process.execPath, "-e", "process.exit(3)"], never)).failure ?? "", /exit code 3/);
  assert.match((await run(["/does/not/exist"], never)).failure ?? "", /can't be started \(ENOENT\)/);
  const hasty = programRunner({}, log, { patience: 1 });
  assert.match((await hasty([process.execPath, "-e", "setInterval(() => {}, 1e6)"], never)).failure ?? "", /not done/);
});
