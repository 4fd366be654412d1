// npm run bench                     every figure, in under five minutes
// npm run bench -- startup memory   these parts only
//
// Every figure with an aim is a ratio within one run: absolute times say more about the machine than about dotvault.
import type { Figure } from "./journal.ts";
import { holds, lines } from "./table.ts";

type Part = () => Promise<readonly Figure[]>;

/** Each measures alone: nothing else of ours runs meanwhile. */
const PARTS: Readonly<Record<string, () => Promise<Part>>> = {
  journal: async () => (await import("./journal.ts")).benchJournal,
  decide: async () => (await import("./decide.ts")).benchDecide,
  due: async () => (await import("./due.ts")).benchDue,
  startup: async () => (await import("./startup.ts")).benchStartup,
  ask: async () => (await import("./ask.ts")).benchAsk,
  rotation: async () => (await import("./rotation.ts")).benchRotation,
  throughput: async () => (await import("./throughput.ts")).benchThroughput,
  recovery: async () => (await import("./recovery.ts")).benchRecovery,
  "first-file": async () => (await import("./first-file.ts")).benchFirstFile,
  libraries: async () => (await import("./libraries.ts")).benchLibraries,
  handlers: async () => (await import("./handlers.ts")).benchHandlers,
  sync: async () => (await import("./sync.ts")).benchSync,
  fleet: async () => (await import("./fleet.ts")).benchFleet,
  resident: async () => (await import("./resident.ts")).benchResident,
};

async function main(chosen: readonly string[]): Promise<number> {
  const unknown = chosen.filter((name) => !(name in PARTS));
  if (unknown.length > 0) {
    process.stderr.write(`bench: no part is named ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}\n`);
    return 2;
  }
  const over: string[] = [];
  for (const [name, load] of Object.entries(PARTS)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    const measure = await load();
    const figures = await measure();
    process.stdout.write(`${lines(figures).join("\n")}\n`);
    over.push(...figures.filter((figure) => !holds(figure)).map((figure) => figure.name));
  }
  process.stdout.write(over.length === 0 ? "\nevery aim holds\n" : `\nover: ${over.join("; ")}\n`);
  return over.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
