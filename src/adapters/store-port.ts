/**
 * Where secrets live: a KVv2-shaped store (HashiCorp Vault, OpenBao, or the embedded one). One contract suite
 * (test/contract/secret-store.ts) runs against every implementation.
 *
 * Names are relative to the user: `jfrog`, `group/name`, `.dotvault/jfrog`. Times are milliseconds since the epoch by the
 * server's clock.
 */

/**
 * A stored document. JSON; numbers keep their spelling through a read and a write: one that a JavaScript number would
 * respell is a raw value (`JSON.isRawJSON`), see {@link parseSpelled}.
 */
export type Document = Readonly<Record<string, unknown>>;

export type Found =
  | {
      readonly state: "present";
      readonly version: number;
      readonly createdAt: number;
      readonly fields: Document;
      readonly serverTime: number;
    }
  /** Never written (`version: 0`), or its newest version is soft-deleted or destroyed; `version` is what a CAS must name. */
  | { readonly state: "absent"; readonly version: number; readonly deletedAt?: number; readonly serverTime: number };

export interface Written {
  readonly version: number;
  readonly createdAt: number;
  readonly serverTime: number;
}

/** What a cheap look shows. Version and creation time together name a document's state: versions restart at 1. */
export interface Seen {
  readonly version: number;
  readonly createdAt: number;
  readonly deleted: boolean;
}

export type StoreFailureClass =
  | "store.unreachable"
  | "store.unavailable"
  | "store.sealed"
  | "store.throttled"
  | "store.denied"
  | "store.token"
  | "store.no-token"
  | "store.no-mount"
  | "store.tls"
  | "store.locked"
  | "store.damaged"
  | "store.refused"
  | "store.odd-answer";

interface StoreFailureOptions {
  readonly sent?: "no" | "maybe";
  readonly hint?: string;
  readonly retryAfterMs?: number;
  readonly waitsForSession?: boolean;
  readonly cause?: unknown;
}

/** The store could not do it. `sent: "maybe"`: the write may have been applied. The message never holds a secret. */
export class StoreFailure extends Error {
  readonly class: StoreFailureClass;
  readonly sent: "no" | "maybe";
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** It was not asked: nobody is signed in. Whoever is told waits for that, without counting it as a failure of its own. */
  readonly waitsForSession: boolean;

  constructor(failureClass: StoreFailureClass, message: string, options: StoreFailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StoreFailure";
    this.class = failureClass;
    this.sent = options.sent ?? "no";
    this.hint = options.hint;
    this.retryAfterMs = options.retryAfterMs;
    this.waitsForSession = options.waitsForSession ?? false;
  }
}

/**
 * A name's path segments. Throws {@link StoreFailure} `store.refused` for a name that a URL or a listing would read as
 * another one: empty segments, `.` and `..`, control characters.
 */
export function nameSegments(name: string): readonly string[] {
  const segments = name.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === ".." || /\p{Cc}/u.test(segment))) {
    throw new StoreFailure("store.refused", `${JSON.stringify(name)} can't be a secret's name`, {
      hint: "use plain segments, say jfrog or group/name",
    });
  }
  return segments;
}

/** The part of ECMAScript's JSON.parse source text access that TypeScript's library does not describe yet. */
interface SourceTextJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}
const sourceTextJson = JSON as unknown as SourceTextJson;

/** `JSON.parse`, but numbers that JavaScript would spell differently (`1.50`, 20 digits) stay as they were written. */
export function parseSpelled(text: string): unknown {
  return sourceTextJson.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && JSON.stringify(value) !== source
      ? sourceTextJson.rawJSON(source)
      : value,
  );
}

/** The CAS did not match: somebody wrote in between. Read again and decide. */
export class StoreConflict extends Error {
  constructor(name: string) {
    super(`${name}: changed by someone else in between (check-and-set)`);
    this.name = "StoreConflict";
  }
}

export interface SecretStore {
  readonly kind: "vault" | "embedded";
  /** For people: `https://vault.example.com (kv/users/alice)` or a file's path. */
  readonly place: string;
  /** Whether other machines can see it, so that leases make sense. */
  readonly shared: boolean;
  read(name: string, signal?: AbortSignal): Promise<Found>;
  /** A document that is nobody's own, at this path of the store. Only where there is such a place. */
  readShared?(path: string, signal?: AbortSignal): Promise<Found>;
  /** Writes the whole document as the version after `cas` (0 = must not exist). Throws {@link StoreConflict}. */
  write(name: string, fields: Document, cas: number, signal?: AbortSignal): Promise<Written>;
  /** Soft-deletes exactly this version; its metadata and every later version stay. Idempotent. */
  softDelete(name: string, version: number, signal?: AbortSignal): Promise<void>;
  /** Cheap: versions only, no secrets. A name that was never written is not in the answer. */
  look(names: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, Seen>>;
  /** The names by what one request of {@link look} shows together, as far as is known of the server yet. */
  lookGroups(names: readonly string[]): readonly (readonly string[])[];
  close(): Promise<void>;
}
