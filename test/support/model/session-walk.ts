import { after } from "../../../src/machines/stream/step.ts";
import { currentToken, type Settings } from "../../../src/machines/vault-session/context.ts";
import { initialSession, type Standing, type Step, step } from "../../../src/machines/vault-session/decide.ts";
import type { SessionEvent } from "../../../src/machines/vault-session/events.ts";
import { type Dice, diceOf } from "../random.ts";

/** When walks begin. */
export const START = Date.UTC(2026, 10, 27);
const HOUR = 3_600_000;

function one<T>(dice: Dice, items: readonly T[]): T {
  return items[dice() % items.length] as T;
}

function settings(dice: Dice): Settings {
  const method = one(dice, ["approle", "oidc", null]);
  return {
    method,
    needsPerson: method === "oidc",
    renews: dice() % 4 > 0,
    identity: `i${dice() % 2}`,
    way: wayTo(dice),
  };
}

function wayTo(dice: Dice): Settings["way"] {
  if (dice() % 4 === 0) return null;
  return { address: `https://v${dice() % 2}`, moreAddresses: [], namespace: null, tls: { skipVerify: false } };
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
    {
      type: "LOGIN_REFUSED",
      mark: "m",
      class: "login.refused.403",
      message: "no",
      hint: null,
      person: dice() % 2 === 0,
    },
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
  const giveBack = [
    { type: "GIVEN_BACK", id, how: one(dice, ["revoked", "gone"]) },
    { type: "NOT_GIVEN_BACK", id, class: "store.unreachable", message: "no" },
  ];
  if (dice() % 4 === 0) return { event: { ...FAILED, intent: kind } };
  const outcomes: Readonly<Record<string, Drawn["event"][]>> = { login, renew, lookup, giveBack };
  return { event: one(dice, outcomes[kind] ?? []), closes };
}

/** A step of a walk. */
export interface Walked {
  /** Id of the intent that the event is the outcome of. */
  readonly closes: string | undefined;
  readonly before: Standing;
  readonly event: SessionEvent;
  readonly taken: Step;
  readonly place: Standing;
}

/** A random session, always the same for a seed. */
export function walk(seed: number, visit: (step: Walked) => void, steps = 120, strides = [1, 1000, HOUR]): void {
  const dice = diceOf(seed);
  let place: Standing = { stream: "vault/v", version: 0, snapshot: initialSession(), open: [], wakes: [] };
  let at = START;
  for (let count = 0; count < steps; count++) {
    at += one(dice, strides);
    const { event: drawn, closes } =
      count === 0 ? { event: { type: "CONFIGURED", settings: settings(dice) } } : next(place, at, dice);
    const event = { ...drawn, at } as unknown as SessionEvent;
    const taken = step(place, event, closes);
    const before = place;
    place = after(before, taken, closes);
    visit({ closes, before, event, taken, place });
  }
}
