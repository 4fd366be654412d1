import { harmless, type Style } from "./style.ts";
import { count, span } from "./times.ts";

/** What was found out about the journal. */
interface JournalReport {
  readonly path: string;
  readonly ok: boolean;
  readonly writtenBy: string;
  readonly chain: "verified" | "broken" | "unchecked";
  readonly events: { readonly readable: number; readonly first: number; readonly last: number };
  readonly compacted: number;
  readonly streams: number;
  readonly secrets: { readonly kept: number; readonly opened: number | null };
  readonly problems: readonly { readonly what: string }[];
}

/** `journal check` for people. */
export function checkText(report: JournalReport, style: Style): string {
  const { path, ok, problems } = report;
  const verdict = ok ? `${style.green("✓")} ${path} is whole` : `${style.red("✗")} ${path} is damaged`;
  const lines = [verdict, ...problems.map(({ what }) => `  ${harmless(what)}`), ...facts(report), ...advice(report)];
  return `${lines.join("\n")}\n`;
}

function facts({ events, compacted, streams, writtenBy, chain, secrets }: JournalReport): string[] {
  const range = events.readable > 0 ? ` (${events.first} to ${events.last})` : "";
  const dropped = compacted > 0 ? `, ${compacted} older ones compacted` : "";
  const opened = secrets.opened === null || secrets.kept === 0 ? "" : `, ${secrets.opened} can be opened`;
  return [
    `  can be read: ${count(events.readable, "event")}${range} of ${count(streams, "stream")}${dropped}`,
    `  ${CHAIN[chain]}; ${count(secrets.kept, "sealed secret")}${opened}; written by dotvault ${harmless(writtenBy)}`,
  ];
}

const CHAIN = {
  verified: "the chain holds, checked with the key",
  broken: "the chain is broken",
  unchecked: "the chain was not checked: the key is missing",
} as const;

function advice({ ok }: JournalReport): string[] {
  if (ok) return [];
  return [
    "  keep the file; stop the agent and restore a backup, or move it away to start anew (dotvault export saves what can be read)",
  ];
}

export function noJournal(path: string): string {
  return `there is no journal at ${path} yet\n`;
}

/** `journal compact` for people; `age` in milliseconds. */
export function compactText(removed: number, kept: number, age: number): string {
  const older = `older than ${span(age)}`;
  // What is older may be what the rest follows from.
  if (removed === 0) return `nothing ${older} can go; ${count(kept, "event")} kept\n`;
  return `${count(removed, "event")} ${older} dropped, ${kept} kept\n`;
}

/** `journal rekey` for people: keys by their ids, and where the new one lies. */
export function rekeyText(from: string, to: string, place: string): string {
  return `everything is sealed with key ${to} now (${place}); key ${from} opens backups from before, and nothing else\n`;
}
