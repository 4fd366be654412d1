import { FILE_ANSWERS, type RuleEvent } from "../rule/rule.ts";
import type { Aliases } from "./aliases.ts";
import {
  alias,
  failureClass,
  flag,
  type Json,
  list,
  noWords,
  nullable,
  number,
  oneOf,
  record,
  type Shape,
  words,
} from "./shapes.ts";

/** What of each event of a rule's file may leave the machine. A type or a member without a row does not compile. */

type Of<T extends RuleEvent["type"]> = Extract<RuleEvent, { type: T }>;
type Rows<T> = { readonly [Name in Exclude<keyof T, "type" | "at" | "path">]-?: Shape };

/** Permission bits, octal. */
const bits: Shape = (value) => (typeof value === "string" && /^[0-7]{3,4}$/.test(value) ? value : "other");
const pointers = list(alias("pointer"));
const keys = list(record({ pointer: alias("pointer"), digest: alias("digest"), line: number }));
const from = nullable(record({ version: number, createdAt: number, pair: alias("digest") }));
const leaving = nullable(record({ format: oneOf(["json", "yaml", "text", "ini", "netrc", "ssh_config", "toml"]) }));

const RULE_EVENTS: { readonly [K in RuleEvent["type"]]: Rows<Of<K>> } = {
  FILE_WRITTEN: {
    secret: alias("name"),
    source: oneOf(["store", "sealed", "template"]),
    from,
    keys,
    leaving,
    post: flag,
  },
  FILE_WRITING: { keys },
  FILE_CURRENT: { keys, leaving },
  FILE_FAILED: { code: failureClass, message: words, hint: noWords },
  FILE_EDITED: { keys: pointers, kept: flag, found: keys },
  FILE_ANSWERED: { answer: oneOf(FILE_ANSWERS) },
  FILE_NARROWED: { from: bits, to: bits },
  FILE_CLEANED: { why: oneOf(["rule", "enrolment", "secret"]), keys: pointers, left: pointers, post: flag },
  SECRET_MISSING: { secret: alias("name") },
  POST_RAN: {},
  POST_FAILED: { message: words },
};

/** An event of a rule's file without anything that opens a door or names a person; one that nobody knows keeps its time. */
export function ruleEventOf(event: { readonly type: string; readonly at: number }, aliases: Aliases): Json {
  const { type, at } = event;
  if (!Object.hasOwn(RULE_EVENTS, type)) return { type: "other", at };
  const shapes: Readonly<Record<string, Shape>> = { path: alias("path"), ...RULE_EVENTS[type as RuleEvent["type"]] };
  return { type, at, ...(record(shapes)(event, aliases) as Record<string, Json>) };
}
