import assert from "node:assert/strict";
import fc from "fast-check";
import { pastOf } from "../../src/commands/status/past.ts";
import type { Append, OpenIntent, StreamHead, Wake } from "../../src/journal/port.ts";
import { act, happen, setting } from "../support/model/script.ts";
import { MINUTE, ModelWorld, STREAM } from "../support/model/world.ts";
import { property } from "../support/property.ts";

interface Moment {
  readonly at: number;
  readonly head: StreamHead;
  readonly open: readonly OpenIntent[];
  readonly wakes: readonly Wake[];
}

const idsOf = (open: readonly OpenIntent[]) =>
  open.map(({ id, kind, params, dueAt }) => ({ id, kind, params, dueAt })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
const sorted = (wakes: readonly Wake[]) => wakes.toSorted((a, b) => (a.name < b.name ? -1 : 1));

property(
  "the state at a past moment is the one that was recorded then, for any history, crashes included",
  [setting, fc.array(act, { maxLength: 16, size: "max" })],
  async (given, acts) => {
    const world = new ModelWorld(given);
    const { journal } = world;
    const moments: Moment[] = [];
    const append = journal.append.bind(journal);
    journal.append = (input: Append) => {
      const seq = append(input);
      const head = journal.head(STREAM);
      const { at } = input.event;
      if (input.stream === STREAM && head)
        moments.push(structuredClone({ at, head, open: journal.openIntents(STREAM), wakes: journal.wakes(STREAM) }));
      return seq;
    };
    await world.boot();
    await world.drain();
    await world.ask("enrol");
    world.attended = true;
    await world.runFor(MINUTE);
    for (const each of acts) await happen(world, each);
    for (const [i, then] of moments.entries()) {
      // Of several events of one millisecond, the last one is what the moment shows.
      if (moments.slice(i + 1).some(({ at }) => at <= then.at)) continue;
      const past = await pastOf(journal, then.at);
      const [head] = past.heads(STREAM);
      assert.deepEqual(
        [head?.version, head?.state, head?.snapshot],
        [then.head.version, then.head.state, then.head.snapshot],
      );
      assert.deepEqual(sorted(past.wakes(STREAM)), sorted(then.wakes));
      assert.deepEqual(
        idsOf(past.openIntents(STREAM)).map(({ id, kind, params }) => ({ id, kind, params })),
        idsOf(then.open).map(({ id, kind, params }) => ({ id, kind, params })),
      );
    }
    return true;
  },
  { runs: 25 },
);
