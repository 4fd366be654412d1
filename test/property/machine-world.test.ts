import assert from "node:assert/strict";
import fc from "fast-check";
import type { OpenIntent } from "../../src/journal/port.ts";
import { type Act, act, happen, setting } from "../support/model/script.ts";
import { MINUTE, ModelWorld, type Setting, STREAM } from "../support/model/world.ts";
import { property } from "../support/property.ts";

const script = fc.array(act, { maxLength: 24, size: "max" });
const OPEN_AT_MOST = 90 * MINUTE;
/** The longest pause between two tries, and the try. */
const LONGEST_WAIT = 20 * MINUTE;

async function enrolled(given: Setting): Promise<ModelWorld> {
  const world = new ModelWorld(given);
  await world.boot();
  await world.drain();
  await world.ask("enrol");
  world.attended = true;
  await world.runFor(MINUTE);
  world.attended = false;
  assert.equal(world.state, "active.resting", "could not enrol");
  return world;
}

async function played(given: Setting, acts: readonly Act[]): Promise<ModelWorld> {
  const world = await enrolled(given);
  for (const each of acts) await happen(world, each);
  return world;
}

property(
  "whatever happens, no rule is broken, and every intent comes to an end once the world is calm",
  [setting, script],
  async (given, acts) => {
    const world = await played(given, acts);
    const calmSince = world.clock.now();
    await world.calm();
    await world.runFor(OPEN_AT_MOST);
    assert.deepEqual(world.checks.findings, []);
    // A revocation that was refused for an hour is asked for again once a day, to the token's own end.
    const isLater = ({ kind, dueAt }: OpenIntent) => kind === "revoke" && dueAt > world.clock.now();
    const open = world.journal.openIntents(STREAM).filter((intent) => !isLater(intent));
    const stuck = open.filter(({ openedAt }) => openedAt <= calmSince);
    assert.deepEqual(stuck, [], `stuck in ${world.state}`);
    return true;
  },
  { runs: 300 },
);

property(
  "a used-up pair is presented at most once for every answer that was lost, and once more past its end",
  [setting, script],
  async (given, acts) => {
    const world = await played(given, acts);
    await world.calm();
    await world.runFor(OPEN_AT_MOST);
    const { presentations } = world.jfrog;
    const lost = world.wire.lost.filter((name) => name === "jfrog.refresh").length;
    const logins = acts.filter((each) => each.do === "ask" && (each.verb === "enrol" || each.verb === "again")).length;
    for (const { id } of presentations.filter(({ by, spent }) => by === "us" && spent)) {
      const times = presentations.filter((each) => each.id === id && each.by === "us" && each.spent).length;
      // A login that leads to nothing takes up the stored pair anew, and learns anew what it is.
      assert.ok(times <= 2 + lost + logins, `${id}: ${times} times, ${lost} answers lost`);
    }
    return true;
  },
);

/** What can cost the pair: nobody can repair it, so the machine may end without one. */
function isHarmless(each: Act): boolean {
  if (each.do === "rival")
    return each.act === "claim" || each.act === "edit" || each.act === "rotate" || each.act === "enrol";
  return each.do !== "revoke at the service" && !(each.do === "ask" && each.verb === "revoke");
}

property(
  "as long as every presentation is answered, a pair is kept alive through crashes, outages and other machines",
  [setting, script],
  async (given, acts) => {
    const mintForbidden = given.switches.mintForbidden && given.rotation !== "remint";
    const switches = { ...given.switches, grace: 120 * MINUTE, refreshable: true, mintForbidden };
    const world = await played({ ...given, switches }, acts.filter(isHarmless));
    const expired = (world.snapshot?.context.current?.expiresAt ?? 0) < world.clock.now();
    if (expired || world.wire.lost.includes("jfrog.refresh")) return true;
    await world.calm();
    await world.runFor(OPEN_AT_MOST);
    assert.equal(world.state.split(".")[0], "active");
    assert.ok(world.stored && world.jfrog.isRefreshable(world.stored), "the stored pair can't be rotated");
    return true;
  },
  { runs: 200 },
);

/** Somebody else's mistake that takes the token away, or makes it a secret that is not there. */
function leavesTheTokenAlone(each: Act): boolean {
  if (each.do === "rival") return each.act === "claim" || each.act === "edit" || each.act === "enrol";
  return isHarmless(each);
}

async function reminted(given: Setting, acts: readonly Act[]): Promise<ModelWorld | null> {
  const switches = { ...given.switches, life: 180 * MINUTE, mintForbidden: false };
  const world = await enrolled({ ...given, rotation: "remint", switches });
  // Near its end at any time: a longer outage may then have let it end, and a later pair hides that.
  let ended = false;
  for (const each of acts.filter(leavesTheTokenAlone)) {
    await happen(world, each);
    ended ||= (world.snapshot?.context.current?.expiresAt ?? 0) < world.clock.now() + 2 * LONGEST_WAIT;
  }
  const person = acts.some((each) => each.do === "ask" && each.verb === "again");
  if (ended || person) return null;
  await world.calm();
  await world.runFor(LONGEST_WAIT);
  return world;
}

property(
  "rotation: remint loses nothing whatever the moment: answers lost, crashes, outages, suspensions",
  [setting, script],
  async (given, acts) => {
    const world = await reminted(given, acts);
    if (world === null) return true;
    assert.deepEqual(world.checks.findings, []);
    assert.equal(world.state, "active.resting");
    assert.ok(world.stored && world.jfrog.isAlive(world.stored), "the stored token is dead");
    assert.deepEqual(world.jfrog.presentations, [], "no refresh token was ever presented");
    return true;
  },
  { runs: 200 },
);

property(
  "rotation: remint leaves no token behind: what unanswered mints left is found by its description and revoked",
  [setting, script],
  async (given, acts) => {
    const world = await reminted(
      given,
      // Who signs in on another machine revokes there what they replace.
      acts.filter((each) => each.do !== "rival" || each.act !== "enrol"),
    );
    if (world === null) return true;
    await world.ask("refresh");
    await world.runFor(LONGEST_WAIT);
    const ours = [...world.jfrog.rows.values()].filter(
      (row) =>
        row.issuedTo === "us" && row.description !== "bootstrap" && world.jfrog.isAlive({ access_token: row.id }),
    );
    assert.deepEqual(
      ours.map(({ id }) => id),
      [world.stored?.access_token],
    );
    return true;
  },
  { runs: 200 },
);

property(
  "from wherever the world has left it, one sign-in leads back to a live pair",
  [setting, script],
  async (given, acts) => {
    const world = await played({ ...given, switches: { ...given.switches, life: 180 * MINUTE } }, acts);
    await world.calm();
    await world.runFor(10 * MINUTE);
    world.attended = true;
    await world.ask("enrol", { again: true });
    await world.runFor(10 * MINUTE);
    // A wait under another machine's lease, or a step that can't be cut: the person asks again.
    if (!world.state.startsWith("active")) await world.ask("enrol", { again: true });
    await world.runFor(10 * MINUTE);
    assert.deepEqual(world.checks.findings, []);
    assert.equal(world.state, "active.resting");
    assert.ok(world.stored && world.jfrog.isAlive(world.stored), "the stored token is dead");
    return true;
  },
);
