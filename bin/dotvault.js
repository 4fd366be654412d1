#!/usr/bin/env node
// Until the version is known, only what Node 12 parses (no static imports, no `?.`, no top-level await): an old Node
// gets a sentence, not a syntax error.

const MINIMUM_NODE = 24;

if (parseInt(process.versions.node, 10) < MINIMUM_NODE) refuse();
else start();

function refuse() {
  const say = (hint) => {
    process.stderr.write(
      `dotvault: Node ${process.versions.node} is too old, it takes Node ${MINIMUM_NODE} or newer\n${hint}\n`,
    );
    process.exitCode = 2;
  };
  Promise.all([import("node:fs"), import("node:url")])
    .then(([fs, url]) => say(whatToRun((path) => url.fileURLToPath(new URL(path, import.meta.url)), fs.existsSync)))
    .catch(() => say("install a newer Node and run it again"));
}

function whatToRun(here, exists) {
  const own = ["../node_modules/.bin/node", "../../.bin/node"].map(here).filter(exists)[0];
  if (own) return `run: ${own} ${here("dotvault.js")}`;
  if (exists(here("../scripts/install.mjs"))) return `run: node ${here("../scripts/install.mjs")} (installs one here)`;
  return "install a newer Node and run it again";
}

function start() {
  const fs = process.getBuiltinModule("node:fs");
  const path = process.getBuiltinModule("node:path");
  enableCompileCache(fs, path);
  const root = path.dirname(import.meta.dirname);
  // Sources lie beside dist/ in a checkout only. They run where nothing was built of them; whether they are newer is not
  // looked at, since that takes a fifth of a start: npm's scripts build what is stale, `npm run build` does it by hand.
  const isBuilt = fs.existsSync(`${root}/dist/.built`) || !fs.existsSync(`${root}/src/main.ts`);
  if (isBuilt) runBuilt(`${root}/dist/program/main.cjs`);
  else import(process.getBuiltinModule("node:url").pathToFileURL(`${root}/src/main.ts`).href).catch(explain);
}

function runBuilt(program) {
  try {
    process.getBuiltinModule("node:module").createRequire(import.meta.url)(program);
  } catch (error) {
    explain(error);
  }
}

/** In the user's own cache directory: whoever can write there decides what runs here. */
function enableCompileCache(fs, path) {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const base = XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : HOME && path.join(HOME, ".cache");
  if (!base || !path.isAbsolute(base)) return;
  const directory = path.join(base, "dotvault", "compiled");
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    process.getBuiltinModule("node:module").enableCompileCache(directory);
  } catch {
    // a home that can't be written: it starts a little slower
  }
}

function explain(error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND" && error.code !== "MODULE_NOT_FOUND") throw error;
  process.stderr.write(`dotvault: not completely installed: ${error.message.split("\n")[0]}\n`);
  process.stderr.write("in a checkout run: node scripts/install.mjs; elsewhere install dotvault again\n");
  process.exitCode = 1;
}
