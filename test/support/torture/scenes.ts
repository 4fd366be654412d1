import type { RequestKind, Switches } from "../../../src/simulator/simulator.ts";
import type { CrashPoint } from "../crash-points.ts";

/** What a person or the world wants while the agent is killed. */
export type Wish =
  | "first start"
  | "enrol"
  | "rotate"
  | "outage"
  | "weather"
  | "refused"
  | "un-enrol"
  | "compact"
  | "upgrade"
  | "takeover"
  | "new format";

/** A machine, its store and its platform: lives differ in these. */
export interface Scene {
  readonly store: "embedded" | "openbao";
  readonly rotation: "refresh" | "remint";
  readonly oldAccessToken: Switches["oldAccessToken"];
  /** Of one person on one mount; all but the first are left alone. */
  readonly machines?: 2;
}

const ALONE: readonly Scene[] = (["embedded", "openbao"] as const).flatMap((store) => [
  { store, rotation: "refresh", oldAccessToken: "dies" } as const,
  { store, rotation: "refresh", oldAccessToken: "lives" } as const,
  { store, rotation: "remint", oldAccessToken: "dies" } as const,
]);

export const SCENES: readonly Scene[] = [
  ...ALONE,
  { store: "openbao", rotation: "refresh", oldAccessToken: "dies", machines: 2 },
  { store: "openbao", rotation: "refresh", oldAccessToken: "lives", machines: 2 },
  { store: "openbao", rotation: "remint", oldAccessToken: "dies", machines: 2 },
];

/** What is wished for first in every life: of two machines one always has to take over what the other had presented. */
export function agendaOf({ machines, rotation }: Scene): readonly Wish[] {
  return machines && rotation === "refresh" ? ["takeover"] : [];
}

export function sceneName({ store, rotation, oldAccessToken, machines }: Scene): string {
  return `${store}, ${rotation}, the old token ${oldAccessToken}${machines ? `, ${machines} machines` : ""}`;
}

/** Wishes of an active enrolment; one that is not is enrolled. Rotations and outages are what tools of this kind lose credentials in. */
export const WISHES: readonly [Wish, ...Wish[]] = [
  "rotate",
  "rotate",
  "rotate",
  "outage",
  "outage",
  "weather",
  "weather",
  "refused",
  "un-enrol",
  "compact",
  "upgrade",
  "new format",
];

/** Points that a wish passes, and how often at most; the order is that of the way through it. */
type Passages = Readonly<Partial<Record<CrashPoint, number>>>;

/** Of each file that a rotation writes, see files.ts. */
const FILE: Passages = { "file.create": 1, "file.write": 1, "file.sync": 2, "file.rename": 1 };
const ROTATION: Passages = {
  "journal.append": 8,
  "store.read": 2,
  "store.write": 2,
  "http.refresh": 1,
  "http.mint": 1,
  ...FILE,
};

export const PASSAGES: Readonly<Record<Wish, Passages>> = {
  "first start": { "journal.append": 1, "store.read": 1 },
  enrol: {
    "journal.append": 9,
    "http.register": 1,
    "http.poll": 1,
    "http.mint": 1,
    "http.other": 1,
    "store.read": 1,
    "store.write": 1,
    ...FILE,
  },
  rotate: ROTATION,
  outage: { ...ROTATION, "journal.reschedule": 2 },
  weather: { ...ROTATION, "journal.append": 12, "http.other": 1, "store.read": 3 },
  refused: { "journal.append": 8, "http.refresh": 1, "http.other": 2, "store.read": 3, "store.softDelete": 1 },
  "un-enrol": { "journal.append": 5, "http.other": 2, "store.read": 1, "store.write": 1, "store.softDelete": 1 },
  compact: { "journal.compact": 1, "journal.append": 1, "store.read": 1 },
  upgrade: { "journal.append": 2, "store.read": 1 },
  "new format": {},
  takeover: {},
};

/** Requests of a wish that the platform can be in the middle of when the agent dies. */
export const REQUESTS: Readonly<Record<Wish, readonly RequestKind[]>> = {
  "first start": [],
  enrol: ["register", "poll", "mint", "revoke"],
  rotate: ["refresh", "mint"],
  outage: ["refresh", "mint"],
  weather: ["refresh", "mint", "probe"],
  refused: ["refresh", "probe"],
  "un-enrol": ["revoke"],
  compact: [],
  upgrade: [],
  "new format": [],
  takeover: ["refresh", "mint"],
};
