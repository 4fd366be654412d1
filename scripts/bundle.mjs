// node scripts/bundle.mjs <folder>     the program in src, as CommonJS, into the folder
//
// A file for each verb and one for what several share: of the three hundred modules, a start would otherwise find, read
// and link a dozen or more, one by one. And CommonJS, because an import of node:fs loads every part of it that would wait
// until it is used (promises, streams, readline), and one of node:util worker threads. Together a third of a start.
import { rolldown } from "rolldown";

const [folder] = process.argv.slice(2);
const program = await rolldown({
  input: "src/main.ts",
  platform: "node",
  // Packages stay packages: their files are found as their authors laid them out.
  external: (id) => !/^[./]/.test(id),
});
await program.write({
  dir: folder,
  format: "cjs",
  // As deep as src/commands/, so that what lies beside src/ is found from there, too.
  entryFileNames: "program/[name].cjs",
  chunkFileNames: "program/[name]-[hash].cjs",
});
await program.close();
