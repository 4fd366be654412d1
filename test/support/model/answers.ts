import type { Facts, NoticeCode, SecretRef, Settings } from "../../../src/machines/enrolment/context.ts";
import type { EnrolmentEvent, EventType } from "../../../src/machines/enrolment/events.ts";
import type { IntentKind } from "../../../src/machines/enrolment/intents.ts";
import type { Open, Standing } from "../../../src/machines/enrolment/step.ts";
import type { Dice } from "../random.ts";

/*
 * Everything that can happen to a stream, whether or not a real world could bring it about: any answer to any open intent,
 * any wake, any wish, anything in the store. `dice` decide the details; few values, so that they meet again.
 */

type Untimed = EnrolmentEvent extends infer E ? (E extends unknown ? Omit<E, "at"> : never) : never;
export interface Possible {
  readonly event: Untimed;
  readonly closes?: string;
}

const LIFE = 60 * 60_000;
const pick = <T>(dice: Dice, ...choices: readonly [T, ...T[]]): T => choices[dice() % choices.length] ?? choices[0];

let refs = 0;
/** A reference that was never given before. */
function ref(kind: SecretRef["kind"], digest: string): SecretRef {
  refs += 1;
  return { id: `ref-${refs}`, kind, digest };
}

export function settings(dice: Dice): Settings {
  const has = () => dice() % 8 !== 0;
  return {
    engine: "jfrog",
    traits: { person: has(), refresh: has(), probe: has(), revoke: has(), sweep: has() },
    origin: pick(dice, "https://a", "https://a", "https://b", null),
    label: "label",
    rotation: dice() % 3 === 0 ? "remint" : "refresh",
    unattended: dice() % 4 === 0,
    terms: null,
  };
}

function facts(dice: Dice, at: number): Facts {
  const name = pick(dice, "a", "b", "c", "d");
  const ends = dice() % 5 !== 0;
  return {
    complete: dice() % 6 !== 0,
    digest: name,
    refreshable: dice() % 4 !== 0,
    tokenId: `id-${name}`,
    ...(dice() % 3 === 0 ? {} : { origin: pick(dice, "https://a", "https://a", "https://b") }),
    ...(ends ? { issuedAt: at - pick(dice, 0, LIFE / 2, LIFE), expiresAt: at + pick(dice, LIFE, 0, -LIFE) } : {}),
  };
}

function storeFacts(dice: Dice, at: number) {
  const found = dice() % 4 === 0 ? null : facts(dice, at);
  return { found, version: dice() % 5, createdAt: at - 1_000, serverTime: at + pick(dice, 0, 90_000), spread: 0.5 };
}

const other = (dice: Dice) => ({ holder: "other", machine: "other", digest: pick(dice, "a", "b") });
const refusal = (dice: Dice) => ({
  status: pick(dice, 401, 403, 404),
  class: "refused",
  message: "no",
  hint: null,
});

/** What can come of an intent. */
const outcomes: { readonly [K in IntentKind]: (dice: Dice, at: number, open: Open) => Untimed } = {
  read: (dice, at) => {
    const seen = storeFacts(dice, at);
    const pair = seen.found?.complete ? ref("pair", seen.found.digest) : null;
    return { type: "SECRET_READ", ...seen, pair, heldBy: dice() % 4 === 0 ? other(dice) : null };
  },
  openSession: (dice) =>
    pick<Untimed>(
      dice,
      { type: "SESSION_OPENED" },
      { type: "SESSION_EXPIRED" },
      { type: "SESSION_REFUSED", ...refusal(dice) },
    ),
  poll: (dice) =>
    pick<Untimed>(
      dice,
      { type: "GRANTED", bootstrap: ref("bootstrap", "boot"), tokenId: "id-boot", user: null },
      { type: "SESSION_EXPIRED" },
      { type: "SESSION_GONE", message: "gone" },
      { type: "SESSION_REFUSED", ...refusal(dice) },
    ),
  mint: (dice, at) => pick<Untimed>(dice, issued(dice, at), { type: "MINT_REFUSED", ...refusal(dice) }),
  claim: (dice, at) =>
    pick<Untimed>(
      dice,
      { type: "CLAIMED", lease: 1, doubt: dice() % 3 === 0 ? other(dice) : null },
      { type: "HELD_ELSEWHERE", machine: "other", phase: "claimed", retryAt: at + 60_000 },
    ),
  refresh: (dice, at) =>
    pick<Untimed>(
      dice,
      issued(dice, at),
      { type: "REFUSED", ...refusal(dice) },
      { type: "ANSWER_LOST", intent: "refresh", class: "net.reset", random: 0.5 },
      { type: "LEASE_LOST" },
    ),
  probe: (dice) =>
    pick<Untimed>(
      dice,
      { type: "PROBED", verdict: "dead", listed: false },
      { type: "PROBED", verdict: "alive", listed: true },
      { type: "PROBED", verdict: "unlisted", listed: false },
    ),
  store: (dice, at) =>
    pick<Untimed>(
      dice,
      { type: "STORED", version: 3, createdAt: at, replaced: dice() % 2 === 0 ? ref("pair", "old") : null },
      { type: "STORE_CONFLICT", ...storeFacts(dice, at), found: { ...facts(dice, at), complete: true } },
    ),
  remove: (dice) => pick<Untimed>(dice, { type: "REMOVED" }, { type: "SECRET_MOVED" }),
  release: () => ({ type: "RELEASED" }),
  sync: () => ({ type: "SYNCED", written: ["rule"], failed: [] }),
  revoke: (_dice, _at, open) => ({ type: "REVOKED", subject: open.subject, how: "revoked" }),
  sweep: () => ({ type: "SWEPT", revoked: [] }),
  notify: (_dice, _at, open) => ({ type: "NOTIFIED", code: open.subject as NoticeCode }),
};

function issued(dice: Dice, at: number): Untimed {
  const made = facts(dice, at);
  return { type: "PAIR_ISSUED", pair: ref("pair", made.digest), facts: made, spread: 0.5, notices: [] };
}

/** What a person can do. */
export function wishes(person: boolean): readonly Untimed[] {
  const session = person ? ref("session", "session") : null;
  return [
    { type: "ENROL_ASKED", session, again: true },
    { type: "ENROL_ASKED", session, again: false },
    { type: "ENROL_CANCELLED" },
    { type: "REFRESH_ASKED" },
    { type: "REVOKE_ASKED" },
  ];
}

/** One thing that happens next in a sound world: an answer to what is open, a wake that is set, a wish, a look, a change. */
export function nextEvent(standing: Standing, at: number, dice: Dice): Possible {
  const { open, wakes, snapshot } = standing;
  const intent = open[dice() % Math.max(1, open.length)];
  const wake = wakes[dice() % Math.max(1, wakes.length)];
  const chance = dice() % 16;
  if (intent && chance < 9) return { event: outcomes[intent.kind as IntentKind](dice, at, intent), closes: intent.id };
  if (wake && chance < 12) return { event: { type: "WOKE", name: wake } };
  return { event: unasked(snapshot.context.settings?.traits.person !== false, at, dice) };
}

function unasked(person: boolean, at: number, dice: Dice): Untimed {
  const kind = pick(dice, "ENROL_ASKED", "SECRET_SEEN", "CONFIGURED", "FAILED", "RESUMED", "wish", "wish" as const);
  const wish = wishes(person);
  switch (kind) {
    case "SECRET_SEEN":
      return { type: "SECRET_SEEN", ...storeFacts(dice, at) };
    case "CONFIGURED":
      return { type: "CONFIGURED", settings: settings(dice) };
    case "FAILED":
      return failed(dice);
    case "RESUMED":
      return { type: "RESUMED", open: ["poll", "mint"] };
    default:
      return (kind === "ENROL_ASKED" ? wish[0] : wish[dice() % wish.length]) ?? { type: "PAUSED" };
  }
}

function failed(dice: Dice): Untimed {
  const intent = pick(dice, "poll", "mint", "probe", "store");
  return {
    type: "FAILED",
    intent,
    class: "jfrog.refused.403",
    message: "no",
    hint: null,
    sent: pick(dice, "no", "maybe"),
  };
}

/** Any event at all, in no order: most of them fit nothing. */
export function anyEvent(at: number, dice: Dice): Untimed {
  const kinds = Object.keys(outcomes) as [IntentKind, ...IntentKind[]];
  const stranger = { id: "x", kind: "", subject: "ref-1", params: {} };
  const wakes = ["rotate", "ask", "retry", "expired", "nobody knows"] as const;
  return pick<() => Untimed>(
    dice,
    () => outcomes[pick(dice, ...kinds)](dice, at, stranger),
    () => unasked(dice() % 2 === 0, at, dice),
    () => ({ type: "WOKE", name: pick(dice, ...wakes) }),
    () => ({ type: pick<EventType>(dice, "PAUSED", "UPGRADED", "RELEASED") }) as Untimed,
  )();
}
