import { openJournal } from "../../src/journal/journal.ts";
import { acquireLock } from "../../src/journal/lock.ts";
import { parseKey } from "../../src/seal/key.ts";
import { seal } from "../../src/seal/seal.ts";
import { change, intent } from "./journal.ts";

// A process of its own that writes a journal: node journal-writer.ts <directory> <key> <what> [argument]
const [directory = "", key = "", what = "", argument = ""] = process.argv.slice(2);
const lock = acquireLock({ directory, command: `writer ${what}` });
const opened = parseKey(key);
const journal = openJournal({ directory, key: opened, clock: () => 1, appVersion: "1.2.3" });
const version = (stream: string) => journal.head(stream)?.version ?? 0;
const sealed = (id: string, at: number) =>
  seal(opened, { id, kind: "pair", subject: "jfrog", at }, Buffer.alloc(1500, at));

switch (what) {
  // Events and reschedules by turns.
  case "count":
    journal.append(change("opening", version("opening"), { intents: [intent(`i${version("opening")}`)] }));
    for (let i = 0; i < Number(argument); i++) {
      journal.append(change("jfrog", version("jfrog")));
      journal.reschedule("i0", { dueAt: i, attempt: i, phase: "open", failure: null });
    }
    journal.close();
    break;
  // Says each event's number as soon as it is durable, until it is killed.
  case "until-killed":
    for (let at = version("jfrog"); ; at++) {
      const ref = { id: `s${at}`, kind: "pair", digest: "d" } as const;
      const more = { intents: [intent(`i${at}`)], seal: [{ ref, jwe: sealed(ref.id, at) }], forget: [`s${at - 1}`] };
      journal.append(change("jfrog", at, at === 0 ? more : { ...more, closes: `i${at - 1}` }));
      process.stdout.write(`${at + 1}\n`);
    }
  case "forget-and-die":
    journal.append(change("jfrog", 0, { seal: [{ ref: { id: "s1", kind: "pair", digest: "d" }, jwe: argument }] }));
    journal.append(change("jfrog", 1, { forget: ["s1"] }));
    process.kill(process.pid, "SIGKILL");
    break;
  // Holds the lock until it is killed, also when nothing refers to it any more and its memory is swept.
  case "hold": {
    const word = "release" in lock ? "held\n" : "refused\n";
    setInterval(() => {}, 1 << 30);
    setImmediate(() => {
      global.gc?.();
      setImmediate(() => process.stdout.write(word));
    });
  }
}
