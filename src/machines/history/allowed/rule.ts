import { FILE_ANSWERS, type RuleEvent, type RuleSnapshot } from "../../rule/rule.ts";
import {
  type Allowed,
  alias,
  failureClass,
  flag,
  list,
  noWords,
  nullable,
  number,
  oneOf,
  type Rows,
  record,
  type Shape,
  whole,
  words,
} from "../shapes.ts";

/** What of the history of a rule's file may leave the machine. A type or a member without a row does not compile. */

type Of<T extends RuleEvent["type"]> = Extract<RuleEvent, { type: T }>;
type Members<T> = Rows<T, "type" | "at" | "path">;

/** Permission bits, octal. */
const bits: Shape = (value) => (typeof value === "string" && /^[0-7]{3,4}$/.test(value) ? value : "other");
const SOURCES = ["store", "sealed", "template"];
const pointers = list(alias("pointer"));
const keys = list(record({ pointer: alias("pointer"), digest: alias("digest"), line: number }));
const from = nullable(record({ version: number, createdAt: number, pair: alias("digest") }));
const leaving = nullable(record({ format: oneOf(["json", "yaml", "text", "ini", "netrc", "ssh_config", "toml"]) }));

const RULE_EVENTS: { readonly [K in RuleEvent["type"]]: Members<Of<K>> } = {
  FILE_WRITTEN: {
    secret: alias("name"),
    source: oneOf(SOURCES),
    from,
    keys,
    leaving,
    post: flag,
  },
  FILE_WRITING: { keys, leaving },
  FILE_CURRENT: { keys, leaving, from },
  FILE_FAILED: { code: failureClass, message: words, hint: noWords },
  FILE_EDITED: { keys: pointers, kept: flag, found: keys },
  FILE_ANSWERED: { answer: oneOf(FILE_ANSWERS) },
  FILE_NARROWED: { from: bits, to: bits },
  FILE_CLEANED: { why: oneOf(["rule", "enrolment", "secret"]), keys: pointers, left: pointers, post: flag },
  SECRET_MISSING: { secret: alias("name") },
  POST_RAN: {},
  POST_FAILED: { message: words },
};

const failure = record({ code: failureClass, message: words, hint: noWords, since: number });
const state = oneOf(["unknown", "current", "failed", "missing", "cleaned", "stopped"]);

export const rule: Allowed = {
  events: RULE_EVENTS,
  common: { path: alias("path") },
  intents: {},
  state,
  wakes: [],
  snapshot: whole<RuleSnapshot>({
    value: state,
    path: nullable(alias("path")),
    writtenAt: nullable(number),
    source: nullable(oneOf(SOURCES)),
    failure: nullable(failure),
    secret: nullable(alias("name")),
    from,
    keys,
    writing: nullable(keys),
    leaving,
    edited: nullable(record({ at: number, keys: pointers, kept: flag })),
    answer: nullable(record({ given: oneOf(FILE_ANSWERS), at: number, keys: pointers })),
    missingSince: nullable(number),
    post: nullable(record({ state: oneOf(["due", "failed"]), at: number, message: nullable(words) })),
  }),
};
