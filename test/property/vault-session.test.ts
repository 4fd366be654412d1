import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stateName } from "../../src/machines/stream/state-name.ts";
import { currentToken } from "../../src/machines/vault-session/context.ts";
import { step } from "../../src/machines/vault-session/decide.ts";
import { walk } from "../support/model/session-walk.ts";
import { property } from "../support/property.ts";

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

property(
  "a login's token that is given up is given back, if the way is on record; its row lives just as long as that takes",
  [fc.nat()],
  (seed) => {
    walk(seed, ({ before, event, taken, place }) => {
      const { login: had, settings } = before.snapshot.context;
      const given = taken.begins.filter(({ kind }) => kind === "giveBack");
      const givenUp = had !== null && place.snapshot.context.login === null;
      const wanted = givenUp && ["CONFIGURED", "LEFT"].includes(event.type) && settings?.way != null;
      assert.deepEqual(
        given.map(({ subject }) => subject),
        wanted ? [had.id] : [],
      );
      const live = place.open.filter(({ kind }) => kind === "giveBack").map(({ subject }) => subject);
      for (const id of live) assert.ok(taken.live.has(id), id);
      // A look at it that was under way still needs it.
      const isNeeded = place.open.some(
        ({ params }) => "ref" in params && (params.ref as { id?: string } | null)?.id === had?.ref?.id,
      );
      if (givenUp && !wanted && !isNeeded) assert.ok(!taken.live.has(had.id), had.id);
    });
    return true;
  },
);
