import { DotvaultError } from "../errors.ts";
import { REQUEST_KINDS, type RequestKind } from "./calls.ts";

/** Before the server acts on the request, or after (so that only the answer is lost). */
export type When = "before" | "after";

/** Which requests a fault strikes. */
export interface Target {
  readonly on: RequestKind | "any";
  /** How many of them. Default 1. */
  readonly times?: number | "always";
  /** How many matching requests pass first. Default 0. */
  readonly skip?: number;
  /** Only this user's requests. */
  readonly user?: string;
}

/** An answer in place of the server's own. */
export interface StatusFault {
  readonly kind: "status";
  readonly status: number;
  /** The body's shape; a proxy's HTML page by default. */
  readonly body?: "access" | "artifactory" | "flat" | "html" | "empty";
  /** The body itself, in place of `body`. */
  readonly text?: string;
  readonly contentType?: string;
  /** `Retry-After`: seconds or an HTTP date. */
  readonly retryAfter?: number | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly when?: When;
}

/** The connection is reset (RST). */
export interface ResetFault {
  readonly kind: "reset";
  readonly when?: When;
}

/** The request waits until the test releases it, and goes on as if nothing had been. */
export interface HoldFault {
  readonly kind: "hold";
  readonly when?: When;
}

/** Applied; then headers, or the second half of the body, wait: so many milliseconds, else until released. */
export interface StallFault {
  readonly kind: "stall";
  readonly part: "headers" | "body";
  readonly ms?: number;
}

/** Applied; then half of the answer: the connection ends too early, or the JSON does. */
export interface CutFault {
  readonly kind: "cut";
  readonly where: "connection" | "json";
}

/** Applied; then the answer padded with white space to so many bytes. */
export interface HugeFault {
  readonly kind: "huge";
  readonly bytes: number;
  /** Compressed on the wire. */
  readonly gzip?: boolean;
}

export type Effect = StatusFault | ResetFault | StallFault | CutFault | HugeFault;
export type Fault = Target & (Effect | HoldFault);

/** A short name without secrets, for the call log. */
export function faultName(fault: Effect | HoldFault): string {
  switch (fault.kind) {
    case "status":
      return `status-${fault.status}${fault.when === "after" ? "-after" : ""}`;
    case "stall":
      return `stall-${fault.part}`;
    case "cut":
      return `cut-${fault.where}`;
    case "huge":
      return "huge";
    default:
      return `${fault.kind}-${fault.when ?? "before"}`;
  }
}

type Check = (value: unknown) => boolean;
const natural: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const positive: Check = (value) => natural(value) && value !== 0;
const text: Check = (value) => typeof value === "string";
const flag: Check = (value) => typeof value === "boolean";
const when: Check = (value) => value === "before" || value === "after";
const headers: Check = (value) => typeof value === "object" && value !== null && Object.values(value).every(text);

const TARGET: Readonly<Record<keyof Target, Check>> = {
  on: (value) => value === "any" || REQUEST_KINDS.includes(value as RequestKind),
  times: (value) => value === "always" || positive(value),
  skip: natural,
  user: text,
};

const EFFECTS: Readonly<
  Record<Fault["kind"], { required: readonly string[]; fields: Readonly<Record<string, Check>> }>
> = {
  status: {
    required: ["status"],
    fields: {
      status: (value) => natural(value) && Number(value) >= 200 && Number(value) <= 599,
      body: (value) => ["access", "artifactory", "flat", "html", "empty"].includes(String(value)),
      text,
      contentType: text,
      retryAfter: (value) => natural(value) || text(value),
      headers,
      when,
    },
  },
  reset: { required: [], fields: { when } },
  hold: { required: [], fields: { when } },
  stall: {
    required: ["part"],
    fields: { part: (value) => value === "headers" || value === "body", ms: natural },
  },
  cut: { required: ["where"], fields: { where: (value) => value === "connection" || value === "json" } },
  huge: { required: ["bytes"], fields: { bytes: positive, gzip: flag } },
};

/**
 * A fault that came from outside, checked field by field.
 * @throws DotvaultError `simulator.fault`
 */
export function checkedFault(value: unknown): Fault {
  const refuse = (why: string) => new DotvaultError("simulator.fault", why);
  if (typeof value !== "object" || value === null) throw refuse("a fault is a JSON object");
  const kind = "kind" in value ? String(value.kind) : "";
  if (!Object.hasOwn(EFFECTS, kind)) throw refuse(`no fault is of the kind ${JSON.stringify(kind)}`);
  const effect = EFFECTS[kind as Fault["kind"]];
  for (const name of ["on", ...effect.required]) if (!Object.hasOwn(value, name)) throw refuse(`${kind} needs ${name}`);
  const known: Readonly<Record<string, Check>> = { ...TARGET, ...effect.fields, kind: text };
  for (const [name, field] of Object.entries(value)) {
    if (!Object.hasOwn(known, name)) throw refuse(`${kind} has no field ${name}`);
    if (known[name]?.(field) !== true) throw refuse(`${name} can't be ${JSON.stringify(field)}`);
  }
  return value as Fault;
}
