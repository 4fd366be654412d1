import type { Switches } from "../../../src/simulator/simulator.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What the service is like, and what befalls it once a pair is enrolled. */
export interface Circumstance {
  readonly name: string;
  /** From the start. */
  readonly switches?: Partial<Switches>;
  /** From the enrolment on. */
  readonly later?: Partial<Switches>;
  /** A gateway answers so many rotation requests with a 403 page of its own. */
  readonly gateway?: number;
  /** The login is suspended from the rotation's first request on, for so long. */
  readonly suspendedFor?: number;
  /** No token is minted with ours any more (403 in the service's own shape). */
  readonly mintForbidden?: boolean;
  /** An administrator revokes the pair before the rotation. */
  readonly revoked?: boolean;
  /** The machine sleeps for so long, and rotates when it wakes. */
  readonly asleep?: number;
}

/** What becomes of the answers to the rotation's first requests. */
export const ANSWERS = [
  "received",
  "lost, not applied",
  "lost, applied",
  "four lost, the first applied",
  "four lost, none applied",
] as const;
export type Answer = (typeof ANSWERS)[number];

export interface Case {
  readonly rotation: "refresh" | "remint";
  readonly circumstance: Circumstance;
  readonly answer: Answer;
}

const OLD_TOKEN = [
  ["dies at once", "dies"],
  ["dies after 5 min", { lagMs: 5 * MINUTE }],
  ["lives on", "lives"],
] as const;

/** What a spent refresh token is answered with, and what the old access token does. */
const SPENT: readonly Circumstance[] = ([404, 401, 403] as const).flatMap((spentRefresh) =>
  OLD_TOKEN.map(([words, oldAccessToken]) => ({
    name: `spent is answered ${spentRefresh}, the old token ${words}`,
    switches: { spentRefresh, oldAccessToken },
  })),
);

const EITHER: readonly Circumstance[] = [
  { name: "a gateway answers two requests with a 403 page", gateway: 2 },
  { name: "the login is suspended for an hour", suspendedFor: 60 * MINUTE },
  {
    name: "the login is suspended until after the token's end",
    suspendedFor: 61 * MINUTE,
    switches: { capSeconds: 3600 },
  },
  { name: "no refresh token in a 200 any more", later: { refreshable: false } },
  {
    name: "no refresh token any more, the old token lives on",
    switches: { oldAccessToken: "lives" },
    later: { refreshable: false },
  },
  { name: "the server caps lives at 1 h: tokens are not listed", switches: { capSeconds: 3600 } },
  {
    name: "the server caps lives at 1 h, the old token lives on",
    switches: { capSeconds: 3600, oldAccessToken: "lives" },
  },
  { name: "the pair was revoked, spent is answered 404", revoked: true },
  { name: "the pair was revoked, spent is answered 401", revoked: true, switches: { spentRefresh: 401 } },
  { name: "the pair was revoked, spent is answered 403", revoked: true, switches: { spentRefresh: 403 } },
  { name: "minting is forbidden", mintForbidden: true },
  { name: "minting is forbidden, the old token lives on", mintForbidden: true, switches: { oldAccessToken: "lives" } },
  { name: "woken after the end, within the service's grace", asleep: 60 * DAY + 60 * MINUTE },
  { name: "woken after the end, and there is no grace", asleep: 60 * DAY + 60 * MINUTE, switches: { graceSeconds: 0 } },
];

/** Repeated losses, where they make a difference. */
function answersOf({ gateway, suspendedFor }: Circumstance): readonly Answer[] {
  return gateway === undefined && suspendedFor === undefined ? ANSWERS : ANSWERS.slice(0, 3);
}

export const CASES: readonly Case[] = [
  ...[...SPENT, ...EITHER].flatMap((circumstance) =>
    answersOf(circumstance).map((answer) => ({ rotation: "refresh", circumstance, answer }) as const),
  ),
  ...[{ name: "all is well" }, ...EITHER.filter(({ switches }) => switches?.oldAccessToken === undefined)].flatMap(
    (circumstance) => answersOf(circumstance).map((answer) => ({ rotation: "remint", circumstance, answer }) as const),
  ),
];
