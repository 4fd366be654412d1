import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chainEvents } from "../../../src/journal/plain-chain.ts";
import type { Recorded } from "../../../src/journal/port.ts";
import { exportHistory } from "../../../src/machines/history/history.ts";

/** What every agent of the run under way has journaled, in the order in which the agents were made. */
let recordings: (readonly Recorded[])[] = [];

/** A run begins: nothing has been recorded yet. */
export function forgetRecordings(): void {
  recordings = [];
}

/** Keeps up with what a journal in memory records. */
export function keepRecording(recorded: readonly Recorded[]): void {
  recordings.push(recorded);
}

/** The histories of the run so far, as `dotvault export` writes them: one an agent and enrolment. */
export function exportedHistories(): string[] {
  return recordings.flatMap((recorded) => {
    const streams = Map.groupBy(recorded, ({ stream }) => stream);
    return [...streams]
      .filter(([stream]) => stream.startsWith("enrolment/"))
      .map(([stream, rows]) => exported(stream, rows));
  });
}

function exported(stream: string, rows: readonly Recorded[]): string {
  const about = { version: "a failed property", stream: "enrolment", name: stream.replace("enrolment/", "") } as const;
  const history = exportHistory(rows, about);
  return JSON.stringify({ ...history, events: chainEvents(history.events) }, null, 1);
}

/**
 * Puts histories where the reader of a red test finds them: `$DOTVAULT_HISTORIES`, or a folder beside other temporary files.
 *
 * @returns the command that reads each
 */
export function writeHistories(name: string, seed: number, histories: readonly string[]): string[] {
  const folder = process.env.DOTVAULT_HISTORIES ?? join(tmpdir(), "dotvault-failed-properties");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const slug = name.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 60);
  return histories.map((text, index) => {
    const file = join(folder, `${slug}-${seed}-${index + 1}.json`);
    writeFileSync(file, text);
    return `dotvault replay ${file}`;
  });
}
