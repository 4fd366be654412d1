import type { Key } from "../../seal/key.ts";
import { type Document, type Found, nameSegments, type SecretStore, type Seen, StoreConflict } from "../store-port.ts";
import { asStoreFailure } from "./failures.ts";
import { lazyFile } from "./lazy-file.ts";
import type { Row, Rows } from "./rows.ts";
import { sealDocument, unsealDocument } from "./sealed.ts";

export interface EmbeddedStoreOptions {
  /** Of the SQLite file. It and its directory are made by the first write, never by a read. */
  readonly path: string;
  readonly key: Key;
  /** Milliseconds since the epoch; this store's "server time". */
  readonly clock: () => number;
}

/** What only a store of one's own can tell. */
export interface EmbeddedStore extends SecretStore {
  /** Names of all secrets that are there, in order. */
  names(): Promise<string[]>;
  /** Removes exactly this version for good: its sealed bytes leave the disk, which a soft deletion does not ask for. */
  purge(name: string, version: number): Promise<void>;
}

/**
 * The secret store that needs no server: sealed documents in a SQLite file of their own, with KVv2's versions,
 * check-and-set and soft deletion. Holds the newest version only. A locked file is `store.locked`, never waited for long.
 */
export function createEmbeddedStore({ path, key, clock }: EmbeddedStoreOptions): EmbeddedStore {
  const file = lazyFile(path);
  return {
    kind: "embedded",
    place: path,
    shared: false,
    read: (name) => guarded(path, async () => found(key, name, (await file.existing())?.get(checked(name)), clock())),
    write: (name, fields, cas) =>
      guarded(path, async () => {
        const row = newRow(key, checked(name), fields, cas, clock());
        const rows = await file.forWriting();
        rows.transaction(() => putNext(rows, row));
        file.confirm();
        file.tidySoon();
        return { version: row.version, createdAt: row.created_at, serverTime: row.created_at };
      }),
    softDelete: (name, version) =>
      guarded(path, async () => {
        const rows = await file.existing();
        rows?.transaction(() => rows.markDeleted(checked(name), version, clock()));
      }),
    purge: (name, version) =>
      guarded(path, async () => {
        const rows = await file.existing();
        rows?.transaction(() => rows.remove(checked(name), version));
        file.tidySoon();
      }),
    look: (names) => guarded(path, async () => seenIn(await file.existing(), names.map(checked))),
    lookGroups: (names) => [names],
    names: () => guarded(path, async () => (await file.existing())?.names() ?? []),
    close: () => file.close(),
  };
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asStoreFailure(error, path);
  }
}

function checked(name: string): string {
  nameSegments(name);
  return name;
}

function found(key: Key, name: string, row: Row | undefined, serverTime: number): Found {
  if (row === undefined) return { state: "absent", version: 0, serverTime };
  const { version, created_at: createdAt, deleted_at: deletedAt } = row;
  if (deletedAt !== null) return { state: "absent", version, deletedAt, serverTime };
  const fields = unsealDocument(key, { name, version, createdAt }, row.sealed);
  return { state: "present", version, createdAt, fields, serverTime };
}

function newRow(key: Key, name: string, fields: Document, cas: number, createdAt: number): Row {
  const version = cas + 1;
  const sealed = sealDocument(key, { name, version, createdAt }, fields);
  return { name, version, created_at: createdAt, deleted_at: null, sealed };
}

function putNext(rows: Rows, row: Row): void {
  const current = rows.get(row.name)?.version ?? 0;
  if (current !== row.version - 1) throw new StoreConflict(row.name);
  rows.put(row);
}

function seenIn(rows: Rows | undefined, names: readonly string[]): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const name of names) {
    const row = rows?.get(name);
    if (row) seen.set(name, { version: row.version, createdAt: row.created_at, deleted: row.deleted_at !== null });
  }
  return seen;
}
