// npm test                      the check, then every test
// npm test -- crash             the files whose path contains "crash"
// npm test -- "lost answer"     the tests whose name contains it
//
// Goes on in test-run.mjs under the Node of node_modules. A user whose npm ignores scripts comes here without
// `pretest`, and with whatever Node is there.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const ours = join(root, "node_modules", ".bin", "node");
const isReady = Number.parseInt(process.versions.node, 10) >= 24 && existsSync(join(root, "node_modules"));

if (isReady) await import("./test-run.mjs");
else process.exitCode = installed() ? again() : 1;

function installed() {
  return spawnSync(process.execPath, [join(root, "scripts/install.mjs")], { stdio: "inherit" }).status === 0;
}

function again() {
  const args = [join(root, "scripts/test-run.mjs"), ...process.argv.slice(2)];
  return spawnSync(existsSync(ours) ? ours : process.execPath, args, { stdio: "inherit" }).status ?? 1;
}
