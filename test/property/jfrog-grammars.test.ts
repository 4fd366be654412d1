import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalAudience, readAudience } from "../../src/adapters/engines/jfrog/audience.ts";
import { canonicalScope, readScope } from "../../src/adapters/engines/jfrog/scope.ts";
import { engineSettings } from "../../src/adapters/engines/registry.ts";
import { parseConfig } from "../../src/config/check.ts";
import { parseDuration } from "../../src/config/durations.ts";
import { parseAudience } from "../../src/simulator/audience.ts";
import { parseScope } from "../../src/simulator/scope.ts";
import { property } from "../support/property.ts";

// JFrog's grammars of scope and audience, ours against the platform's (the simulator's own), and where in the file we say
// that a mistake is.

const plainName = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
const quotedName = fc.stringMatching(/^[A-Za-z0-9 ,:_'-]{1,12}$/).map((name) => `"${name}"`);
const names = fc.array(fc.oneof(plainName, quotedName), { minLength: 1, maxLength: 4 }).map((all) => all.join(","));
const project = fc.stringMatching(/^[a-z][a-z0-9-]{1,10}$/);
const actions = fc.oneof(fc.constant("*"), fc.stringMatching(/^[rwdamxs](,?[rwdamxs]){0,4}$/));
const area = fc.constantFrom("metrics", "livelogs", "identities", "permissions");
const place = fc.stringMatching(/^[a-z][a-z0-9/*._-]{0,20}$/);

const part = fc.oneof(
  fc.constantFrom("applied-permissions/user", "applied-permissions/admin"),
  names.map((list) => `applied-permissions/groups:${list}`),
  fc.tuple(project, names).map(([key, list]) => `applied-permissions/roles:${key}:${list}`),
  fc.tuple(place, actions).map(([path, letters]) => `artifact:${path}:${letters}`),
  fc.tuple(area, actions).map(([name, letters]) => `system:${name}:${letters}`),
);
const scope = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(" "));

const service = fc.oneof(fc.constant("*"), fc.stringMatching(/^jf[a-z]{1,4}$/));
const id = fc.oneof(fc.constant("*"), fc.stringMatching(/^[\w.-]{1,12}$/));
const audience = fc
  .array(fc.tuple(service, id), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.map((words) => words.join("@")).join(" "));

property(
  "a scope of JFrog's grammar passes, here and at the platform, and one spelling stays itself",
  [scope],
  (text) => {
    assert.deepEqual(readScope(text).faults, []);
    assert.ok(parseScope(text));
    const canonical = canonicalScope(text);
    return canonical !== undefined && canonicalScope(canonical) === canonical;
  },
);

property("an audience of JFrog's grammar passes likewise", [audience], (text) => {
  assert.deepEqual(readAudience(text).faults, []);
  assert.ok(parseAudience(text));
  const canonical = canonicalAudience(text);
  return canonical !== undefined && canonicalAudience(canonical) === canonical;
});

const scopeLike = fc
  .array(
    fc.oneof(
      part,
      fc.constantFrom(
        "applied-permissions/",
        "groups:",
        "roles:web:",
        "artifact:",
        "system:metrics:",
        "user",
        "r",
        "*",
      ),
      fc.constantFrom(...' ,:"/ax*'),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(""));

property(
  "what we take for a scope, the platform does, too",
  [scopeLike],
  (text) => {
    return readScope(text).faults.length > 0 || parseScope(text) !== undefined;
  },
  { runs: 2000 },
);

property(
  "what the platform takes for a scope, we do, but for a project that is none",
  [scopeLike],
  (text) => {
    const { faults } = readScope(text);
    const isProjects = faults.every(({ what }) => what.endsWith("is not a project's key"));
    return parseScope(text) === undefined || isProjects;
  },
  { runs: 2000 },
);

property(
  "audiences are judged as the platform judges them",
  [fc.stringMatching(/^[jfrt@* .x-]{0,20}$/)],
  (text) => {
    const { parts, faults } = readAudience(text);
    return (faults.length === 0 && parts.length > 0) === (parseAudience(text) !== undefined);
  },
  { runs: 1000 },
);

const engines = engineSettings(parseDuration);
const validators = {
  engines,
  template: () => undefined,
  templateReads: () => ({ fields: [], all: false }),
  fixedValues: () => new Map(),
};

/** Loads a configuration with the setting in these quotes; gives the columns (from 0, within the text) of its faults. */
function columnsOf(setting: string, text: string, quote: "" | "'" | '"'): number[] {
  const before = `      ${setting}: ${quote}`;
  const lines = ["enrolments:", "  jfrog:", "    engine: jfrog", "    settings:", "      url: https://x"];
  const config = `${[...lines, `${before}${text}${quote}`].join("\n")}\n`;
  const { problems, config: loaded } = parseConfig(config, "c.yaml", validators);
  assert.equal(loaded === undefined, problems.length > 0);
  for (const { line, code } of problems) assert.deepEqual([line, code], [lines.length + 1, "config.setting"]);
  return problems.map(({ column }) => column - 1 - before.length);
}

/** A mutation with the place, within the part, at which a person has to look. */
const mutant = fc.oneof(
  names.map((list) => ({ text: `applied-permissions/group:${list}`, at: 0 })),
  project.map((key) => ({ text: `applied-permissions/roles:${key}`, at: 0 })),
  names.map((list) => ({ text: `applied-permissions/roles:Web:${list}`, at: "applied-permissions/roles:".length })),
  names.map((list) => ({
    text: `applied-permissions/groups:${list},`,
    at: "applied-permissions/groups:,".length + list.length,
  })),
  names.map((list) => ({ text: `applied-permissions/groups:,${list}`, at: "applied-permissions/groups:".length })),
  fc.tuple(place, actions).map(([path, letters]) => ({
    text: `artifact:${path}:${letters.replace("*", "r")}y`,
    at: `artifact:${path}:`.length + letters.length,
  })),
  actions.map((letters) => ({ text: `system:metric:${letters}`, at: "system:".length })),
  place.map((path) => ({ text: `artifact:${path}`, at: 0 })),
  fc.constant({ text: "applied-permissions/user:x", at: "applied-permissions/user".length }),
);

property(
  "a mutant among sound parts is refused at the very column, however it is quoted, and nothing else is",
  [fc.array(part, { maxLength: 2 }), mutant, fc.array(part, { maxLength: 2 }), fc.constantFrom("", "'" as const)],
  (before, { text, at }, after, quote) => {
    const whole = [...before, text, ...after].join(" ");
    if (quote === "'" && whole.includes("'")) return true;
    if (quote === "" && /: | #/.test(whole)) return true;
    assert.deepEqual(columnsOf("scope", whole, quote), [[...before, ""].join(" ").length + at]);
    return true;
  },
  { runs: 500 },
);

property(
  "so is each mutant of an audience",
  [
    fc.array(audience, { maxLength: 1 }),
    fc.constantFrom(["jfrt", 0], ["rt@*", 0], ["jfrt@", 5], ["jfrt@a/b", 5], ["JFRT@*", 0]),
  ],
  (before, [text, at]) => {
    const whole = [...before, text].join(" ");
    assert.deepEqual(columnsOf("audience", whole, '"'), [[...before, ""].join(" ").length + Number(at)]);
    return true;
  },
);
