import { AGENT_STREAM, AGENT_STREAM_VERSION } from "../agent-run/agent-run.ts";
import { CIRCLE_VERSION } from "../circle/circle.ts";
import { MACHINE_VERSION } from "../enrolment/machine.ts";
import { REVOCATIONS_VERSION } from "../revocations/revocations.ts";
import { RULE_VERSION } from "../rule/rule.ts";
import { CIRCLE, ENROLMENT, REVOCATIONS, RULE, VAULT } from "../stream/names.ts";
import { SESSION_VERSION } from "../vault-session/machine.ts";
import { agent } from "./allowed/agent.ts";
import { circle } from "./allowed/circle.ts";
import { enrolment } from "./allowed/enrolment.ts";
import { revocations } from "./allowed/revocations.ts";
import { rule } from "./allowed/rule.ts";
import { vault } from "./allowed/vault.ts";
import type { Allowed, Identifying } from "./shapes.ts";

/** A kind of stream whose history may leave the machine. */
export interface Kind {
  /** What the names of its streams begin with; the rest is what it is about. */
  readonly prefix: string;
  /** Today's, of its machine or fold. */
  readonly version: number;
  readonly allowed: Allowed;
  /** As what its name is told. */
  readonly named: Identifying;
}

/** All of them, in the order in which they are told. */
export const KINDS = {
  enrolment: { prefix: ENROLMENT, version: MACHINE_VERSION, allowed: enrolment, named: "name" },
  circle: { prefix: CIRCLE, version: CIRCLE_VERSION, allowed: circle, named: "name" },
  revocations: { prefix: REVOCATIONS, version: REVOCATIONS_VERSION, allowed: revocations, named: "name" },
  vault: { prefix: VAULT, version: SESSION_VERSION, allowed: vault, named: "origin" },
  rule: { prefix: RULE, version: RULE_VERSION, allowed: rule, named: "rule" },
  agent: { prefix: AGENT_STREAM, version: AGENT_STREAM_VERSION, allowed: agent, named: "name" },
} as const satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof KINDS;

export function isKind(name: unknown): name is KindName {
  return typeof name === "string" && Object.hasOwn(KINDS, name);
}

/** What a stream's name says: its kind, and what it is about. Undefined: its history stays where it is. */
export function kindOf(stream: string): { readonly stream: KindName; readonly name: string } | undefined {
  for (const [kind, { prefix }] of Object.entries(KINDS)) {
    const isOne = prefix.endsWith("/") ? stream.startsWith(prefix) : stream === prefix;
    if (isOne) return { stream: kind as KindName, name: stream.slice(prefix.length) };
  }
  return undefined;
}

/** Of these streams those whose histories are told, in the order in which they are, enrolments first. */
export function toldOf(streams: readonly string[]): string[] {
  const kinds = Object.keys(KINDS);
  const place = (stream: string) => kinds.indexOf(kindOf(stream)?.stream ?? "");
  return streams.filter((stream) => kindOf(stream)).toSorted((a, b) => place(a) - place(b));
}
