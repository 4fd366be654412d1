import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkJournal } from "../../src/journal/check/check.ts";
import type { Recorded } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { change, intent, type JournalHome, journalHome } from "../support/journal.ts";

const writer = join(import.meta.dirname, "..", "support", "journal-writer.ts");

/** Lets a process append until it has acknowledged so many events, kills it, and tells the last that it acknowledged. */
async function writeUntilKilled(home: JournalHome, acknowledged: number): Promise<number> {
  const child = spawn(process.execPath, [writer, home.directory, home.options.key.reveal(), "until-killed"]);
  const ended = once(child, "exit");
  let output = "";
  let killed = false;
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (killed || output.split("\n").length <= acknowledged) return;
    killed = true;
    child.kill("SIGKILL");
  });
  await ended;
  return Number(output.split("\n").at(-2));
}

test("what a killed writer had acknowledged is there, whole, and the next start goes on from it", async () => {
  using home = journalHome();
  for (let round = 1; round <= 6; round++) {
    const acknowledged = await writeUntilKilled(home, 5 + round * 7);
    const report = checkJournal(home.directory, home.options.key);
    assert.deepEqual([report?.problems, report?.chain], [[], "verified"]);
    const last = report?.events.last ?? 0;
    assert.ok(last >= acknowledged, `${last} of ${acknowledged} acknowledged`);
    const journal = home.open();
    assert.equal(journal.head("jfrog")?.version, last);
    assert.deepEqual(
      [journal.openIntents().map(({ id }) => id), journal.sealedRefs().map(({ id }) => id)],
      [[`i${last - 1}`], [`s${last - 1}`]],
    );
    journal.close();
  }
});

test("a reader beside a busy writer sees beginnings of its history only, each whole", async () => {
  using home = journalHome();
  const writing = writeUntilKilled(home, 300);
  const seen: Recorded[][] = [];
  while (seen.length < 20) {
    await new Promise((resolve) => setImmediate(resolve));
    const reader = existsSync(home.directory) ? openReader(home) : undefined;
    if (reader === undefined) continue;
    const events = [...reader.events()];
    const head = reader.head("jfrog");
    assert.ok((head?.version ?? 0) >= events.length);
    seen.push(events);
    reader.close();
  }
  await writing;
  const all = [...home.open().events()];
  for (const events of seen) assert.deepEqual(events, all.slice(0, events.length));
});

for (const limit of [40, 80, 160]) {
  test(`a disk that is full after ${limit} kB costs no acknowledged event, and nothing is half there`, () => {
    using home = journalHome();
    home.open().close();
    const command = `ulimit -f ${limit}; trap '' XFSZ; exec "$0" "$@"`;
    const args = [process.execPath, writer, home.directory, home.options.key.reveal(), "until-killed"];
    const done = spawnSync("bash", ["-c", command, ...args], { encoding: "utf8" });
    assert.match(done.stderr, /journal\.(io|full)/);
    const acknowledged = Number(done.stdout.split("\n").at(-2) ?? 0);
    const report = checkJournal(home.directory, home.options.key);
    assert.deepEqual(report?.problems, []);
    const journal = home.open();
    const last = journal.lastSeq();
    assert.ok(last >= acknowledged, `${last} of ${acknowledged} acknowledged`);
    assert.equal(journal.openIntents().length, last === 0 ? 0 : 1);
    assert.equal(journal.append(change("other", 0, { intents: [intent("new")] })), last + 1);
  });
}
