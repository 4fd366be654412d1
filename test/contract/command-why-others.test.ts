import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { enrolThenLoseAnAnswer } from "./command-history.ts";
import { Stage } from "./command-stage.ts";

test("why says nothing of what can't be read: a folder, a device", async () => {
  using stage = new Stage();
  stage.configure("enrolments: { jfrog: { engine: jfrog, settings: { url: https://acme.jfrog.io } } }\n");
  enrolThenLoseAnAnswer(stage);
  mkdirSync(join(stage.home, "folder"));
  for (const path of ["~/folder", ".", "/dev/null"]) {
    const { code, out } = await stage.type(`dotvault why ${path} --json`);
    const [{ verdict, tokens }] = JSON.parse(out).others;
    assert.deepEqual([code, verdict.code, verdict.ours, tokens], [0, "unreadable", null, []], path);
  }
  assert.match(
    (await stage.type("dotvault why ~/folder")).out,
    /^! whether a token of ours stands in it can't be told: /m,
  );
});

test("why answers while the configuration is wrong, by what the agent goes on with", async () => {
  using stage = new Stage();
  stage.configure("enrolments: { jfrog: { engine: jfrog, settings: { url: https://acme.jfrog.io } } }\n");
  enrolThenLoseAnAnswer(stage);
  const rule = { name: "jfrog-cli", secret: "jfrog", path: join(stage.home, "f.json"), format: "json" };
  stage.noteConfiguration([{ name: "jfrog", engine: "jfrog" }], [rule]);
  stage.configure("enrolments: [\n");
  const { out, err } = await stage.type("dotvault why jfrog --json");
  const report = JSON.parse(out);
  assert.deepEqual([report.enrolments?.length, report.files?.[0]?.rule], [1, "jfrog-cli"], err);
});
