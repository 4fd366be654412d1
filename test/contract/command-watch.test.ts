import assert from "node:assert/strict";
import { test } from "node:test";
import type { Io, Parsed, Screen } from "../../src/commands/cli/io.ts";
import { showLog } from "../../src/commands/log.ts";
import { watchStatus } from "../../src/commands/status/watch.ts";
import { enrolThenLoseAnAnswer } from "./command-history.ts";
import { mixed, standings } from "./command-scenes.ts";
import { Stage } from "./command-stage.ts";

/** A screen that tells of every write, so that a test waits for what it wants to see and for nothing else. */
class Listener implements Screen {
  readonly columns = 80;
  readonly isTerminal: boolean;
  readonly writes: string[] = [];
  #wake: () => void = () => {};

  constructor(isTerminal: boolean) {
    this.isTerminal = isTerminal;
  }

  readonly write = (text: string): void => {
    this.writes.push(text);
    this.#wake();
  };

  async until(count: number): Promise<void> {
    while (this.writes.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

function ioOf(stage: Stage, out: Listener, now: () => number = () => stage.now): Io {
  const { home } = stage;
  const input = { isTerminal: false, readLine: async () => undefined };
  return { env: {}, platform: "linux", home, cwd: home, user: "alice", now, out, err: new Listener(false), input };
}

/** The watcher asks for the time with every look: so a test knows when it has looked. */
class Looks {
  #count = 0;
  #wake: () => void = () => {};

  clock(stage: Stage): () => number {
    return () => {
      this.#count += 1;
      this.#wake();
      return stage.now;
    };
  }

  async more(count: number): Promise<void> {
    const wanted = this.#count + count;
    while (this.#count < wanted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const flags = (set: Parsed["flags"], ...positionals: string[]): Parsed => ({ positionals, flags: set });

test("status --watch in a pipe: a new block with every change, none without, and Ctrl-C leaves", {
  timeout: 10_000,
}, async () => {
  using stage = new Stage();
  mixed(stage);
  const out = new Listener(false);
  const leave = new AbortController();
  const looks = new Looks();
  const watching = watchStatus(flags({ watch: true }), ioOf(stage, out, looks.clock(stage)), leave.signal);
  await out.until(1);
  stage.now += 5000;
  stage.journal.setFact("unrelated", 1);
  await looks.more(4);
  stage.enrolment("jfrog", { active: "resting" }, {});
  await out.until(2);
  leave.abort();
  assert.equal(await watching, 3);
  assert.equal(out.writes.length, 2);
  assert.match(out.writes[0] ?? "", /jfrog +rotating/);
  assert.match(out.writes[1] ?? "", /^\n.*jfrog +active/s);
});

test("status --watch on a terminal draws over what it drew", { timeout: 10_000 }, async () => {
  using stage = new Stage();
  standings.active?.(stage);
  const out = new Listener(true);
  const leave = new AbortController();
  const watching = watchStatus(flags({ watch: true }), ioOf(stage, out), leave.signal);
  await out.until(1);
  standings.moved?.(stage);
  await out.until(2);
  leave.abort();
  assert.equal(await watching, 3);
  assert.ok(out.writes[1]?.startsWith("\u001b[H\u001b[2J"));
});

test("status --watch --json: one line of JSON for each change", { timeout: 10_000 }, async () => {
  using stage = new Stage();
  const out = new Listener(false);
  const leave = new AbortController();
  const watching = watchStatus(flags({ watch: true, json: true }), ioOf(stage, out), leave.signal);
  await out.until(1);
  standings.active?.(stage);
  await out.until(2);
  leave.abort();
  await watching;
  assert.deepEqual(
    out.writes.slice(0, 1).map((line) => JSON.parse(line).enrolments.length),
    [0],
  );
});

test("log --follow shows what there is, then what happens", { timeout: 10_000 }, async () => {
  using stage = new Stage();
  enrolThenLoseAnAnswer(stage);
  const out = new Listener(false);
  const leave = new AbortController();
  const following = showLog(flags({ follow: true }, "jfrog"), ioOf(stage, out), leave.signal);
  await out.until(22);
  stage.step("jfrog", { type: "REFRESH_ASKED" });
  await out.until(23);
  leave.abort();
  assert.equal(await following, 0);
  assert.match(out.writes[22] ?? "", /a person asked for a rotation; claiming the lease {2}→ refreshing\.claiming/);
});

test("log --follow --json: one line of JSON for each event", { timeout: 10_000 }, async () => {
  using stage = new Stage();
  enrolThenLoseAnAnswer(stage);
  const out = new Listener(false);
  const leave = new AbortController();
  const following = showLog(flags({ follow: true, json: true }, "jfrog"), ioOf(stage, out), leave.signal);
  await out.until(22);
  leave.abort();
  await following;
  assert.deepEqual(
    out.writes.map((line) => JSON.parse(line).seq),
    Array.from({ length: 22 }, (_, index) => index + 1),
  );
});
