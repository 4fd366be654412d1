import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { historiesIn, readHistory } from "../../src/machines/history/read.ts";
import { replayHistory } from "../../src/machines/replay/replay.ts";

// Failures in the field: bug reports, taken by take.ts, whose rows say what should be decided. No hash binds them.

const folder = fileURLToPath(new URL("field/", import.meta.url));
const unbound = () => {};

for (const file of readdirSync(folder)) {
  const histories = historiesIn(JSON.parse(readFileSync(folder + file, "utf8"))).map((each) =>
    readHistory(each, unbound),
  );
  for (const history of histories) {
    test(`decided as it should be: ${file}, ${history.stream} ${history.name}`, () => {
      assert.deepEqual(replayHistory(history), { steps: history.events.length });
    });
  }
}
