// node scripts/bundle.mjs <folder>     the program in src, as CommonJS, into the folder
//
// A file for each verb and few for what several share: of the three hundred modules, a start would otherwise find, read
// and link a dozen or more, one by one. And CommonJS, because an import of node:fs loads every part of it that would wait
// until it is used (promises, streams, readline), and one of node:util worker threads. Together a third of a start.
import { rolldown } from "rolldown";

/**
 * Other packages stay packages: their files are found as their authors laid them out. But almost every verb reads the
 * journal, and this one's code is a dozen files. It looks for its binary beside them.
 */
const database = {
  name: "better-sqlite3",
  transform(code, id) {
    if (!/better-sqlite3[\\/]lib[\\/]binding\.js$/.test(id)) return null;
    const located = code.replaceAll("__dirname", "library()");
    if (located === code) throw new Error("better-sqlite3 finds its binary in another way now: look at its binding.js");
    return `/*! better-sqlite3, Copyright (c) 2017 Joshua Wise, MIT licence */\n${located}\n${LIBRARY}`;
  },
};

/** Whatever reads a configuration loads it: seventy small files, found and read one by one, were a seventh of a plan. */
const yaml = {
  name: "yaml",
  transform(code, id) {
    if (!/node_modules[\\/]yaml[\\/]dist[\\/]index\.js$/.test(id)) return null;
    return `/*! yaml, Copyright Eemeli Aro <eemeli@gmail.com>, ISC licence */\n${code}`;
  },
};

/** Where Node would find it, without the tenth of a start that its search takes: in a checkout, and beside the package. */
const LIBRARY = `function library() {
  const places = ["../../node_modules", "../../../../node_modules"];
  const known = places.map((place) => path.join(__dirname, place, "better-sqlite3", "lib"));
  return known.find((lib) => fs.existsSync(lib)) ?? path.dirname(require.resolve("better-sqlite3"));
}`;

/** A verb with everything that it loads, but for what an earlier one has. */
function together(verb, index) {
  const file = `/src/commands/${verb}.ts`;
  return { name: verb.replace("/", "-"), priority: 9 - index, test: (id) => id.replaceAll("\\", "/").endsWith(file) };
}

const [folder] = process.argv.slice(2);
const program = await rolldown({
  // A thread is started from a file of its own.
  input: { main: "src/main.ts", "format-worker": "src/adapters/files/format-worker.ts" },
  platform: "node",
  external: (id) => !/^[./]/.test(id) && ![database.name, yaml.name].includes(id),
  plugins: [database, yaml],
});
await program.write({
  dir: folder,
  format: "cjs",
  // As deep as src/commands/, so that what lies beside src/ is found from there, too.
  entryFileNames: "program/[name].cjs",
  chunkFileNames: "program/[name]-[hash].cjs",
  // All that status loads is one file instead of two dozen, which were a fifth of its start; others share most of it.
  codeSplitting: { groups: ["status", "token/list"].map(together) },
});
await program.close();
