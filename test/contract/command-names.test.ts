import assert from "node:assert/strict";
import { test } from "node:test";
import { Stage } from "./command-stage.ts";

const NAME = "\u001b[31mred\u001b[0m\u202e";
const PATH = "/home/alice/\u001b[2Jf.json";

/** A rule may be called anything; one of this name had trouble once. */
function trouble(stage: Stage): void {
  const name = JSON.stringify(NAME);
  const target = `{ path: ${JSON.stringify(PATH)}, format: json, template: '{ "token": "{{ .access_token }}" }' }`;
  stage.configure(`rules: [{ name: ${name}, vault_key: jfrog, target: ${target} }]\n`);
  const failed = { class: "file.unwritable", message: "no", hint: null, sent: "no" };
  const event = (type: string, more: object) => ({ type, at: stage.now, ...more });
  stage.journal.append({
    ...{ stream: `enrolment/${NAME}`, expectedVersion: 0, machineVersion: 1, state: "active" },
    ...{ snapshot: { value: "active", context: {} }, event: event("FAILED", { intent: "read", ...failed }) },
    intents: [{ id: "i", kind: "read", subject: "", params: {}, once: false, dueAt: stage.now }],
  });
  stage.now += 5000;
  stage.journal.append({
    ...{ stream: `enrolment/${NAME}`, expectedVersion: 1, machineVersion: 1, state: "active", closes: "i" },
    ...{ snapshot: { value: "active", context: {} }, event: event("SYNCED", { written: [NAME], failed: [] }) },
  });
  stage.rule(NAME, { value: "current", path: PATH });
}

for (const verb of ["log", "stats", "why", "plan", "next", "status --at 1s", "journal check"]) {
  test(`${verb} shows a name that would act on a terminal, and it does not`, async () => {
    using stage = new Stage();
    trouble(stage);
    const { out, err } = await stage.type(`dotvault ${verb}`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
    assert.doesNotMatch(out + err, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
}
