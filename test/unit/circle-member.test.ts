import assert from "node:assert/strict";
import { test } from "node:test";
import type { Circle, Engine, Fields, TrialResult, VouchResult } from "../../src/adapters/engines/port.ts";
import { CircleMember } from "../../src/agent/circle/member.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import { circleSnapshot } from "../../src/machines/circle/circle.ts";
import { journalHome } from "../support/journal.ts";

const DAY = 24 * 60 * 60_000;
const A = { url: "https://a.example", serverId: "a" };
const B = { url: "https://b.example", serverId: "b" };

/** One enrolment's circle over a real journal; its credential's fields say only which one it is. */
function memberOf(journal: ReturnType<ReturnType<typeof journalHome>["open"]>, circle: Circle) {
  const clock = { now: Date.UTC(2026, 10, 27) };
  const news: string[] = [];
  const describe = ({ pair = "", url: origin = A.url, ends }: Fields) => {
    const facts = { complete: true, digest: pair, tokenId: pair, refreshable: true, origin };
    return ends === undefined ? facts : { ...facts, expiresAt: Number(ends) };
  };
  const member = new CircleMember("jfrog", { describe } as unknown as Engine, circle, {
    journal,
    clock: { now: () => clock.now, at: () => () => {} },
    random: () => 0.5,
    log: silentLog,
    news: (name) => news.push(name),
  });
  return { member, clock, news, snapshot: () => circleSnapshot(journal.head("circle/jfrog")?.snapshot) };
}

const accepts = async (): Promise<TrialResult> => ({ kind: "accepted" });

test("a credential that is rotated while its certificates are still being read is checked itself, and nothing is told of the old one", async () => {
  using home = journalHome();
  const read = Promise.withResolvers<void>();
  const vouched: VouchResult = { kind: "vouched", name: "jfac@01acme", keyId: "kid", source: "/etc/trust" };
  const trust = { reload: () => read.promise.then(() => false), vouch: async () => vouched };
  const { member, news, snapshot } = memberOf(home.open(), { platforms: [A], try: accepts, trust });
  member.look({ pair: "old" });
  member.look({ pair: "new" });
  read.resolve();
  await member.settled();
  assert.equal(snapshot().trust, null, "what was found out is about a token that nobody uses any more");
  assert.deepEqual([news, member.wants()], [["jfrog"], true], "the new one is asked for");
  member.look({ pair: "new" });
  await member.settled();
  assert.equal(snapshot().trust?.pair, "new");
});

test("a clock that was far ahead when a platform was asked does not keep it from being asked for days", async () => {
  using home = journalHome();
  const asked: string[] = [];
  const circle: Circle = {
    platforms: [A, B],
    try: async ({ url }) => {
      asked.push(url);
      return { kind: "accepted" };
    },
  };
  const { member, clock } = memberOf(home.open(), circle);
  clock.now += 30 * DAY;
  member.look({ pair: "p" });
  await member.settled();
  clock.now -= 30 * DAY;
  assert.equal(member.wants(), true);
  member.look({ pair: "p" });
  await member.settled();
  assert.deepEqual(asked, [B.url, B.url]);
});

test("where nothing is said of a circle nobody is asked, nothing is journaled, and templates see the issuer", async () => {
  using home = journalHome();
  const journal = home.open();
  const { member } = memberOf(journal, { platforms: [A], try: accepts });
  member.look({ pair: "p" });
  await member.settled();
  assert.deepEqual(journal.heads("circle/"), []);
  assert.equal(member.wants(), false);
  assert.deepEqual(member.templateFields({}), { platforms: [{ server_id: "a", url: A.url, accepted: true }] });
});

test("a platform that leaves the configuration while it is being asked leaves no step open", async () => {
  using home = journalHome();
  const journal = home.open();
  const { member } = memberOf(journal, { platforms: [A, B], try: () => new Promise(() => {}) });
  member.look({ pair: "p" });
  assert.equal(journal.openIntents("circle/jfrog").length, 1);
  memberOf(journal, { platforms: [A], try: accepts });
  assert.deepEqual(journal.openIntents("circle/jfrog"), []);
});

test("a credential of another issuer, and one that has ended, are shown to nobody, and nobody waits to show them", async () => {
  using home = journalHome();
  const asked: string[] = [];
  const circle: Circle = {
    platforms: [A, B],
    try: async ({ url }) => {
      asked.push(url);
      return { kind: "accepted" };
    },
  };
  const { member, clock } = memberOf(home.open(), circle);
  const moved = { pair: "p", url: "https://old.example", server_id: "old" };
  for (const fields of [moved, { pair: "p", ends: `${clock.now - 1}` }]) {
    assert.equal(member.wants(), fields === moved, "what is not known yet is looked at");
    member.look(fields);
    await member.settled();
    assert.equal(member.wants(), false, "the secret is not read again and again for it");
  }
  assert.deepEqual(asked, []);
  assert.deepEqual(
    member.templateFields(moved).platforms.map(({ server_id, url, accepted }) => [server_id, url, accepted]),
    [
      ["old", moved.url, true],
      ["b", B.url, false],
    ],
    "the configured issuer is none of its own",
  );
});
