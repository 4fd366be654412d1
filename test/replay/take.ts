import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { documentText } from "../../src/commands/report/text.ts";
import { verifyChain } from "../../src/journal/plain-chain.ts";
import type { History, HistoryRow } from "../../src/machines/history/history.ts";
import { historiesIn, readHistory } from "../../src/machines/history/read.ts";

// Makes a test of a bug report: node test/replay/take.ts REPORT NAME [STREAM [EVENT]]
// STREAM is one of its histories as `dotvault replay` names it ("vault origin-1"), cut behind EVENT as `dotvault replay` numbers it; else all of them.
// The rows go without their hashes: in the last one, write down what should have been decided.

const [file = "", name = "", stream, event] = process.argv.slice(2);
if (file === "" || name === "") {
  process.stderr.write(`usage: node ${basename(import.meta.filename)} REPORT NAME [STREAM [EVENT]]\n`);
  process.exit(2);
}

const told = historiesIn(JSON.parse(readFileSync(file, "utf8"))).map((each) => readHistory(each, verifyChain));
const taken = told.filter((history) => stream === undefined || nameOf(history) === stream).map(cut);
if (taken.length === 0) throw new Error(`no such history; there are: ${told.map(nameOf).join(", ")}`);
const path = fileURLToPath(new URL(`field/${name}.json`, import.meta.url));
writeFileSync(path, documentText({ schemaVersion: 2, kind: "dotvault-report", histories: taken }), { flag: "wx" });
const events = taken.reduce((sum, history) => sum + history.events.length, 0);
process.stdout.write(
  `${path}: ${events} events. What should have been decided? node --test test/replay/field.test.ts\n`,
);

function nameOf({ stream: kind, name: own }: History): string {
  return (kind === "enrolment" ? [own] : [kind, own]).filter((word) => word !== "").join(" ");
}

function cut({ start, events: rows, end, ...rest }: History): History {
  const kept = rows.filter(({ version }) => event === undefined || version <= Number(event));
  return {
    ...rest,
    start: start && unhashed(start),
    events: kept.map(unhashed) as HistoryRow[],
    end: kept.length === rows.length && end !== null ? unhashed(end) : null,
  };
}

function unhashed<T extends object>(row: T): T {
  const { hash: _hash, ...others } = row as T & { readonly hash?: string };
  return others as T;
}
