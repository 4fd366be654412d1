import type { Document, Seen } from "../store-port.ts";

/** What KVv2 says of one version of a document. Times are milliseconds since the epoch. */
export interface VersionFacts {
  readonly version: number;
  readonly createdAt: number;
  readonly deletedAt: number | undefined;
  readonly destroyed: boolean;
}

/** `data` of a write, or `data.metadata` of a read. Undefined when it is not of KVv2's shape. */
export function versionFacts(value: unknown): VersionFacts | undefined {
  const { version, ...times } = asRecord(value);
  return typeof version === "number" ? facts(version, times) : undefined;
}

/**
 * An entry of `metadata/` or of a detailed listing, in short. `"none"` when it has no version (a name whose metadata was
 * set and which was never written); undefined when it is not of KVv2's shape.
 */
export function newestSeen(value: unknown, serverTime: number): Seen | "none" | undefined {
  const { current_version: version, versions } = asRecord(value);
  if (version === 0) return "none";
  if (typeof version !== "number") return undefined;
  const newest = facts(version, asRecord(asRecord(versions)[version]));
  return newest && seen(newest, serverTime);
}

/**
 * A deletion time may lie ahead (`delete_version_after`); until then the version is there. `serverTime` is a `Date` header,
 * which counts whole seconds, while the deletion may have been later in that second.
 */
export function seen(newest: VersionFacts, serverTime: number): Seen {
  const { version, createdAt, deletedAt, destroyed } = newest;
  return { version, createdAt, deleted: destroyed || (deletedAt !== undefined && deletedAt < serverTime + 1000) };
}

/** `data` of an answer; `{}` when there is none. */
export function dataOf(body: unknown): Readonly<Record<string, unknown>> {
  return asRecord(asRecord(body).data);
}

/** A JSON object, or undefined. */
export function asDocument(value: unknown): Document | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Document) : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return asDocument(value) ?? {};
}

function facts(version: number, times: Readonly<Record<string, unknown>>): VersionFacts | undefined {
  const createdAt = instant(times.created_time);
  if (createdAt === undefined) return undefined;
  return { version, createdAt, deletedAt: instant(times.deletion_time), destroyed: times.destroyed === true };
}

/** RFC 3339, with nanoseconds as Go writes it; ours are whole milliseconds. */
function instant(value: unknown): number | undefined {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
