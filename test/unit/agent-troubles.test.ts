import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type Found, type SecretStore, type Seen, StoreFailure } from "../../src/adapters/store-port.ts";
import { Actors } from "../../src/agent/actors.ts";
import { Agent } from "../../src/agent/agent.ts";
import type { World } from "../../src/agent/ports.ts";
import { Watch } from "../../src/agent/watch.ts";
import { DotvaultError } from "../../src/errors.ts";
import type { Journal } from "../../src/journal/port.ts";
import { enrolled, signingIn, worldWith } from "../support/model/enrolled.ts";
import { quiet } from "../support/model/wire.ts";
import { MINUTE, type ModelWorld } from "../support/model/world.ts";

function full(): never {
  throw new DotvaultError("journal.full", "no space left for the journal");
}

/** Lets these writes of the journal fail until the returned function is called. */
function fill<K extends "append" | "setFact" | "reschedule" | "markOpen">(
  journal: Journal,
  ...writes: K[]
): () => void {
  const real = writes.map((name) => [name, journal[name]] as const);
  for (const name of writes) journal[name] = full;
  return () => {
    for (const [name, write] of real) journal[name] = write;
  };
}

test("a full disk ends no agent that holds an issued pair in memory: the pair is stored when there is room", async () => {
  const world = await enrolled();
  const before = world.stored;
  await world.ask("refresh");
  while (world.pending[0] !== "jfrog.refresh") await world.settle();
  const makeRoom = fill(world.journal, "append", "setFact", "reschedule", "markOpen");
  await world.settle();
  await world.runFor(70 * MINUTE);
  makeRoom();
  await world.runFor(MINUTE);
  assert.notDeepEqual(world.stored, before);
  assert.equal(world.stored?.access_token, "token-3");
});

test("a full disk before the second try of a presentation makes nobody spin, and is tried again", async () => {
  const world = await enrolled();
  await world.ask("refresh");
  while (world.pending[0] !== "jfrog.refresh") await world.settle();
  await world.settle(0, "unsent");
  const makeRoom = fill(world.journal, "append", "setFact", "reschedule", "markOpen");
  let tries = 0;
  world.journal.markOpen = () => {
    tries += 1;
    full();
  };
  await world.runFor(MINUTE);
  assert.ok(tries > 1 && tries <= 61, `${tries} tries in a minute`);
  makeRoom();
  await world.runFor(2 * MINUTE);
  assert.equal(world.state, "active.resting");
  assert.equal(world.stored?.access_token, "token-3");
});

test("a request that can't be decided on is refused, and holds up no other one", async () => {
  const world = await enrolled();
  world.journal.ask("refresh", null as never, world.clock.now());
  world.journal.ask("refresh", { name: "jfrog" }, world.clock.now());
  await world.ask("sync");
  await world.drain();
  assert.equal(world.journal.request(2)?.state, "refused");
  assert.equal(world.stored?.access_token, "token-3");
});

test("a url that somebody edited in the store stops the rotation, not in a loop", async () => {
  const world = await enrolled();
  const describe = world.jfrog.describe.bind(world.jfrog);
  // As the real engine: the digest covers the tokens alone, the origin is the document's.
  world.jfrog.describe = (fields) => {
    const { access_token, refresh_token, url } = fields;
    const digest = createHash("sha256")
      .update(JSON.stringify([access_token, refresh_token]))
      .digest("hex");
    return { ...describe(fields), digest, ...(typeof url === "string" ? { origin: new URL(url).origin } : {}) };
  };
  await world.crash(() => false);
  await world.boot();
  await world.drain();
  const found = world.store.readNow("jfrog");
  assert.ok(found.state === "present");
  world.store.writeNow("jfrog", { ...found.fields, url: "https://renamed.example" }, found.version);
  const before = world.journal.lastSeq();
  await world.runFor(50 * MINUTE);
  const events = world.journal.lastSeq() - before;
  assert.ok(events < 200, `${events} events`);
  assert.deepEqual(
    world.checks.findings.filter((what) => /spins|rest/.test(what)),
    [],
  );
  assert.equal(world.jfrog.presentations.length, 0);
});

test("an enrolment that was away for a moment keeps waiting for the answer to what it had presented", async () => {
  const world = await enrolled();
  await world.ask("refresh");
  while (world.pending[0] !== "jfrog.refresh") await world.settle();
  await world.configure(false, false);
  await world.configure(true, false);
  assert.equal(world.state, "refreshing.presenting");
  await world.drain();
  assert.equal(world.jfrog.presentations.length, 1);
  assert.equal(world.stored?.access_token, "token-3");
});

test("a clock that was set back does not let a start present again what was presented", async () => {
  const world = await enrolled();
  await world.ask("refresh");
  while (world.pending[0] !== "jfrog.refresh") await world.settle();
  await world.crash(() => true);
  const now = world.clock.now.bind(world.clock);
  world.clock.now = () => now() - 60 * MINUTE;
  await world.boot();
  assert.ok(world.journal.recorded.some(({ event }) => event.type === "ANSWER_LOST"));
});

test("a secret that the policy hides holds up no other one", async () => {
  const world = await enrolled();
  const synced: string[] = [];
  const found: Found = { state: "present", version: 1, createdAt: 1, fields: {}, serverTime: 1 };
  const denied = (name: string) => {
    if (name === "hidden") throw new StoreFailure("store.denied", "not allowed");
  };
  const store = {
    async read(name: string) {
      denied(name);
      return found;
    },
    async look(names: readonly string[]) {
      names.forEach(denied);
      return new Map<string, Seen>(names.map((name) => [name, { version: 1, createdAt: 1, deleted: false }]));
    },
  } as Partial<SecretStore> as SecretStore;
  const files = {
    async sync(secret: string) {
      synced.push(secret);
      return { written: [], failed: [], passing: false };
    },
    missing: async () => ({ written: [], failed: [], passing: false }),
  };
  const given = { store, files, journal: world.journal, clock: world.clock } as Partial<World> as World;
  const watch = new Watch(given, new Actors(given));
  const signal = new AbortController().signal;
  const look = watch.look(["first", "hidden", "last"], new Map(), { everything: false, signal });
  await assert.rejects(look, { class: "store.denied" });
  assert.deepEqual(synced, ["first", "last"]);
});

test("paused enrolments leave room for those that are not", async () => {
  const world = await enrolled();
  const at = world.clock.now();
  for (let n = 0; n < 200; n++) {
    world.journal.append({
      stream: `enrolment/gone-${n}`,
      expectedVersion: 0,
      machineVersion: 1,
      event: { type: "HAPPENED", at },
      state: "idle",
      snapshot: {},
      intents: [{ id: `gone-${n}`, kind: "read", subject: "", params: {}, once: false, dueAt: 0 }],
      wakes: [{ name: "rotate", at: 0 }],
    });
  }
  await world.runFor(40 * MINUTE);
  assert.equal(world.stored?.access_token, "token-3");
});

test("a stopped agent leaves no timer behind", async () => {
  const world = await enrolled();
  const timers = new Set<unknown>();
  const at = world.clock.at.bind(world.clock);
  world.clock.at = (time, wake) => {
    const mark = {};
    timers.add(mark);
    const cancel = at(time, () => {
      timers.delete(mark);
      wake();
    });
    return () => {
      timers.delete(mark);
      cancel();
    };
  };
  const agent = await booted(world);
  const stopping = agent.stop(1_000);
  await world.drain();
  await stopping;
  assert.equal(timers.size, 0);
});

/** Another agent in this world, in the test's hand. */
async function booted(world: ModelWorld): Promise<Agent> {
  await world.crash(() => false);
  let caught: Agent | undefined;
  const start = Agent.prototype.start;
  Agent.prototype.start = function (this: Agent) {
    caught = this;
    start.call(this);
  };
  try {
    await world.boot();
  } finally {
    Agent.prototype.start = start;
  }
  await quiet();
  assert.ok(caught);
  return caught;
}

test("a clock of ours that is behind does not delay a rotation past the token's end, where the store has no other clock", async () => {
  const skew = 55 * MINUTE;
  const world = worldWith({ skew: { service: skew, store: 0 } });
  Object.assign(world.store, { shared: false });
  await signingIn({}, world);
  await world.runFor(MINUTE);
  await world.runFor(35 * MINUTE);
  assert.equal(world.stored?.access_token, "token-3", `still ${world.state}`);
});
