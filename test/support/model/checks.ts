import assert from "node:assert/strict";
import type { Append, JsonObject, Recorded } from "../../../src/journal/port.ts";
import { initialSnapshot, type Snapshot, secretIds, stateName } from "../../../src/machines/enrolment/decide.ts";
import type { EnrolmentEvent } from "../../../src/machines/enrolment/events.ts";
import { after, type Standing, step } from "../../../src/machines/enrolment/step.ts";
import type { MemoryJournal } from "./journal.ts";

const TWO_MINUTES = 2 * 60_000;

/** Looks at every step that the agent journals. Findings are kept, since the agent survives whatever is thrown at it. */
export class Checks {
  readonly findings: string[] = [];
  #fold: Standing;
  /** Issued to this machine and sealed, not yet anywhere else. */
  readonly #underway = new Set<string>();

  constructor(stream: string) {
    this.#fold = { stream, version: 0, snapshot: initialSnapshot(), open: [], wakes: [] };
  }

  find(what: string): void {
    this.findings.push(what);
  }

  appended(journal: MemoryJournal, input: Append, recorded: Recorded): void {
    if (input.stream !== this.#fold.stream) return;
    const name = `#${recorded.seq} ${recorded.event.type} → ${stateName(recorded.state as Snapshot["value"])}`;
    this.#try(name, () => {
      assert.deepStrictEqual(JSON.parse(JSON.stringify(input.snapshot)), input.snapshot, "not plain JSON");
      this.#foldAgain(input, recorded);
      this.#keepsSecrets(journal, input, recorded);
    });
  }

  /** Folding what was recorded gives what the agent has. */
  #foldAgain(input: Append, { event, closes, intents }: Recorded): void {
    const taken = step(this.#fold, event as unknown as EnrolmentEvent, closes ?? undefined);
    assert.deepStrictEqual(taken.snapshot, input.snapshot, "the fold parts from the agent");
    assert.deepStrictEqual(JSON.parse(JSON.stringify(taken.begins)), intents, "other intents");
    this.#fold = after(this.#fold, taken, closes ?? undefined);
  }

  /** Whatever the snapshot or an open intent mentions is still sealed; a pair under way stays so until it is safe. */
  #keepsSecrets(journal: MemoryJournal, { snapshot }: Append, { event }: Recorded): void {
    const { stream } = this.#fold;
    for (const id of secretIds([snapshot, journal.openIntents(stream).map(({ params }) => params)])) {
      assert.ok(journal.sealed(id) !== undefined, `${id} is mentioned and not kept`);
    }
    const context = (snapshot as unknown as Snapshot).context;
    if (event.type === "PAIR_ISSUED") this.#underway.add((event.pair as JsonObject).id as string);
    if (event.type === "STORED") this.#underway.clear();
    if (event.type === "REVOKED") this.#underway.delete(event.subject as string);
    for (const id of this.#underway) {
      assert.ok(journal.sealed(id) !== undefined, `${id} was issued to us and is lost`);
      const known = context.fresh?.ref?.id === id || context.cleanups.some(({ ref }) => ref.id === id);
      assert.ok(known, `${id} was issued to us and nobody takes care of it`);
    }
  }

  /** The agent is about to delete: a person asked for it, or everybody agrees that the pair is dead. */
  removing(journal: MemoryJournal, isAlive: boolean): void {
    const mine = journal.recorded.filter(({ stream }) => stream === this.#fold.stream);
    const state = stateName(mine.at(-1)?.state as Snapshot["value"]);
    if (state.startsWith("idle.unenrolling")) {
      if (!mine.some(({ event }) => event.type === "REVOKE_ASKED")) this.find("removed, and nobody asked");
      return;
    }
    // A removal whose state was left meanwhile was decided on before.
    const confirmed = mine.findLastIndex((row) =>
      stateName(row.state as Snapshot["value"]).endsWith("doubted.removing"),
    );
    const unenrolling = mine.some((row) => stateName(row.state as Snapshot["value"]) === "idle.unenrolling.removing");
    if (confirmed === -1 && unenrolling) return;
    this.#try("removal", () => {
      assert.ok(!isAlive, "the access token lives");
      assertConfirmed(mine.slice(0, confirmed + 1));
    });
  }

  #try(name: string, check: () => void): void {
    try {
      check();
    } catch (error) {
      this.find(`${name}: ${(error as Error).message.slice(0, 2000)}`);
    }
  }
}

/** "Confirmed", by the first design: refused, then dead by the probe, then the store still holds the very pair; twice after a 403. */
function assertConfirmed(history: readonly Recorded[]): void {
  const rotation = history.slice(
    history.findLastIndex(({ state }) => typeof state === "string" || !("refreshing" in (state as object))) + 1,
  );
  const digest = (event: Recorded["event"]) => (event.found as JsonObject | null | undefined)?.digest;
  const all = rotation.map(({ event }) => event);
  const last = digest(all.findLast(({ type }) => type === "SECRET_READ") ?? { type: "", at: 0 });
  // What was said of another pair, before the store changed, does not count for this one.
  const events = all.slice(all.findLastIndex((event) => event.type === "SECRET_READ" && digest(event) !== last) + 1);
  const refused = events.findIndex(({ type }) => type === "REFUSED" || type === "MINT_REFUSED");
  const used = events.some(({ type, found }) => type === "SECRET_READ" && found !== null) && refused === -1;
  const dead = events.filter(({ type, verdict }) => type === "PROBED" && verdict !== "alive");
  assert.ok(refused !== -1 || used, "it was never refused");
  assert.ok(dead.length > 0, "nobody looked whether it lives");
  const read = events.findLast(({ type }) => type === "SECRET_READ");
  assert.ok(read && read.at >= (dead.at(-1)?.at ?? Number.POSITIVE_INFINITY), "the store was not looked at again");
  if (!events.some(({ status }) => status === 403)) return;
  const looks = events.filter(
    ({ type, status, verdict }) => (type === "PROBED" && verdict === "dead") || status === 401,
  );
  const [first, latest] = [looks.at(0), looks.at(-1)];
  assert.ok(
    first && latest && latest.at - first.at >= TWO_MINUTES,
    "a 403 may be a suspension, and there was one look only",
  );
}
