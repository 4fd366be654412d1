// Types, lint, format and import boundaries. Both tools run, so that one round shows everything.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (...path) => join(root, "node_modules", ...path);

const steps = [
  ["types", bin("typescript", "bin", "tsc"), ["-p", "."]],
  ["lint, format, import boundaries", bin("@biomejs", "biome", "bin", "biome"), ["check", "--error-on-warnings"]],
];

for (const [name, tool, args] of steps) {
  const { status, error } = spawnSync(process.execPath, [tool, ...args], { cwd: root, stdio: "inherit" });
  if (error) console.error(error.message);
  console.log(`${status === 0 ? "✓" : "✗"} ${name}`);
  if (status !== 0) process.exitCode = 1;
}
