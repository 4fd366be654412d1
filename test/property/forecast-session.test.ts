import assert from "node:assert/strict";
import fc from "fast-check";
import { sessionOf } from "../../src/commands/next/session.ts";
import { forecastSession, type SessionForeseen } from "../../src/machines/forecast/session.ts";
import { currentToken } from "../../src/machines/vault-session/context.ts";
import { ModelVault } from "../support/model/vault.ts";
import { property } from "../support/property.ts";
import { SessionStage } from "../support/vault-session.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Setting {
  /** Seconds that a token is given; 0: it has no end. */
  readonly ttl: number;
  readonly renewable: boolean;
  readonly renews: boolean;
  /** dotvault can log in by itself. */
  readonly alone: boolean;
  /** A person has put a token into the file. */
  readonly brought: boolean;
  /** Minutes until it is asked what comes. */
  readonly before: number;
}

const setting = fc.record<Setting>({
  ttl: fc.constantFrom(0, 3600, 8 * 3600),
  renewable: fc.boolean(),
  renews: fc.boolean(),
  alone: fc.boolean(),
  brought: fc.boolean(),
  before: fc.nat({ max: 20 * 60 }),
});

/** What really happened, in the forecast's words. */
function lived(stage: SessionStage, from: number): Pick<SessionForeseen, "at" | "code">[] {
  const words = { RENEWED: "session-renewal", LOGGED_IN: "session-login" } as const;
  const since = stage.events.filter(({ event }) => event.at > from);
  const told = since.flatMap(({ event: { type, at } }) =>
    type in words ? [{ at, code: words[type as keyof typeof words] }] : [],
  );
  const { context } = stage.session.snapshot;
  const lost = since.findLast(({ event }) => event.type === "TOKEN_DIED");
  const isOut = currentToken(context) === null;
  return isOut ? [...told, { at: lost?.event.at ?? from, code: "session-ask" }] : told;
}

property(
  "what next forecasts of the login at Vault is what a simulated agent then lives through",
  [setting],
  async (given) => {
    const start = Date.UTC(2026, 10, 27);
    let now = () => start;
    const vault = new ModelVault(given, () => now());
    const brought = async () => (given.brought ? { token: "own", source: "file" as const } : undefined);
    if (given.brought) vault.give("own");
    const stage = new SessionStage({
      ...{ client: vault.client, brought, renews: given.renews, now: start },
      method: given.alone ? vault.method : undefined,
    });
    now = () => stage.clock.now();
    try {
      await stage.token().catch(() => undefined);
      await stage.pass(given.before * MINUTE);
      await stage.token().catch(() => undefined);
      await stage.settle();
      const from = stage.clock.now();
      const until = from + 24 * HOUR;
      const beginning = sessionOf(stage.journal, stage.session.stream) ?? assert.fail("no session");
      const { seen, outFrom } = forecastSession(beginning, { from, until });
      await stage.pass(until - from - 1);
      const happened = lived(stage, from);
      const foreseen = seen.filter(({ code }) => code !== "session-ends").map(({ at, code }) => ({ at, code }));
      assert.deepEqual(foreseen, happened);
      const lostAt = happened.find(({ code }) => code === "session-ask")?.at ?? null;
      assert.equal(outFrom, lostAt, "from when on nothing can be done");
      return true;
    } finally {
      await stage.stop();
    }
  },
  { runs: 25 },
);
