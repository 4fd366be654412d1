import assert from "node:assert/strict";
import fc from "fast-check";
import type { Circle, Engine, TrialResult } from "../../src/adapters/engines/port.ts";
import { CircleMember } from "../../src/agent/circle/member.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import { pastOf } from "../../src/commands/status/past.ts";
import { circleSnapshot, templatePlatforms } from "../../src/machines/circle/circle.ts";
import { journalHome } from "../support/journal.ts";
import { property } from "../support/property.ts";

const MINUTE = 60_000;
const issuer = { url: "https://a.example", serverId: "s0" };
const others = ["https://b.example", "https://c.example"].map((url, i) => ({ url, serverId: `s${i + 1}` }));
const members = [issuer, ...others];

type Answer = "accepted" | "certificate" | "user" | "away" | "busy";
const answer = fc.constantFrom<Answer>("accepted", "certificate", "user", "away", "busy");
const act = fc.oneof(
  fc.record({ do: fc.constant("answers" as const), at: fc.constantFrom(1, 2), answer }),
  fc.record({ do: fc.constant("time" as const), minutes: fc.integer({ min: 1, max: 40 }) }),
  fc.constant({ do: "look" as const }),
  fc.constant({ do: "rotate" as const }),
  fc.constant({ do: "restart" as const }),
  fc.constant({ do: "killed" as const }),
);

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

function resultOf(what: Answer): TrialResult {
  if (what === "accepted") return { kind: "accepted" };
  if (what === "away") return { kind: "trouble", sent: "no", class: "net.refused", message: "no connection" };
  if (what === "busy")
    return { kind: "trouble", sent: "no", class: "jfrog.http.429", message: "slow down", retryAfterMs: MINUTE };
  return { kind: "not-accepted", reason: what, message: `it is ${what}` };
}

/** One enrolment's circle over a real journal, whose platforms answer what they are told to. */
class CircleWorld implements Disposable {
  readonly #home = journalHome();
  readonly journal = this.#home.open();
  readonly truth: Answer[];
  now = Date.UTC(2026, 10, 27);
  pair = 1;
  #member: CircleMember;

  constructor(first: readonly Answer[]) {
    this.truth = ["accepted", ...first];
    this.#member = this.#start();
  }

  /** `dies`: it is killed while it waits for its answers. */
  #start(dies = false): CircleMember {
    const circle: Circle = {
      platforms: [issuer, ...others],
      try: async ({ url }) => {
        await null;
        if (dies) await new Promise(() => {});
        return resultOf(this.truth[members.findIndex((each) => each.url === url)] ?? "away");
      },
    };
    const describe = () => ({
      complete: true,
      digest: `pair-${this.pair}`,
      tokenId: `t${this.pair}`,
      refreshable: true,
    });
    return new CircleMember("jfrog", { describe } as unknown as Engine, circle, {
      journal: this.journal,
      clock: { now: () => this.now, at: () => () => {} },
      random: () => 0.5,
      log: silentLog,
      news: () => {},
    });
  }

  async look(): Promise<void> {
    this.#member.look({});
    await this.#member.settled();
  }

  async happen(each: Act): Promise<void> {
    this.now += 1;
    if (each.do === "answers") this.truth[each.at] = each.answer;
    if (each.do === "time") this.now += each.minutes * MINUTE;
    if (each.do === "look") await this.look();
    if (each.do === "rotate") this.pair += 1;
    if (each.do === "killed") this.#start(true).look({});
    if (each.do === "restart" || each.do === "killed") this.#member = this.#start();
  }

  snapshot() {
    return circleSnapshot(this.journal.head("circle/jfrog")?.snapshot);
  }

  /** The journal says of the platform what it answers now. */
  check(index: number, url: string): void {
    const told = this.truth[index] ?? "away";
    const state = this.snapshot().platforms.find((platform) => platform.url === url);
    if (told === "away" || told === "busy") {
      assert.equal(state?.failure?.class, told === "away" ? "net.refused" : "jfrog.http.429");
      return;
    }
    const open = this.journal.openIntents("circle/jfrog").filter(({ subject }) => subject === url);
    const accepted = told === "accepted";
    assert.deepEqual([state?.verdict?.accepted, state?.verdict?.reason], [accepted, accepted ? null : told]);
    assert.deepEqual(
      [state?.verdict?.pair, state?.failure, open],
      [`pair-${this.pair}`, null, []],
      "asked, answered, closed",
    );
    assert.equal(templatePlatforms(issuer, others, this.snapshot())[index]?.accepted, accepted);
  }

  [Symbol.dispose](): void {
    this.#home[Symbol.dispose]();
  }
}

property(
  "whatever platforms answer, and however often it is killed: in the end the journal knows what each says now, and templates see it",
  [fc.array(act, { maxLength: 25 }), fc.array(answer, { minLength: 2, maxLength: 2 })],
  async (acts, first) => {
    using world = new CircleWorld(first);
    for (const each of acts) await world.happen(each);
    world.now += 40 * MINUTE;
    await world.look();
    const { journal, now } = world;
    assert.equal(world.snapshot().pair, `pair-${world.pair}`);
    for (const [index, { url }] of members.entries()) if (index > 0) world.check(index, url);
    assert.deepEqual(
      (await pastOf(journal, now)).heads("circle/")[0]?.snapshot,
      journal.head("circle/jfrog")?.snapshot,
    );
    return true;
  },
  { runs: 30 },
);
