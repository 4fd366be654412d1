import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../transcripts");

/** Holds what was seen against test/transcripts/NAME.txt. UPDATE=1 writes it anew; read the difference. */
export function compareTranscript(name: string, seen: string): void {
  const file = join(FOLDER, `${name}.txt`);
  if (process.env.UPDATE) writeFileSync(file, seen);
  assert.equal(seen, existsSync(file) ? readFileSync(file, "utf8") : "", `differs from ${file}`);
}
