import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const terminal = fileURLToPath(new URL("../support/terminal.py", import.meta.url));
const keyboard = new URL("../../src/terminal/live/keyboard.ts", import.meta.url).href;

/** Runs a program on a terminal that listens to single keys and then does this. */
function onTerminal(then: string) {
  const program = `import { listenToKeys } from ${JSON.stringify(keyboard)}; const stop = listenToKeys(() => {}); ${then}`;
  const argv = [terminal, process.execPath, "--input-type=module", "-e", program];
  return spawnSync("python3", argv, { encoding: "utf8", input: "" });
}

/** Ends that the program may come to, and its exit code. */
const ENDS: Readonly<Record<string, readonly [then: string, code: number]>> = {
  "it stops listening and ends": ["stop();", 0],
  "it exits while it listens": ["process.exit(5);", 5],
  "it crashes": ["setImmediate(() => { throw new Error('x'); });", 1],
  "it is aborted": ["process.abort();", 134],
  "it is killed by SIGQUIT": ["process.kill(process.pid, 'SIGQUIT');", 131],
};

for (const [end, [then, code]] of Object.entries(ENDS)) {
  test(`the terminal is as it was when ${end}`, () => {
    const { status, stderr } = onTerminal(then);
    assert.equal(status, code, stderr);
    assert.match(stderr, /ended\nterminal: usable/);
  });
}

test("the terminal is raw while it listens, so the tests above can fail", () => {
  const look = "import { execFileSync } from 'node:child_process'; ";
  const { stdout } = onTerminal(
    `${look}console.log(execFileSync("stty", ["-a"], { stdio: [0, "pipe", "inherit"] }).toString()); stop();`,
  );
  assert.match(stdout, /-icanon/);
  assert.match(stdout, /-echo\b/);
});
