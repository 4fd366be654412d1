import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, before, describe, test } from "node:test";

const root = join(import.meta.dirname, "..", "..");

/** file → what it must not import, and what it may. */
const imports: Record<string, { forbidden: string[]; allowed: string[] }> = {
  "src/machines/a.ts": {
    forbidden: ["node:fs", "pino", "../journal/port.ts", "../seal/seal.ts", "../config/load.ts", "./../agent/agent.ts"],
    allowed: ["xstate", "../errors.ts", "./half-life.ts"],
  },
  "src/machines/enrolment/states/a.ts": {
    forbidden: ["node:crypto", "../../../journal/port.ts", "../../../adapters/engines/port.ts", "../../../main.ts"],
    allowed: ["xstate", "../../../errors.ts", "../../half-life.ts", "../events.ts"],
  },
  "src/terminal/a.ts": {
    forbidden: ["pino", "../journal/port.ts", "../config/durations.ts", "../commands/run.ts"],
    allowed: ["node:util", "../errors.ts", "./colours.ts"],
  },
  "src/config/a.ts": {
    forbidden: ["xstate", "../adapters/engines/port.ts", "../terminal/words.ts", "../journal/port.ts"],
    allowed: ["yaml", "node:fs/promises", "../errors.ts", "./durations.ts"],
  },
  "src/seal/a.ts": {
    forbidden: ["jose", "../journal/port.ts", "../adapters/store-port.ts", "../config/paths.ts"],
    allowed: ["node:crypto", "../errors.ts", "./key.ts"],
  },
  "src/journal/a.ts": {
    forbidden: ["undici", "../machines/half-life.ts", "../agent/agent.ts", "../adapters/store-port.ts"],
    allowed: ["better-sqlite3", "node:fs", "../seal/seal.ts", "../errors.ts", "./port.ts"],
  },
  "src/journal/check/a.ts": {
    forbidden: ["../../machines/half-life.ts", "../../config/paths.ts"],
    allowed: ["../../seal/seal.ts", "../port.ts"],
  },
  "src/adapters/a.ts": {
    forbidden: ["undici", "../journal/port.ts", "./vault/store.ts"],
    allowed: ["./store-port.ts", "./engines/port.ts", "./http/port.ts", "../errors.ts"],
  },
  "src/adapters/http/a.ts": {
    forbidden: ["node-vault", "../vault/store.ts", "../../journal/port.ts", "../../agent/agent.ts"],
    allowed: ["undici", "node:tls", "./port.ts", "../../errors.ts"],
  },
  "src/adapters/engines/jfrog/a.ts": {
    forbidden: [
      "undici",
      "node:https",
      "../sshkey/engine.ts",
      "../../vault/store.ts",
      "../../../machines/half-life.ts",
    ],
    allowed: ["../port.ts", "../../http/port.ts", "../../../seal/digest.ts", "../../../errors.ts"],
  },
  "src/adapters/engines/sshkey/a.ts": {
    forbidden: ["../jfrog/engine.ts", "../../../agent/agent.ts"],
    allowed: ["node:crypto", "../port.ts"],
  },
  "src/adapters/vault/a.ts": {
    forbidden: ["undici", "../embedded/store.ts", "../engines/jfrog/engine.ts", "../../journal/port.ts"],
    allowed: ["node-vault", "../store-port.ts", "../http/port.ts", "../engines/port.ts", "../../errors.ts"],
  },
  "src/adapters/embedded/a.ts": {
    forbidden: ["../vault/store.ts", "../../journal/connection.ts", "../../agent/agent.ts"],
    allowed: ["better-sqlite3", "../store-port.ts", "../../seal/seal.ts"],
  },
  "src/adapters/files/formats/a.ts": {
    forbidden: ["better-sqlite3", "../../desktop/browser.ts", "../../../config/durations.ts"],
    allowed: ["yaml", "jsonc-parser", "node:fs", "../write.ts", "../../../errors.ts"],
  },
  "src/adapters/desktop/a.ts": {
    forbidden: ["pino", "../files/write.ts", "../../terminal/colours.ts"],
    allowed: ["node:child_process", "../../errors.ts"],
  },
  "src/agent/a.ts": {
    forbidden: ["undici", "../commands/run.ts", "../config/load.ts", "../terminal/words.ts", "../simulator/server.ts"],
    allowed: [
      "xstate",
      "../machines/half-life.ts",
      "../journal/port.ts",
      "../seal/seal.ts",
      "../adapters/vault/store.ts",
    ],
  },
  "src/simulator/a.ts": {
    forbidden: ["../adapters/http/port.ts", "../journal/port.ts", "../commands/demo.ts"],
    allowed: ["jose", "node:http", "../errors.ts"],
  },
  "src/commands/a.ts": {
    forbidden: ["../simulator/server.ts", "../../test/support/home.ts", "undici", "node:http"],
    allowed: ["../agent/agent.ts", "../config/load.ts", "../journal/reader.ts", "../terminal/words.ts"],
  },
  "src/commands/demo.ts": {
    forbidden: ["../../test/support/home.ts", "undici"],
    allowed: ["../simulator/server.ts", "../agent/agent.ts"],
  },
  "src/main.ts": {
    forbidden: ["../test/support/home.ts", "../bench/main.ts", "../scripts/build.mjs", "./simulator/server.ts"],
    allowed: ["./commands/run.ts", "./errors.ts"],
  },
};

/** What a machine must not reach without importing it, and what nobody under src may. */
const globals: Record<string, { forbidden: string[]; allowed: string[] }> = {
  "src/machines/b.ts": {
    forbidden: [
      "Date.now()",
      "Math.random()",
      "crypto.randomUUID()",
      "process.env",
      "performance.now()",
      "setTimeout(String, 1)",
      "setInterval(String, 1)",
      "globalThis.process",
      'fetch("x")',
    ],
    allowed: ["Math.max(1, 2)", "structuredClone({})"],
  },
  "src/agent/b.ts": { forbidden: ["Math.random()", 'fetch("x")', "console.log(1)"], allowed: ["Date.now()"] },
};

interface Finding {
  readonly path: string;
  readonly line: number;
}

describe("import boundaries", () => {
  let home: string;
  let findings: readonly Finding[];

  before(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), "dotvault-boundaries-")));
    for (const name of ["biome.json", "package.json"]) copyFileSync(join(root, name), join(home, name));
    symlinkSync(join(root, "node_modules"), join(home, "node_modules"));
    for (const [file, cases] of Object.entries(imports)) plant(file, cases, (what) => `export * from "${what}";`);
    for (const [file, cases] of Object.entries(globals)) plant(file, cases, (what) => `void ${what};`);
    findings = lint(home);
  });

  after(() => rmSync(home, { recursive: true, force: true }));

  function plant(
    file: string,
    cases: { forbidden: string[]; allowed: string[] },
    line: (what: string) => string,
  ): void {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), [...cases.forbidden, ...cases.allowed].map(line).join("\n"));
  }

  for (const [file, { forbidden, allowed }] of [...Object.entries(imports), ...Object.entries(globals)]) {
    for (const [index, what] of [...forbidden, ...allowed].entries()) {
      const isForbidden = index < forbidden.length;
      test(`${file} ${isForbidden ? "must not" : "may"} use ${what}`, () => {
        const found = findings.some((finding) => finding.path === file && finding.line === index + 1);
        assert.equal(found, isForbidden);
      });
    }
  }
});

/** The lint rules that are boundaries, run once over the planted files with the project's own configuration. */
function lint(cwd: string): Finding[] {
  const only = [
    "style/noRestrictedImports",
    "style/noRestrictedGlobals",
    "suspicious/noConsole",
    "nursery/noJsRestrictedProperties",
  ].map((rule) => `--only=${rule}`);
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  const args = [biome, "lint", ...only, "--reporter=github", "--max-diagnostics=none", "src"];
  const { stdout } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  return [...stdout.matchAll(/^::error .*?file=([^,]*),line=(\d+)/gm)].map(([, path = "", line = ""]) => ({
    path: relative(cwd, path),
    line: Number(line),
  }));
}
