import { DotvaultError } from "../../src/errors.ts";
import { parseKey } from "../../src/seal/key.ts";
import { keptLife, openLife, type Step } from "../support/kept-life.ts";

// node kept-writer.ts <directory> <key> <from> <to>   takes these steps of the life, each as often as it takes a disk that
// fails now and then; says "opened", and each step once it is durable. What it opens may be of the first format.
const [directory = "", key = "", from = "", to = ""] = process.argv.slice(2);
const TRIES = 200;
const STEPS = keptLife();

function insist<T>(work: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return work();
    } catch (error) {
      const isOfDisk = error instanceof DotvaultError && ["journal.full", "journal.io"].includes(error.code);
      if (!isOfDisk || tries === TRIES) throw error;
      process.stderr.write(`${error.code}\n`);
    }
  }
}

const life = insist(() => openLife({ directory, key: parseKey(key), appVersion: "1.2.3" }, Number(from)));
process.stdout.write("opened\n");
for (let index = Number(from); index < Number(to); index++) {
  insist(() => life.take(STEPS[index] as Step));
  process.stdout.write(`${index + 1}\n`);
}
insist(() => life.journal.tidy());
life.journal.close();
