import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { credentialIds, emptyContext } from "../../src/machines/enrolment/context.ts";
import type { Pair, Simulator } from "../../src/simulator/simulator.ts";
import { looking, type Machine, makeMachine, startPlatform, stateOf } from "../support/agent-process.ts";
import type { CrashPoint, CrashWhen } from "../support/crash-points.ts";
import { configText, jfrogWish } from "../support/home.ts";

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));
const NAMES = ["ci", "jfrog"];

interface Scene {
  readonly platform: Simulator;
  readonly machine: Machine;
  /** By hand, and by another machine: nobody's business. */
  readonly others: readonly Pair[];
  /** Minted for us, and never received. */
  readonly orphans: readonly Pair[];
}

/**
 * Two enrolments of one user, and around them what must stay, and what nobody uses. No agent runs.
 *
 * @param olderThan enrolments that are rotated after that
 */
async function setScene(t: TestContext, olderThan: readonly string[] = []): Promise<Scene> {
  const platform = await startPlatform(t);
  const engine = { engine: "jfrog", settings: { url: platform.url } };
  const machine = makeMachine(t, configText(jfrogWish(platform.url, { enrolments: { ci: engine, jfrog: engine } })));
  const agent = machine.run();
  const rests = (name: string) =>
    machine.until(`${name} rests`, (reader) => {
      const isBusy = reader.openIntents().some(({ kind, params }) => kind !== "revoke" || params.after === 0);
      return stateOf(reader, name) === "active.resting" && !isBusy;
    });
  for (const name of NAMES) {
    await machine.ask("enrol", { name });
    await rests(name);
  }
  const seed = (description: string) => platform.seed({ user: "ada", description }).pair;
  const orphans = platform.ledger
    .live()
    .filter(({ description }) => description?.includes(" jfrog #"))
    .flatMap(({ description }) => [seed(description ?? ""), seed(description ?? ""), seed(description ?? "")]);
  // What is younger than the credential in use is no orphan yet.
  for (const name of olderThan) {
    assert.equal((await machine.verb("refresh", name)).code, 0);
    await rests(name);
  }
  const others = [seed("by hand"), seed("dotvault ada@other jfrog #1")];
  await agent.stop();
  return { platform, machine, others, orphans };
}

/** Runs the verb while the agent that serves it dies at a point; the verb dies with it. */
async function killedAt(machine: Machine, [point, when, nth]: Moment, ...verb: string[]): Promise<void> {
  const order = join(machine.home.directory, "order");
  writeFileSync(order, `${point} ${when} ${nth}`);
  const agent = machine.script(CHILD, ["later"], { env: { CRASH_ORDER: order } });
  const says = (word: string) => machine.until(`the agent is ${word}`, () => agent.out().includes(word));
  await says("up");
  agent.signal("SIGUSR2");
  await says("armed");
  const asking = machine.start(...verb);
  await Promise.race([agent.ended, asking.ended]);
  await asking.kill();
  const { out } = await agent.kill();
  assert.ok(out.includes("dies at"), `${point} is passed ${nth} times`);
}

type Moment = readonly [CrashPoint, CrashWhen, number];

const moments = (point: CrashPoint, ...numbers: number[]): Moment[] =>
  numbers.flatMap((nth) => [[point, "before", nth] as const, [point, "after", nth] as const]);
const nameOf = ([point, when, nth]: Moment) => `${when} ${point} #${nth}`;
const states = (pairs: readonly Pair[]) => pairs.map(({ state }) => state);
const openRevocations = ({ home }: Machine) =>
  looking(home, (reader) => reader.openIntents().filter(({ kind }) => kind === "revokeToken")) ?? [];

describe("token revoke --orphans, killed in the middle", { concurrency: 3, timeout: 10 * 60_000 }, () => {
  for (const moment of [...moments("journal.append", 1, 3), ...moments("http.other", 2)]) {
    test(`killed ${nameOf(moment)}: what is done is on record or open, a second call finishes it, nothing else is revoked`, async (t) => {
      const { platform, machine, others, orphans } = await setScene(t, NAMES);
      const inUse = NAMES.map((name) => platform.ledger.byId(machine.snapshot(name)?.context.current?.tokenId ?? ""));
      await killedAt(machine, moment, "token", "revoke", "--orphans");

      const told = machine.events("TOKEN_REVOKED").map(({ event }) => event.tokenId);
      const open = openRevocations(machine).map(({ subject }) => subject);
      for (const { tokenId } of orphans.filter(({ state }) => state === "revoked"))
        assert.ok(told.includes(tokenId) || open.includes(tokenId), "no token is revoked behind the journal's back");

      const again = await machine.verb("token", "revoke", "--orphans");
      assert.equal(again.code, 0, again.err);
      await finishedBy(machine, () => openRevocations(machine).length === 0);
      assert.deepEqual(states(orphans), ["revoked", "revoked", "revoked"]);
      assert.deepEqual(
        [states(others), inUse.map((pair) => pair?.state)],
        [
          ["live", "live"],
          ["live", "live"],
        ],
      );
      const ends = machine.events("TOKEN_REVOKED").map(({ event }) => event.tokenId);
      assert.deepEqual(ends.toSorted(), orphans.map(({ tokenId }) => tokenId).toSorted(), "each is told once");
    });
  }
});

/** The second call has waited for its own; an older request may still be with the next agent. */
async function finishedBy(machine: Machine, isDone: () => boolean): Promise<void> {
  if (isDone()) return;
  const agent = machine.run();
  await machine.until("the agent has done the rest", isDone);
  await agent.stop();
}

describe("revoke --all, killed in the middle", { concurrency: 3, timeout: 10 * 60_000 }, () => {
  const all = [...moments("journal.append", 1, 4, 9), ...moments("store.softDelete", 1), ...moments("http.other", 1)];
  for (const moment of all) {
    test(`killed ${nameOf(moment)}: every token is gone or on record, a second call finishes it, nothing else is revoked`, async (t) => {
      const { platform, machine, others } = await setScene(t);
      const ours = platform.ledger.pairs.filter(({ by }) => by !== "seed");
      await killedAt(machine, moment, "revoke", "--all");

      const known = NAMES.flatMap((name) => {
        const context = machine.snapshot(name)?.context ?? emptyContext;
        return [...credentialIds(context), ...context.cleanups.map(({ tokenId }) => tokenId)];
      });
      for (const { tokenId } of ours.filter(({ state }) => state === "live"))
        assert.ok(known.includes(tokenId), `${tokenId} lives, and is on record`);

      const again = await machine.verb("revoke", "--all");
      assert.equal(again.code, 0, again.err);
      assert.deepEqual(
        NAMES.map((name) => looking(machine.home, (reader) => stateOf(reader, name))),
        ["idle.unenrolled", "idle.unenrolled"],
      );
      assert.deepEqual(
        ours.filter(({ state }) => state === "live"),
        [],
        "the second call has finished it",
      );
      assert.deepEqual(states(others), ["live", "live"]);
    });
  }
});
