import type { AgentEvent, AgentSnapshot, Rehearsed } from "../../agent-run/agent-run.ts";
import { type Allowed, alias, list, nullable, number, oneOf, type Rows, record, type Shape, whole } from "../shapes.ts";
import { circle } from "./circle.ts";
import { enrolment } from "./enrolment.ts";
import { revocations } from "./revocations.ts";
import { rule } from "./rule.ts";
import { vault } from "./vault.ts";

/** What of the agent's own history may leave the machine. A type or a member without a row does not compile. */

type Of<T extends AgentEvent["type"]> = Extract<AgentEvent, { type: T }>;

/** Ours: `0.1.0`, `1.2.0-rc.1`; empty where none is known yet. */
const VERSION = /^([0-9]{1,4}(\.[0-9]{1,4}){2}(-(alpha|beta|rc|dev)(\.[0-9]{1,4})?)?)?$/;
export const version: Shape = (value) => (typeof value === "string" && VERSION.test(value) ? value : "other");

const rehearsed = [enrolment, circle, revocations, vault, rule];
const part = record({
  name: alias("name"),
  event: number,
  type: oneOf(rehearsed.flatMap(({ events }) => Object.keys(events))),
  field: oneOf(["state", "intents", "wakes"]),
});
const rehearsedRows: Rows<Rehearsed> = {
  version,
  machine: number,
  events: number,
  same: number,
  skipped: number,
  parts: list(part),
};

const EVENTS: { readonly [K in AgentEvent["type"]]: Rows<Of<K>, "type" | "at"> } = {
  AGENT_STARTED: { version, machine: number, before: oneOf(["first", "ended", "killed"]) },
  AGENT_ENDED: {},
  REHEARSED: rehearsedRows,
};

const state = oneOf(["running", "ended"]);

export const agent: Allowed = {
  events: EVENTS,
  common: {},
  intents: {},
  state,
  wakes: [],
  snapshot: whole<AgentSnapshot>({
    value: state,
    version,
    machine: number,
    rehearsed: nullable(whole<Rehearsed>(rehearsedRows)),
  }),
};
