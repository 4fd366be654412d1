import {
  type Ask,
  type Cleanup,
  type Context,
  type Doubt,
  NOTICE_CODES,
  type Pair,
  type Session,
  type Stranger,
  UNANSWERED_OUTCOMES,
  type Unanswered,
} from "../../enrolment/context.ts";
import {
  alias,
  description,
  failureClass,
  flag,
  list,
  noWords,
  nullable,
  number,
  oneOf,
  record,
  ref,
  whole,
  words,
} from "../shapes.ts";
import { code, factRows, open, phase, settings } from "./enrolment-parts.ts";

/** What of an enrolment's snapshot may leave the machine. */

const stored = nullable(record({ version: number, createdAt: number }));
const pair = nullable(whole<Pair>({ ...factRows, spread: number, stored, ref: nullable(ref) }));
const session = whole<Session>({ ref, deadline: number, unanswered: flag });
const doubt = whole<Doubt>({
  cause: oneOf(["lost", "refused", "restored"]),
  since: number,
  presentations: number,
  forbidden: flag,
  deadLooks: number,
  pastEnd: flag,
  message: nullable(words),
});
const ask = whole<Ask>({ code, since: number, message: nullable(words), hint: noWords });
const cleanup = whole<Cleanup>({
  ref,
  tokenId: nullable(alias("token")),
  why: oneOf(["bootstrap", "superseded", "unenrolled", "orphan"]),
  since: number,
});
const unanswered = whole<Unanswered>({
  sentAt: number,
  lostAt: number,
  why: failureClass,
  times: number,
  outcome: nullable(record({ how: oneOf(UNANSWERED_OUTCOMES), at: number })),
  told: flag,
});
const stranger = whole<Stranger>({ did: oneOf(["stored", "removed"]), version: number, since: number });

export const context = whole<Context>({
  settings: nullable(settings),
  current: pair,
  fresh: pair,
  held: pair,
  session: nullable(session),
  bootstrap: nullable(record({ ref, tokenId: nullable(alias("token")) })),
  mint: nullable(record({ description, unanswered: flag })),
  orphans: list(description),
  lease: nullable(record({ version: number, doubt: open, before: nullable(number) })),
  heldBy: nullable(record({ machine: alias("machine"), phase })),
  doubt: nullable(doubt),
  spent: list(alias("digest")),
  listed: nullable(alias("token")),
  cleanups: list(cleanup),
  ask: nullable(ask),
  told: nullable(record({ code: oneOf(NOTICE_CODES), at: number })),
  unanswered: nullable(unanswered),
  notices: () => [],
  stranger: nullable(stranger),
  skew: number,
  asked: flag,
  afterwards: nullable(oneOf(["unenrol"])),
  unenrolledAt: nullable(number),
  rotatedAt: nullable(number),
  syncedAt: nullable(number),
});
