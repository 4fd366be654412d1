// Installs what a fresh checkout lacks (the packages, the right Node among them), then builds dist/. Runs before
// `npm start` and `npm test` under whatever Node is there, so: Node 20, and nothing but node: modules.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, isStale } from "./build.mjs";
import { withLock } from "./build-lock.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const MINIMUM_NODE = 24;
const TIMEOUT_MS = 5 * 60_000;
const FLAGS = [
  "ci",
  "--ignore-scripts",
  "--include=dev",
  "--include=optional",
  "--prefer-offline",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  "--loglevel=error",
  // npm's own patience with an unreachable registry is several minutes.
  "--fetch-retries=2",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=5000",
  "--fetch-timeout=60000",
];

const say = (text) => process.stderr.write(`dotvault: ${text}\n`);

/** Why the packages have to be installed, or undefined when they are there. */
function missing() {
  const installed = modified("node_modules/.package-lock.json");
  if (installed === undefined) return "node_modules is missing or incomplete";
  if (installed < (modified("package-lock.json") ?? 0)) return "package-lock.json is newer than node_modules";
  return undefined;
}

function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs;
}

async function installPackages() {
  const why = missing();
  if (why === undefined) return true;
  const startedAt = Date.now();
  say(`installing the packages and Node 26 into node_modules (${why}; about 15 s, no scripts are run)`);
  const { code, output } = await npm(FLAGS, (seconds) => process.stderr.write(`\rdotvault: installing … ${seconds} s`));
  if (code !== 0) {
    explain(code, output);
    return false;
  }
  say(`installed in ${Math.round((Date.now() - startedAt) / 1000)} s`);
  return true;
}

/** npm under the Node that it came with: the one in node_modules is about to be deleted. */
function npm(args, onSecond) {
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith("npm-cli.js")
    ? [process.env.npm_node_execpath ?? process.execPath, [cli]]
    : ["npm", []];
  const env = { ...process.env, PATH: pathWithoutOurs() };
  return new Promise((resolve) => {
    const child = spawn(command, [...first, ...args], { cwd: root, env, timeout: TIMEOUT_MS });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    const timer = progress(onSecond);
    const end = (code, more = "") => {
      clearInterval(timer);
      if (timer) process.stderr.write("\r\u001b[K");
      resolve({ code, output: (output + more).trim() });
    };
    child.on("error", (error) => end(-1, error.message));
    child.on("close", (code, signal) => end(code ?? -1, signal ? `ended by ${signal}` : ""));
  });
}

function progress(onSecond) {
  if (!process.stderr.isTTY) return undefined;
  let seconds = 0;
  return setInterval(() => onSecond(++seconds), 1000);
}

function pathWithoutOurs() {
  const ours = join(root, "node_modules", ".bin");
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((part) => part !== ours)
    .join(delimiter);
}

function explain(code, output) {
  process.stderr.write(`${gist(output)}\n`);
  say(`the packages could not be installed (npm ci ended with ${code})`);
  if (/ENOENT|not found/.test(output) && code === -1) say("is npm on your PATH?");
  else if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network|SIGTERM/i.test(output))
    say("the npm registry cannot be reached: look at the network, HTTPS_PROXY and `npm config get registry`");
  else if (/EINTEGRITY/.test(output))
    say("a package differs from package-lock.json: do not use it; look at the registry");
  else if (/ENOSPC|EACCES|EROFS/.test(output)) say(`is ${root} writable, and is there space (about 400 MB)?`);
  say("then run the same command again");
}

/** npm's reason without its stack trace and its list of options, and where the rest stands. */
function gist(output) {
  const lines = output.split("\n").filter((line) => !/^npm error(\s+at |\s*$)/.test(line));
  return [...lines.slice(0, 6), ...lines.slice(6).filter((line) => line.includes("complete log"))].join("\n");
}

/**
 * npm 10 removes the link to our Node again: it clears away the links of the packages for other platforms, which bear
 * the same name.
 */
function linkNode(link) {
  if (existsSync(link)) return;
  const place = `${process.platform}-${process.arch}`;
  const target = [`node-${place}`, `node-bin-${place}`]
    .map((name) => join("..", name, "bin", "node"))
    .find((path) => existsSync(join(dirname(link), path)));
  if (target === undefined) return;
  try {
    symlinkSync(target, link);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

/** The Node that the main scripts will find first in PATH. */
function checkNode() {
  const ours = join(root, "node_modules", ".bin", "node");
  linkNode(ours);
  const version = existsSync(ours)
    ? spawnSync(ours, ["--version"], { encoding: "utf8" }).stdout?.trim()
    : process.version;
  if (Number.parseInt(version?.slice(1) ?? "", 10) >= MINIMUM_NODE) return true;
  const place = `${process.platform}-${process.arch}`;
  say(`no package brings a Node that runs on ${place} (found ${version || "none"})`);
  say(`install Node ${MINIMUM_NODE} or newer, put it first in PATH, and run the same command again`);
  return false;
}

/** A build that fails stops nothing here: bin/dotvault.js then runs the sources, and `npm run check` shows the errors. */
function buildIfStale() {
  if (!existsSync(join(root, "src", "main.ts")) || !isStale()) return;
  const { ok, output } = build();
  if (ok) return;
  say("dist/ was not built, the sources have errors (dotvault runs from src/ meanwhile):");
  process.stderr.write(`${output.split("\n").slice(0, 5).join("\n")}\n`);
}

async function main() {
  // Without this, an installation that is complete would still wait for somebody else's lock.
  if (missing() !== undefined) {
    const lock = join(root, ".tools", "install.lock");
    const wait = (pid) => say(`another installation is running here (pid ${pid}); waiting for it`);
    if (!(await withLock(lock, wait, installPackages))) return 1;
  }
  if (!checkNode()) return 1;
  if (!process.argv.includes("--no-build")) buildIfStale();
  return 0;
}

process.exitCode = await main();
