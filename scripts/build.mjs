import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
/** On the same file system, so that a rename is possible; git does not see what a killed build leaves there. */
const aside = join(root, ".tools");
/** Its time says which sources `dist` was made from; bin/dotvault.js looks at it too. */
const stamp = join(dist, ".built");
const inputs = ["src", "package-lock.json", "scripts/bundle.mjs"];
const ourNode = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");

/** Whether a source, or a folder (so that a removed file counts), is newer than `dist`. */
export function isStale() {
  const built = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
  return built === undefined || inputs.some((path) => newest(join(root, path)) > built);
}

/**
 * Bundles `src` into `dist` (scripts/bundle.mjs); types are a matter for `npm run check`. The new files are made aside and put in place by a rename, so that nobody meets half a
 * build, and of two builds at the same time one wins whole.
 *
 * @returns {{ ok: boolean, output: string }} `output`: what the compiler said
 */
export function build() {
  const startedAt = new Date();
  const fresh = join(aside, `dist.new.${process.pid}`);
  const node = existsSync(ourNode) ? ourNode : process.execPath;
  const args = [join(root, "scripts", "bundle.mjs"), fresh];
  const { status, stdout, stderr, error } = spawnSync(node, args, { cwd: root, encoding: "utf8" });
  const output = error ? error.message : `${stdout}${stderr}`.trim();
  try {
    if (status !== 0) {
      // What lies in dist/ is not what the sources say any more: until they compile, bin/dotvault.js runs them as they are.
      rmSync(stamp, { force: true });
      return { ok: false, output };
    }
    writeFileSync(join(fresh, ".built"), "");
    // The time before the compiler read the first file: an edit during the build makes it stale.
    utimesSync(join(fresh, ".built"), startedAt, startedAt);
    putInPlace(fresh);
    return { ok: true, output };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function putInPlace(fresh) {
  const old = join(aside, `dist.old.${process.pid}`);
  for (let tries = 0; tries < 3; tries++) {
    if (existsSync(dist)) moveAway(dist, old);
    try {
      renameSync(fresh, dist);
      break;
    } catch (error) {
      // Another build got in between the two renames.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    }
  }
  rmSync(old, { recursive: true, force: true });
}

function moveAway(from, to) {
  rmSync(to, { recursive: true, force: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ok, output } = build();
  if (output) console.error(output);
  console.error(ok ? "dotvault: built dist/" : "dotvault: not built: the sources have errors");
  process.exitCode = ok ? 0 : 1;
}
