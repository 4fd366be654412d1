import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stateName } from "../../src/machines/stream/state-name.ts";
import { after } from "../../src/machines/stream/step.ts";
import { currentToken, type Settings } from "../../src/machines/vault-session/context.ts";
import { initialSession, type Standing, type Step, step } from "../../src/machines/vault-session/decide.ts";
import type { SessionEvent } from "../../src/machines/vault-session/events.ts";
import { property } from "../support/property.ts";

const START = Date.UTC(2026, 10, 27);
const HOUR = 3_600_000;

type Dice = () => number;

/** A small generator (xorshift), so that a walk repeats itself. */
function diceOf(seed: number): Dice {
  let state = (seed ^ 0x9e3779b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 1;
  };
}

function one<T>(dice: Dice, items: readonly T[]): T {
  return items[dice() % items.length] as T;
}

function settings(dice: Dice): Settings {
  const method = one(dice, ["approle", "oidc", null]);
  return { method, needsPerson: method === "oidc", renews: dice() % 4 > 0, identity: `i${dice() % 2}` };
}

function life(dice: Dice, at: number) {
  const length = one(dice, [60_000, HOUR, 24 * HOUR]);
  const endless = dice() % 6 === 0;
  const ends = { expiresAt: at + length, dueAt: at + (length * 2) / 3 };
  return { ...(endless ? { expiresAt: null, dueAt: null } : ends), renewable: dice() % 2 === 0 };
}

let made = 0;
function token(kind: "vaultToken" | "wrapped") {
  return { id: `sealed-${++made}`, kind, digest: "d" } as const;
}

const FAILED = { type: "FAILED", class: "store.unreachable", message: "m", hint: null, sent: "no" } as const;

type Drawn = { readonly event: Record<string, unknown> & { type: string }; readonly closes?: string };

/** What may happen next: an outcome of what is open, a timer, a person, or somebody who needs the server. */
function next({ open, wakes, snapshot }: Standing, at: number, dice: Dice): Drawn {
  const intent = open[dice() % Math.max(1, open.length)];
  if (intent && dice() % 3 > 0) return outcome(intent, at, dice);
  const name = wakes[dice() % Math.max(1, wakes.length)];
  if (name !== undefined && dice() % 2 === 0) return { event: { type: "WOKE", name } };
  const id = one(dice, [
    currentToken(snapshot.context)?.id ?? "none",
    snapshot.context.login?.id ?? "none",
    "stranger",
  ]);
  return {
    event: one<Drawn["event"]>(dice, [
      { type: "CONFIGURED", settings: settings(dice) },
      { type: "TOKEN_BROUGHT", source: one(dice, ["env", "file"]), id: `b${dice() % 5}` },
      { type: "TOKEN_GONE" },
      { type: "TOKEN_NEEDED" },
      { type: "TOKEN_NEEDED" },
      { type: "TOKEN_DIED", id },
      { type: "TOKEN_UNREADABLE", id },
      { type: "CREDENTIALS_CHANGED" },
      { type: "LOGIN_ASKED", person: dice() % 2 === 0 },
      { type: "LOGIN_GIVEN_UP" },
      { type: "LOGGED_IN", token: token("vaultToken"), life: life(dice, at), who: null },
      { type: "LOGIN_REFUSED", mark: "p", message: "no", hint: null, person: false },
      ...(dice() % 8 === 0 ? [{ type: "LEFT" }] : []),
    ]),
  };
}

function outcome({ id: closes, kind, params }: Standing["open"][number], at: number, dice: Dice): Drawn {
  const { id = "" } = params as { readonly id?: string };
  const login = [
    { type: "LOGGED_IN", token: token("vaultToken"), life: life(dice, at), who: "ada" },
    { type: "LOGIN_KEPT", kept: token("wrapped") },
    { type: "LOGIN_REFUSED", mark: "m", message: "no", hint: null, person: dice() % 2 === 0 },
    { type: "ANSWER_LOST", intent: "login", class: "net.reset", sentAt: at, random: 0.5 },
  ];
  const renew = [
    { type: "RENEWED", id, life: life(dice, at) },
    { type: "NOT_RENEWED", id, message: "no" },
    { type: "TOKEN_DIED", id },
  ];
  const lookup = [
    { type: "LOOKED_UP", id, life: one(dice, [null, life(dice, at)]), who: null },
    { type: "TOKEN_DIED", id },
  ];
  if (dice() % 4 === 0) return { event: { ...FAILED, intent: kind } };
  const outcomes: Readonly<Record<string, Drawn["event"][]>> = { login, renew, lookup };
  return { event: one(dice, outcomes[kind] ?? []), closes };
}

interface Walked {
  readonly before: Standing;
  readonly event: SessionEvent;
  readonly taken: Step;
  readonly place: Standing;
}

function walk(seed: number, visit: (step: Walked) => void, steps = 120): void {
  const dice = diceOf(seed);
  let place: Standing = { stream: "vault/v", version: 0, snapshot: initialSession(), open: [], wakes: [] };
  let at = START;
  for (let count = 0; count < steps; count++) {
    at += one(dice, [1, 1000, HOUR]);
    const { event: drawn, closes } =
      count === 0 ? { event: { type: "CONFIGURED", settings: settings(dice) } } : next(place, at, dice);
    const event = { ...drawn, at } as unknown as SessionEvent;
    const taken = step(place, event, closes);
    const before = place;
    place = after(before, taken, closes);
    visit({ before, event, taken, place });
  }
}

const CHANGES = ["CONFIGURED", "CREDENTIALS_CHANGED", "LOGIN_ASKED"];

property("what was refused is not presented again until something changes", [fc.nat()], (seed) => {
  walk(seed, ({ before, event, taken }) => {
    const presents = taken.begins.some(({ kind }) => kind === "login");
    if (presents && before.snapshot.context.refusal !== null) assert.ok(CHANGES.includes(event.type), event.type);
  });
  return true;
});

property(
  "a token that the server does not know is not presented again, and leaves no sealed row behind",
  [fc.nat()],
  (seed) => {
    const dead = new Set<string>();
    walk(seed, ({ before, event, taken, place }) => {
      const known = [before.snapshot.context.brought?.id, before.snapshot.context.login?.id];
      if (event.type === "TOKEN_BROUGHT") dead.delete(event.id);
      if (event.type === "TOKEN_DIED" && known.includes(event.id)) dead.add(event.id);
      const current = currentToken(place.snapshot.context);
      assert.ok(current === null || !dead.has(current.id), `${current?.id} after ${event.type}`);
      for (const id of taken.live) assert.ok(!dead.has(id) || place.open.length > 0, id);
    });
    return true;
  },
);

property(
  "an outage, however long, is never taken for anything: no state is left, nothing begins",
  [fc.nat()],
  (seed) => {
    walk(seed, ({ event, taken, before }) => {
      if (event.type !== "FAILED") return;
      assert.deepEqual([taken.begins, taken.withdraws, taken.sets], [[], [], []]);
      assert.deepEqual(taken.snapshot.value, before.snapshot.value);
    });
    return true;
  },
);

property("a login is never begun where a person has to be there, nor where nobody can log in", [fc.nat()], (seed) => {
  walk(seed, ({ taken, place }) => {
    if (!taken.begins.some(({ kind }) => kind === "login")) return;
    const { settings: now } = place.snapshot.context;
    assert.ok(now !== null && now.method !== null && !now.needsPerson);
  });
  return true;
});

property("a login is never begun while a token lives that can get more time", [fc.nat()], (seed) => {
  walk(seed, ({ before, event, taken }) => {
    if (!taken.begins.some(({ kind }) => kind === "login") || event.type === "LOGIN_ASKED") return;
    const { context, value } = before.snapshot;
    const renewable = context.settings?.renews === true && currentToken(context)?.life?.renewable === true;
    const asks =
      stateName(value) === "renewing" || stateName(value).startsWith("signingIn") || event.type === "TOKEN_DIED";
    assert.ok(!renewable || asks || event.type === "TOKEN_UNREADABLE", `${stateName(value)} ${event.type}`);
  });
  return true;
});

property(
  "whatever a login brought is kept until it dies, another takes its place, or somebody else is configured",
  [fc.nat()],
  (seed) => {
    walk(seed, ({ before, event, place }) => {
      const had = before.snapshot.context.login;
      if (had === null || place.snapshot.context.login?.id === had.id) return;
      assert.ok(["TOKEN_DIED", "TOKEN_UNREADABLE", "LOGGED_IN", "CONFIGURED", "LEFT"].includes(event.type), event.type);
    });
    return true;
  },
);

property("at most one intent is open per kind and subject; what is kept is plain JSON", [fc.nat()], (seed) => {
  walk(seed, ({ place: { open, snapshot } }) => {
    assert.equal(new Set(open.map(({ kind, subject }) => `${kind} ${subject}`)).size, open.length);
    assert.deepStrictEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
  });
  return true;
});

/** In these a person, or somebody who needs the server, brings it on. */
const RESTS = ["signedOut", "expired", "refused"];

property(
  "from every state there is a way on: an intent, a timer, somebody who needs the server, or a person",
  [fc.nat()],
  (seed) => {
    walk(seed, ({ place, event: { at } }) => {
      const { snapshot, open, wakes } = place;
      const name = stateName(snapshot.value);
      if (open.length === 0 && wakes.length === 0) {
        const isAtRest = RESTS.includes(name) || (name === "live" && currentToken(snapshot.context) !== null);
        assert.ok(isAtRest, `${name} waits for nothing`);
      }
      const brought = step(place, { type: "TOKEN_BROUGHT", source: "file", id: "fresh", at });
      assert.equal(stateName(brought.snapshot.value), "live");
      if (snapshot.context.settings?.method == null) return;
      const asked = step(place, { type: "LOGIN_ASKED", person: true, at });
      assert.equal(stateName(asked.snapshot.value), "signingIn.person");
    });
    return true;
  },
);

test("every state is reached", () => {
  const seen = new Set<string>();
  for (let seed = 1; seed < 60; seed++) walk(seed, ({ place }) => seen.add(stateName(place.snapshot.value)));
  const signingIn = ["signingIn.asking", "signingIn.pausing", "signingIn.person"];
  assert.deepEqual([...seen].sort(), ["expired", "live", "refused", "renewing", "signedOut", ...signingIn].sort());
});
