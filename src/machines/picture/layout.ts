/** Where things stand in docs/machine.svg. What is drawn has to be in the machine; the test looks. */

export const WIDTH = 1076;
export const HEIGHT = 490;
export const BOX = { width: 168, height: 66 } as const;

/** Centres of the states. */
export const PLACES: Readonly<Record<string, { readonly x: number; readonly y: number }>> = {
  idle: { x: 100, y: 110 },
  session: { x: 392, y: 110 },
  polling: { x: 684, y: 110 },
  exchanging: { x: 976, y: 110 },
  revoked: { x: 392, y: 290 },
  refreshing: { x: 684, y: 290 },
  active: { x: 976, y: 290 },
};

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Events, each with the guard that matters, as `EVENT` or `EVENT guard`. */
  readonly says: readonly string[];
  /** An SVG path. */
  readonly line: string;
  /** Of the label's first line: its middle, or its side. */
  readonly at: { readonly x: number; readonly y: number; readonly anchor?: "start" | "middle" | "end" };
  /** Not of the main round: dashed. */
  readonly aside?: boolean;
}

export const ARROWS: readonly Arrow[] = [
  { from: "idle", to: "session", says: ["ENROL_ASKED"], line: "M184 110 H306", at: { x: 245, y: 100 } },
  { from: "session", to: "polling", says: ["SESSION_OPENED"], line: "M476 110 H598", at: { x: 537, y: 100 } },
  { from: "polling", to: "exchanging", says: ["GRANTED"], line: "M768 110 H890", at: { x: 829, y: 100 } },
  {
    ...{ from: "exchanging", to: "active", says: ["STORED"], line: "M976 143 V255" },
    at: { x: 986, y: 204, anchor: "start" },
  },
  { from: "active", to: "refreshing", says: ["WOKE"], line: "M892 278 H770", at: { x: 830, y: 268 } },
  { from: "refreshing", to: "active", says: ["STORED"], line: "M768 304 H890", at: { x: 829, y: 323 } },
  { from: "refreshing", to: "revoked", says: ["REMOVED"], line: "M600 290 H478", at: { x: 538, y: 280 } },
  {
    ...{ from: "revoked", to: "session", says: ["ENROL_ASKED"], line: "M392 257 V145" },
    at: { x: 402, y: 204, anchor: "start" },
  },
  {
    ...{ from: "polling", to: "idle", says: ["SESSION_EXPIRED", "ENROL_CANCELLED"], aside: true },
    ...{ line: "M684 77 V52 Q684 40 672 40 H112 Q100 40 100 52 V75", at: { x: 392, y: 30 } },
  },
  {
    ...{ from: "idle", to: "active", says: ["SECRET_READ isComplete"], aside: true },
    ...{ line: "M124 143 V378 Q124 390 136 390 H940 Q952 390 952 378 V325", at: { x: 538, y: 381 } },
  },
  {
    ...{ from: "active", to: "idle", says: ["REVOKE_ASKED", "SECRET_SEEN isGone"], aside: true },
    ...{ line: "M1000 323 V438 Q1000 450 988 450 H88 Q76 450 76 438 V145", at: { x: 538, y: 471 } },
  },
];

/** Transitions between top-level states that the drawing leaves to docs/machine.md, so that it stays readable. */
export const LEFT_OUT: readonly string[] = [
  "session → idle",
  "session → active",
  "polling → active",
  "exchanging → idle",
  "active → session",
  "refreshing → session",
  "refreshing → idle",
  "revoked → idle",
  "revoked → active",
];
