import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Pair, Simulator } from "../../src/simulator/simulator.ts";
import { type Child, looking, type Machine, stateOf, tokenIn } from "./agent-process.ts";
import type { CrashPoint, CrashWhen } from "./crash-points.ts";
import { digest, type Home } from "./home.ts";
import { BrokenPromise, keeps } from "./torture/promises.ts";

export interface Crash {
  readonly point: CrashPoint;
  readonly when: CrashWhen;
  /** The n-th passage, from 1. */
  readonly nth: number;
}

const CHILD = fileURLToPath(new URL("../crash/child.ts", import.meta.url));
const REQUESTS = ["enrol", "refresh"];

/**
 * A person enrols and asks for a rotation, while the agent dies at these points, one start after the other; the start
 * after the last crash is the agent itself. Returns once everything has come to rest.
 */
export async function liveThrough(machine: Machine, crashes: readonly Crash[]): Promise<void> {
  const starts = crashes.map(
    ({ point, when, nth }) =>
      () =>
        machine.script(CHILD, [point, when, String(nth)]),
  );
  const next = () => (starts.shift() ?? machine.run)();
  const wishes = [...REQUESTS];
  let agent = next();
  for (let request = await ask(machine, wishes); ; ) {
    const state = await rest(machine, agent, request);
    if (state === undefined) agent = next();
    else if (state === "idle.missing") request = await machine.ask("enrol", { name: "jfrog" });
    else if (state === "revoked" || wishes.length === 0) break;
    else request = await ask(machine, wishes);
  }
  await agent.kill();
}

async function ask(machine: Machine, wishes: string[]): Promise<number> {
  // The agent may die before there is a journal to ask in: then it dies after the next start at the latest.
  return machine.ask(wishes.shift() ?? "sync", { name: "jfrog" });
}

/** The state once nothing moves any more; undefined when the agent has died. */
function rest(machine: Machine, agent: Child, request: number): Promise<string | undefined> {
  return machine
    .until("everything rests", (reader) => {
      if (!agent.running) return { state: undefined };
      if (reader.request(request)?.state === "waiting") return undefined;
      const busy = reader.openIntents().some(({ kind, params }) => kind !== "revoke" || params.after === 0);
      const state = stateOf(reader);
      const rests = state === "active.resting" || state === "revoked" || state === "idle.missing";
      return rests && !busy ? { state } : undefined;
    })
    .then(({ state }) => state);
}

/** What a machine has recorded, and where. */
export type Evidence = Pick<Machine, "home" | "events" | "snapshot">;

/**
 * What must hold after any crash, by the platform's own ledger.
 *
 * @param revokedByOthers pairs that an administrator revoked: each machine may present them once without knowing it
 * @param beside the person's other machines on the same store
 */
export function assertNothingLost(
  machine: Evidence,
  platform: Simulator,
  revokedByOthers: readonly string[] = [],
  beside: readonly Evidence[] = [],
): void {
  const { ledger } = platform;
  const group = [machine, ...beside];
  const contexts = group.flatMap((each) => each.snapshot()?.context ?? []);
  const events = (type: string) => group.flatMap((each) => each.events(type).map(({ event }) => event));
  const issued = events("PAIR_ISSUED").map(({ facts }) => (facts as { tokenId: string }).tokenId);
  const lost = events("ANSWER_LOST").length;
  const waiting = contexts.flatMap(({ cleanups }) => cleanups.map(({ tokenId }) => tokenId));
  const currents = contexts.flatMap(({ current }) => current?.tokenId ?? []);
  const live = ledger.live();

  const stale = ledger.stalePresentations().length;
  // Whoever takes over a lease that was left `presented` looks once.
  const takenOver = events("CLAIMED").filter(({ doubt }) => doubt !== null).length;
  const allowed = lost + takenOver + revokedByOthers.length * group.length;
  keeps("presented", stale <= allowed, `${stale} presentations, ${lost} answers lost, ${takenOver} leases taken over`);
  const unseen = ledger.pairs.filter(({ by, tokenId }) => by === "refresh" && !issued.includes(tokenId)).length;
  keeps("unnoticed", unseen <= lost, `${unseen} pairs never reached the journal, ${lost} answers are known as lost`);
  for (const { tokenId } of live.filter((pair) => issued.includes(pair.tokenId) && !currents.includes(pair.tokenId))) {
    keeps("lost", waiting.includes(tokenId), `${tokenId} was sealed here, lives, and nobody knows it any more`);
  }
  for (const { tokenId, description } of live.filter(({ by }) => by === "mint" && currents.length > 0)) {
    const isOrphan = contexts.some(({ orphans }) => orphans.includes(description ?? ""));
    keeps(
      "forgotten",
      isOrphan || issued.includes(tokenId),
      `${tokenId} of an unanswered mint is not swept, nor on record`,
    );
  }
  for (const { tokenId, state } of ledger.pairs.filter(({ by, answered }) => by === "login" && answered)) {
    const isKnown = events("GRANTED").some((event) => event.tokenId === tokenId);
    const isClosed = !isKnown || state !== "live" || waiting.includes(tokenId);
    keeps("forgotten", isClosed, `the bootstrap ${tokenId} lives, and its revocation is not on record`);
  }
  for (const each of group) {
    assertRightlyRemoved(each, platform);
    const current = each.snapshot()?.context.current?.tokenId;
    if (current !== undefined) assertFileLives(each, ledger.byId(current ?? ""));
  }
}

/** What the store itself holds: not what the journal believes of it. */
export function assertStoreHolds(machine: Evidence, { ledger }: Simulator, stored: string | undefined): void {
  const current = machine.snapshot()?.context.current;
  if (!current) return;
  const found = stored === undefined ? "nothing" : `another token than that of ${current.tokenId}`;
  keeps("lost", ledger.byId(current.tokenId ?? "")?.accessDigest === digest(stored ?? ""), `the store holds ${found}`);
}

function assertFileLives(machine: Evidence, pair: Pair | undefined): void {
  keeps("lost", pair?.state === "live", `the current pair ${pair?.tokenId} is ${pair?.state} at the service`);
  const sealed = looking(machine.home, (reader) => reader.sealedRefs().filter(({ kind }) => kind === "pair").length);
  keeps("forgotten", sealed === cleanupsOf(machine), `${sealed} pairs are sealed, one outlives its use`);
  keeps("lost", machine.snapshot()?.context.fresh === null, "the store does not have it");
  const token = wholeTokenIn(machine.home) ?? "";
  keeps("file", token !== "", "there is none");
  // `locks` is where jf's own lock lies.
  const beside = readdirSync(join(machine.home.directory, ".jfrog")).filter((name) => name !== "locks");
  keeps("file", beside.length === 1 && beside[0] === "jfrog-cli.conf.v6", `${beside} lie there`);
  keeps("file", pair.accessDigest === digest(token), "it holds another token than the live one");
}

/** The token in jf's file; a file that can't be read is torn. */
export function wholeTokenIn(home: Home): string | undefined {
  try {
    return tokenIn(home);
  } catch (error) {
    throw new BrokenPromise("file", `it can't be read: ${error instanceof Error ? error.message : error}`);
  }
}

function cleanupsOf(machine: Evidence): number {
  return machine.snapshot()?.context.cleanups.filter(({ ref }) => ref.kind === "pair").length ?? 0;
}

/** What is removed without a person's word was dead at the service before: spent in a rotation, or revoked there. */
function assertRightlyRemoved(machine: Evidence, { ledger, switches }: Simulator): void {
  let current: string | undefined;
  let asked = false;
  for (const { event } of machine.events()) {
    // The store is read right before each removal.
    if (event.type === "SECRET_READ") current = (event.found as { tokenId?: string } | null)?.tokenId ?? current;
    if (event.type === "REVOKE_ASKED") asked = true;
    if (event.type === "ENROL_ASKED") asked = false;
    if (event.type !== "REMOVED" || asked) continue;
    const pair = ledger.byId(current ?? "");
    const deadSince = pair?.revokedAt ?? pair?.spentAt;
    keeps("removed", deadSince && deadSince <= event.at, `${current} was removed while the service took it`);
    const isDead = pair?.state === "revoked" || switches.oldAccessToken === "dies";
    keeps("removed", isDead, `${current} was removed while its access token lived`);
  }
}
