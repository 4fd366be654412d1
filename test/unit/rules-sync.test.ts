import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type FsPort, nodeFs } from "../../src/adapters/files/index.ts";
import type { Found, SecretStore, Seen } from "../../src/adapters/store-port.ts";
import { Actors } from "../../src/agent/actors.ts";
import { Outcomes } from "../../src/agent/outcomes.ts";
import type { Clock, World } from "../../src/agent/ports.ts";
import { createRuleSync, type FileRule } from "../../src/agent/rules.ts";
import { PATIENCE, Turns } from "../../src/agent/turns.ts";
import { Watch } from "../../src/agent/watch.ts";
import { marksOf } from "../../src/commands/assembly/file-rules.ts";
import type { Journal } from "../../src/journal/port.ts";
import type { RuleSnapshot } from "../../src/machines/rule/rule.ts";
import { journalHome } from "../support/journal.ts";

const nothing = () => {};
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A clock in the test's hand. */
class HandClock implements Clock {
  #now = 1_000_000;
  readonly #wakes = new Map<object, { time: number; wake: () => void }>();
  now(): number {
    return this.#now;
  }
  at(time: number, wake: () => void): () => void {
    const key = {};
    this.#wakes.set(key, { time, wake });
    return () => this.#wakes.delete(key);
  }
  advance(by: number): void {
    this.#now += by;
    for (const [key, { time, wake }] of [...this.#wakes]) {
      if (time > this.#now || !this.#wakes.delete(key)) continue;
      wake();
    }
  }
  get waiting(): number {
    return this.#wakes.size;
  }
}

interface Stage {
  readonly folder: string;
  readonly journal: Journal;
  readonly clock: HandClock;
  /** Transactions of the journal that wrote something. */
  readonly commits: number[];
  rule(name: string, secret: string, more?: Partial<FileRule>): FileRule;
  rules(rules: readonly FileRule[], fs?: FsPort): ReturnType<typeof createRuleSync>;
  state(rule: string): RuleSnapshot | undefined;
}

function stage(t: TestContext): Stage {
  const folder = mkdtempSync(join(tmpdir(), "dotvault-sync-"));
  const home = journalHome();
  t.after(() => {
    home[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const journal = home.open();
  const commits: number[] = [];
  const counted: Journal = {
    ...journal,
    append(input) {
      commits.push(1);
      return journal.append(input);
    },
    appendAll(inputs) {
      commits.push(inputs.length);
      journal.appendAll(inputs);
    },
  };
  const clock = new HandClock();
  const shared = { journal: new Outcomes(counted, log), turns: new Turns(clock), clock, log };
  const environment = { env: () => undefined, username: "ada" };
  const marks = marksOf(home.options.key);
  const run = async () => ({});
  return {
    folder,
    journal,
    clock,
    commits,
    rule: (name, secret, more) => ({
      name,
      secret,
      path: join(folder, name),
      format: "text",
      template: "{{ .token }}",
      deleteNulls: false,
      ...more,
    }),
    rules: (rules, fs = nodeFs) =>
      createRuleSync(rules, { ...shared, environment, fs, marks, run, known: () => journal.heads("rule/") }),
    state: (rule) => journal.head(`rule/${rule}`)?.snapshot as unknown as RuleSnapshot | undefined,
  };
}

/** Opening files whose name the test says waits until it is let through. */
function slowFs(isSlow: (path: string) => boolean) {
  const gate = Promise.withResolvers<void>();
  const asked: string[] = [];
  const lstat: FsPort["lstat"] = async (path) => {
    if (isSlow(path)) {
      asked.push(path);
      await gate.promise;
    }
    return nodeFs.lstat(path);
  };
  return { fs: { ...nodeFs, lstat }, open: gate.resolve, asked };
}

async function until(is: () => boolean): Promise<void> {
  while (!is()) await nextTurn();
}

test("a file that hangs is told after ten seconds, holds up no other one, and gets the newest text when it answers", async (t) => {
  const { rules, rule, folder, clock, state } = stage(t);
  const slow = slowFs((path) => path.startsWith(join(folder, "mount")));
  const away = [rule("a", "s", { path: join(folder, "mount/a") }), rule("b", "s", { path: join(folder, "mount/b") })];
  const here = Array.from({ length: 30 }, (_, n) => rule(`here-${n}`, `t${n}`));
  const sync = rules([...away, ...here], slow.fs);

  const first = sync.sync("s", { token: "old" }, "store");
  await Promise.all(here.map(({ secret = "" }) => sync.sync(secret, { token: "here" }, "store")));
  for (const { path } of here) assert.equal(readFileSync(path, "utf8"), "here");

  clock.advance(PATIENCE);
  assert.deepEqual(await first, { written: [], failed: ["a", "b"], passing: true });
  assert.equal(state("a")?.failure?.code, "files.hangs");
  // From here on nobody waits for them, and of what is to be written only the newest is kept.
  for (const token of ["newer", "newest"]) {
    assert.deepEqual((await sync.sync("s", { token }, "store")).failed, ["a", "b"]);
  }
  const opened = slow.asked.length;
  assert.ok(opened <= 2, `${opened} files of the hanging folder are held open`);

  slow.open();
  await until(() => state("b")?.value === "current" && state("a")?.value === "current");
  await until(() => clock.waiting === 0);
  for (const { path } of away) assert.equal(readFileSync(path, "utf8"), "newest");
});

test("rules of one file run in order, files side by side, and never more than eight", async (t) => {
  const { rules, rule, folder } = stage(t);
  const together = { most: 0, now: 0 };
  const order: string[] = [];
  const rename: FsPort["rename"] = async (from, to) => {
    together.now += 1;
    together.most = Math.max(together.most, together.now);
    order.push(to);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    together.now -= 1;
    return nodeFs.rename(from, to);
  };
  const path = join(folder, "shared.json");
  const shared = ["one", "two", "three"].map((name) =>
    rule(name, "s", { path, format: "json", template: `{"${name}": "{{ .token }}"}` }),
  );
  const others = Array.from({ length: 40 }, (_, n) => rule(`f${n}`, "s"));
  const sync = rules([...shared, ...others], { ...nodeFs, rename });
  const report = await sync.sync("s", { token: "x" }, "store");
  assert.equal(report.written.length, 43);
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(path, "utf8"))), ["one", "two", "three"]);
  assert.equal(order.filter((to) => to === path).length, 3);
  assert.ok(together.most > 1 && together.most <= 8, `${together.most} at once`);
});

test("outcomes of a pass are committed in batches, an unchanged one writes nothing", async (t) => {
  const { rules, rule, commits, journal } = stage(t);
  const all = Array.from({ length: 200 }, (_, n) => rule(`r${n}`, `s${n}`));
  const sync = rules(all);
  const pass = (token: string) =>
    sync.together(() => Promise.all(all.map(({ secret = "" }) => sync.sync(secret, { token }, "store"))));
  await pass("x");
  assert.deepEqual(commits, [64, 64, 64, 8]);
  assert.equal(journal.lastSeq(), 200);
  await pass("x");
  assert.equal(commits.length, 4, "nothing new, no transaction");
  await sync.sync("s7", { token: "y" }, "store");
  assert.deepEqual(commits.slice(4), [1], "outside of a pass it is durable at once");
});

test("files of one folder share its syncs: fewer than files, and each begins after the renames that it serves", async (t) => {
  const { rules, rule, folder } = stage(t);
  const renamed = new Set<string>();
  const durable = new Set<string>();
  let folderSyncs = 0;
  const fs: FsPort = {
    ...nodeFs,
    async rename(from, to) {
      await nodeFs.rename(from, to);
      renamed.add(to);
    },
    async open(path, flags, mode) {
      const file = await nodeFs.open(path, flags, mode);
      if (path !== folder) return file;
      const sync = async () => {
        folderSyncs += 1;
        const before = [...renamed];
        for (let turn = 0; turn < 20; turn++) await nextTurn();
        await file.sync();
        for (const name of before) durable.add(name);
      };
      return { ...wrapped(file), sync };
    },
  };
  const all = Array.from({ length: 64 }, (_, n) => rule(`f${n}`, `s${n}`));
  const sync = rules(all, fs);
  const saidTooEarly: string[] = [];
  const write = async ({ path, secret = "" }: FileRule) => {
    await sync.sync(secret, { token: "x" }, "store");
    if (!durable.has(path)) saidTooEarly.push(path);
  };
  await sync.together(() => Promise.all(all.map(write)));
  assert.deepEqual(saidTooEarly, []);
  assert.ok(folderSyncs < 64, `${folderSyncs} syncs of the folder`);
});

function wrapped(file: Awaited<ReturnType<FsPort["open"]>>) {
  return {
    stat: () => file.stat(),
    readFile: () => file.readFile(),
    writeFile: (data: Uint8Array) => file.writeFile(data),
    chmod: (mode: number) => file.chmod(mode),
    chown: (uid: number, gid: number) => file.chown(uid, gid),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

/** A store in memory that counts what is asked of it. */
function countedStore(names: readonly string[]) {
  const secrets = new Map(names.map((name) => [name, { version: 1, createdAt: 1, token: `${name}-1` }]));
  const asked = { looks: 0, reads: [] as string[], most: 0, now: 0 };
  const store = {
    async read(name: string): Promise<Found> {
      asked.reads.push(name);
      asked.now += 1;
      asked.most = Math.max(asked.most, asked.now);
      await nextTurn();
      asked.now -= 1;
      const { version, createdAt, token } = secrets.get(name) ?? { version: 0, createdAt: 0, token: "" };
      return { state: "present", version, createdAt, fields: { token }, serverTime: 1 };
    },
    async look(wanted: readonly string[]) {
      asked.looks += 1;
      return new Map<string, Seen>(
        wanted.flatMap((name) => {
          const found = secrets.get(name);
          return found ? [[name, { ...found, deleted: false }]] : [];
        }),
      );
    },
  };
  return { store: store as unknown as SecretStore, secrets, asked };
}

test("a pass costs what changed: one read for each secret at first, then none, then one", async (t) => {
  const { rules, rule, folder, journal, clock } = stage(t);
  const names = Array.from({ length: 60 }, (_, n) => `s${n}`);
  const all = names.flatMap((name) => [rule(`${name}-a`, name), rule(`${name}-b`, name)]);
  const files = rules(all);
  const { store, secrets, asked } = countedStore(names);
  const world = { store, files, journal, clock, log } as Partial<World> as World;
  const watch = new Watch(world, new Actors(world));
  const look = async (everything: boolean) => {
    asked.reads = [];
    await watch.look(names, new Map(), { everything, signal: new AbortController().signal });
    return asked.reads.toSorted();
  };

  assert.deepEqual(await look(true), names.toSorted(), "one read for each distinct secret, however many rules");
  assert.ok(asked.most > 1 && asked.most <= 8, `${asked.most} reads at once`);
  assert.deepEqual(await look(true), [], "nothing has changed: no secret is read, also in a full pass");
  assert.deepEqual(await look(false), []);

  secrets.set("s7", { version: 2, createdAt: 2, token: "new" });
  assert.deepEqual(await look(false), ["s7"]);
  assert.equal(readFileSync(join(folder, "s7-b"), "utf8"), "new");
  // Deleted with all its versions and made anew: the version is the same again, the time is not.
  secrets.set("s7", { version: 2, createdAt: 3, token: "anew" });
  assert.deepEqual(await look(false), ["s7"]);
  assert.equal(readFileSync(join(folder, "s7-a"), "utf8"), "anew");

  writeFileSync(join(folder, "s3-b"), "edited");
  rmSync(join(folder, "s4-a"));
  assert.deepEqual(await look(false), []);
  assert.deepEqual(await look(true), ["s3", "s4"], "only what somebody has touched is rendered again");
  assert.equal(readFileSync(join(folder, "s3-b"), "utf8"), "s3-1");
  assert.equal(readdirSync(folder).length, 120);
  assert.equal(asked.looks, 7);
});

test("two paths that lead to one file lose nothing of each other", async (t) => {
  const { rules, rule, folder } = stage(t);
  const real = join(folder, "real.json");
  const paths = Array.from({ length: 6 }, (_, n) => join(folder, `link-${n}`));
  writeFileSync(real, "{}");
  for (const path of paths) symlinkSync(real, path);
  // All of them find the file unchanged before the first of them replaces it, unless they stand in line.
  const rename: FsPort["rename"] = async (from, to) => {
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    return nodeFs.rename(from, to);
  };
  const all = paths.map((path, n) =>
    rule(`r${n}`, "s", { path, format: "json", template: `{"k${n}": "{{ .token }}"}` }),
  );
  const report = await rules(all, { ...nodeFs, rename }).sync("s", { token: "x" }, "store");
  const written = Object.keys(JSON.parse(readFileSync(real, "utf8")));
  for (const name of report.written)
    assert.ok(written.includes(`k${name.slice(1)}`), `${name} was written, and is lost`);
  assert.ok(report.written.length >= 4, `written: ${report.written}`);
});
