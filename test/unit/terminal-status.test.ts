import assert from "node:assert/strict";
import { test } from "node:test";
import { mixed } from "../contract/command-scenes.ts";
import { DAY, HOUR, MINUTE, pair, Stage } from "../contract/command-stage.ts";

test("colours on a terminal only, and not where NO_COLOR is set", async () => {
  using stage = new Stage();
  mixed(stage);
  const colour = "\u001b[";
  assert.ok((await stage.type("dotvault status", { terminal: true })).out.includes(`${colour}31m✗`));
  assert.ok(!(await stage.type("dotvault status", { terminal: true, env: { NO_COLOR: "1" } })).out.includes(colour));
  assert.ok(!(await stage.type("dotvault status")).out.includes(colour));
});

test("on a terminal no line is wider than it, unless a part alone is", async () => {
  using stage = new Stage();
  mixed(stage);
  const { out } = await stage.type("dotvault status", { terminal: true, env: { NO_COLOR: "1" } });
  for (const line of out.split("\n")) assert.ok(line.length <= 80 || !line.includes(" · "), line);
});

test("a service's words in the status carry no escapes", async () => {
  using stage = new Stage();
  const ask = { code: "revoked", since: stage.now, message: "bye\u001b]0;pwned\u0007\nnow", hint: null } as const;
  stage.enrolment("jfrog", "revoked", { ask });
  const { out } = await stage.type("dotvault status");
  assert.match(out, /bye \]0;pwned now/);
  assert.ok(!out.includes("\u001b"));
});

test("a holder's note without a lock is a killed agent's: no agent runs", async () => {
  using stage = new Stage();
  mixed(stage);
  stage.agentRuns();
  assert.match((await stage.type("dotvault status")).out, /agent running since/);
  stage.agentEnds();
  const { writeFileSync } = await import("node:fs");
  const note = { pid: process.pid, since: stage.now, command: "dotvault run" };
  writeFileSync(`${stage.where.stateDir}/holder.json`, JSON.stringify(note));
  assert.match((await stage.type("dotvault status")).out, /no agent runs/);
});

test("an unchanged configuration is not read: the agent's note of it is enough", async () => {
  using stage = new Stage();
  stage.configure("this is no configuration\n");
  stage.noteConfiguration([{ name: "jfrog", engine: "jfrog", label: "JFrog" }]);
  stage.enrolment("jfrog", { active: "resting" }, { current: pair({ expiresAt: stage.now + DAY }) });
  assert.doesNotMatch((await stage.type("dotvault status")).out, /is wrong/);
  stage.configure("this is no configuration, longer\n");
  assert.match((await stage.type("dotvault status")).out, /is wrong/);
});

test("a missing key is told, with what is lost; the status needs none", async () => {
  using stage = new Stage();
  mixed(stage);
  const { rmSync } = await import("node:fs");
  rmSync(stage.where.key);
  const { out, code } = await stage.type("dotvault status");
  assert.equal(code, 3);
  assert.match(out, /✗ key +missing +\S+journal\.key is gone; 0 secrets are sealed with it/);
});

test("a token that has expired is no healthy one", async () => {
  using stage = new Stage();
  const expired = pair({ refreshable: false, expiresAt: stage.now - HOUR });
  stage.enrolment("jfrog", { active: "resting" }, { current: expired });
  stage.agentRuns();
  const { out, code } = await stage.type("dotvault status");
  assert.equal(code, 1);
  assert.match(out, /! jfrog +active +token expired 13:14 \(1 h ago\)/);
});

test("a login that nobody sees to any more asks for a new one", async () => {
  using stage = new Stage();
  const ref = { id: "s", kind: "session", digest: "d" } as const;
  stage.enrolment("jfrog", "polling", { session: { ref, deadline: stage.now - 2 * MINUTE, unanswered: false } });
  const { out, code } = await stage.type("dotvault status");
  assert.equal(code, 3);
  assert.match(out, /the login ran out 2 min ago\n +run: dotvault enrol jfrog/);
});
