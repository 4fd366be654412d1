import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { engineSettings } from "../../src/adapters/engines/registry.ts";
import { parseConfig } from "../../src/config/check.ts";
import { parseDuration } from "../../src/config/durations.ts";
import { circleSnapshot } from "../../src/machines/circle/circle.ts";
import { validators } from "../fixtures/config/validators.ts";
import { type Machine, makeMachine } from "../support/agent-process.ts";
import { joinCircle, startMember } from "../support/circle.ts";
import { pem } from "../support/tokens.ts";

const page = readFileSync(new URL("../../docs/access-tokens.md", import.meta.url), "utf8");
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, shown = ""]) => shown);
}

/** A command as the page shows it, with what it prints; `…` stands for anything. */
interface Example {
  readonly command: string;
  readonly printed: string;
  readonly code: number;
}

function examples(): Example[] {
  return blocks("console").flatMap((block) =>
    block
      .split(/^\$ /m)
      .filter((part) => part !== "")
      .map((part) => {
        const [command = "", ...lines] = part.trimEnd().split("\n");
        const [, exit] = /^\[exit (\d+)\]$/.exec(lines.at(-1) ?? "") ?? [];
        return { command, printed: (exit ? lines.slice(0, -1) : lines).join("\n"), code: Number(exit ?? 0) };
      }),
  );
}

/** What is not as shown. */
function differences(seen: string, { command, printed }: Example): string[] {
  const literal = (part: string) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${printed.split("…").map(literal).join("[\\s\\S]*?")}$`);
  return pattern.test(seen.trimEnd()) ? [] : [`$ ${command}\n${seen}`];
}

test("the configuration is one, without errors or warnings", () => {
  const [shown = "", ...more] = blocks("yaml");
  const { config, problems, warnings } = parseConfig(shown, "docs/access-tokens.md", {
    ...validators,
    engines: engineSettings(parseDuration),
  });
  assert.deepEqual([problems, warnings, more], [[], [], []]);
  assert.deepEqual(config?.enrolments[0]?.settings.platforms, ["https://eu.jfrog.io"]);
});

test("every command of the page does what the page shows, on two platforms of a circle", async (t) => {
  const [acme, eu] = [await startMember(t, { storedFromSeconds: 0 }), await startMember(t)];
  joinCircle(acme, eu);
  const real = (shown: string) =>
    shown.replaceAll("https://acme.jfrog.io", acme.url).replaceAll("https://eu.jfrog.io", eu.url);
  const asShown = (seen: string) =>
    seen
      .replaceAll(acme.url, "https://acme.jfrog.io")
      .replaceAll(eu.url, "https://eu.jfrog.io")
      .replaceAll(machine.home.directory, "~");
  const machine = makeMachine(t, real(blocks("yaml")[0] ?? ""));
  const { home } = machine;
  home.put("trust/acme.pem", pem(Buffer.from(acme.rootCertificate, "base64")));
  home.put("build.log", "built");
  chmodSync(home.put("bin/dotvault", `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`), 0o755);
  machine.run();
  await machine.ask("enrol", { name: "jfrog" });
  await untilKnown(machine, eu.url);
  assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
  await untilKnown(machine, eu.url);

  const wrong: string[] = [];
  for (const example of examples()) {
    const child = spawn("bash", ["-c", real(example.command)], {
      cwd: home.directory,
      env: { ...home.env, PATH: `${join(home.directory, "bin")}:${process.env.PATH}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    const seen = asShown(out + err);
    if (code !== example.code) wrong.push(`$ ${example.command}\n${seen}[exit ${code}]`);
    else wrong.push(...differences(seen, example));
  }
  assert.equal(wrong.join("\n"), "");
});

/** The token in use is in the file for both, and a certificate vouches for it. */
function untilKnown(machine: Machine, url: string): Promise<unknown> {
  return machine.until("the circle is known", (reader) => {
    const { pair, platforms, trust } = circleSnapshot(reader.head("circle/jfrog")?.snapshot);
    const isAccepted = platforms.some((platform) => platform.url === url && platform.verdict?.pair === pair);
    const { current } = machine.snapshot()?.context ?? {};
    const isWritten = machine.events("FILE_WRITTEN").at(-1)?.event.from as { pair?: string } | undefined;
    return (
      isAccepted &&
      trust?.pair === pair &&
      current?.digest === pair &&
      isWritten?.pair === pair &&
      servers(machine) === 2
    );
  });
}

function servers(machine: Machine): number {
  return (JSON.parse(machine.home.read(".jfrog/jfrog-cli.conf.v6")) as { servers: unknown[] }).servers.length;
}
