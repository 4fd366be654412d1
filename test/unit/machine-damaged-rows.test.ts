import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context, SecretRef } from "../../src/machines/enrolment/context.ts";
import { signingIn } from "../support/model/enrolled.ts";
import { MINUTE, type ModelWorld } from "../support/model/world.ts";

/** Rows of sealed secrets that are damaged, or gone: every step that needs one knows a way out. */

/** On until the machine is there, one call at a time. */
async function comesTo(world: ModelWorld, state: string): Promise<void> {
  for (let calls = 0; calls < 40 && world.state !== state; calls++) {
    if (world.pending.length === 0) await world.moveTo(world.clock.next());
    if (world.state !== state) await world.settle();
  }
  assert.equal(world.state, state);
}

/** The row of the first secret that this picks can't be opened, ever. */
function damage(world: ModelWorld, pick: (context: Context) => SecretRef | null | undefined): void {
  let damaged: string | undefined;
  const sealed = world.journal.sealed.bind(world.journal);
  world.journal.sealed = (of) => {
    damaged ??= world.snapshot && pick(world.snapshot.context)?.id;
    return of === damaged ? undefined : sealed(of);
  };
}

function unreadable(world: ModelWorld): number {
  return world.journal.recorded.filter(({ event }) => event.type === "PAIR_UNREADABLE").length;
}

const apartFromTheRow = (what: string) => !/is mentioned and not kept|is lost|nobody takes care/.test(what);

test("a damaged row of a rotation's new pair: the old token lives and mints another one, or the person is asked; nothing waits for ever", async () => {
  for (const [oldAccessLives, end] of [
    [60 * MINUTE, "active.resting"],
    [0, "revoked"],
  ] as const) {
    const world = await signingIn({ switches: { oldAccessLives } });
    await world.runFor(MINUTE);
    await world.ask("refresh");
    await comesTo(world, "refreshing.storing");
    damage(world, ({ fresh }) => fresh?.ref);
    await world.runFor(5 * MINUTE);
    assert.equal(world.state, end);
    assert.ok(unreadable(world) > 0);
    assert.deepEqual(world.checks.findings.filter(apartFromTheRow), []);
    assert.equal(world.jfrog.presentations.length, 1, "what is used up is not presented again");
    if (end === "active.resting") assert.ok(world.stored && world.jfrog.isAlive(world.stored));
  }
});

test("a damaged row of the pair of a sign-in: the bootstrap mints another one, and the first is revoked", async () => {
  const world = await signingIn();
  await comesTo(world, "exchanging.storing");
  damage(world, ({ fresh }) => fresh?.ref);
  await world.runFor(5 * MINUTE);
  assert.equal(world.state, "active.resting");
  assert.ok(world.stored && world.jfrog.isAlive(world.stored));
  const alive = [...world.jfrog.rows.keys()].filter((id) => world.jfrog.isAlive({ access_token: id }));
  assert.deepEqual(alive, [world.stored.access_token]);
});

test("a damaged row of the bootstrap: the person is told and signs in anew, and nothing asks for ever", async () => {
  const world = await signingIn();
  damage(world, ({ bootstrap }) => bootstrap?.ref);
  await comesTo(world, "idle.looking");
  world.attended = false;
  await world.runFor(10 * MINUTE);
  assert.deepEqual([world.state, world.snapshot?.context.ask?.code], ["idle.missing", "login-damaged"]);
  assert.deepEqual(world.journal.openIntents(), []);
  await world.ask("enrol");
  world.attended = true;
  await world.runFor(MINUTE);
  assert.equal(world.state, "active.resting");
});

test("a damaged row of the pair that is to be presented: it is read from the store and sealed anew", async () => {
  const world = await signingIn();
  await world.runFor(MINUTE);
  damage(world, ({ held }) => held?.ref);
  await world.ask("refresh");
  await world.runFor(MINUTE);
  assert.deepEqual([world.state, unreadable(world), world.jfrog.presentations.length], ["active.resting", 1, 1]);
  assert.equal(world.stored?.access_token, "token-3");
});

test("a damaged row of a pair in doubt: it is read from the store and sealed anew, and asked about once more", async () => {
  const world = await signingIn({ switches: { oldAccessLives: 60 * MINUTE } });
  await world.runFor(MINUTE);
  await world.ask("refresh");
  await comesTo(world, "refreshing.presenting");
  while (world.pending[0] !== "jfrog.refresh") await world.settle();
  await world.settle(0, "lost");
  await comesTo(world, "refreshing.doubted.reading");
  for (const state of ["refreshing.doubted.presenting", "refreshing.doubted.probing"]) {
    damage(world, ({ held }) => (world.state === state ? held?.ref : undefined));
  }
  await world.runFor(5 * MINUTE);
  assert.deepEqual([world.state, unreadable(world)], ["active.resting", 2]);
  assert.ok(world.stored && world.jfrog.isAlive(world.stored));
});
