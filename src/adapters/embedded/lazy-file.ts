import { StoreFailure } from "../store-port.ts";
import { createStoreFile, openStoreFile, storeFileExists } from "./file.ts";
import { watchMoves } from "./presence.ts";
import { type Rows, rowsOf } from "./rows.ts";

/** The store's file, opened when first needed and kept open; a failed opening is tried again by the next call. */
export interface LazyFile {
  /** Undefined when there is no file yet. */
  existing(): Promise<Rows | undefined>;
  /** Makes the file when there is none. */
  forWriting(): Promise<Rows>;
  /** Throws `store.unavailable` when what was just written went into a file that nobody finds any more. */
  confirm(): void;
  /** Truncates the WAL when the present work is done, so that replaced secrets leave the disk. */
  tidySoon(): void;
  close(): Promise<void>;
}

export function lazyFile(path: string): LazyFile {
  let opening: Promise<Rows> | undefined;
  let opened: Rows | undefined;
  let hasMoved = () => false;
  let closed = false;

  /** What lies at the path now is the store: what is written elsewhere would be lost with this process. */
  function letGoOfMoved(): void {
    if (opened === undefined || !hasMoved()) return;
    opened.close();
    opened = undefined;
    opening = undefined;
  }

  async function open(): Promise<Rows> {
    if (closed) throw new StoreFailure("store.unavailable", `${path}: the store is closed`);
    opening ??= openStoreFile(path).then(rowsOf);
    try {
      const rows = await opening;
      if (opened !== rows) hasMoved = watchMoves(path);
      opened = rows;
      return rows;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  return {
    existing: async () => {
      letGoOfMoved();
      return opening !== undefined || storeFileExists(path) ? open() : undefined;
    },
    forWriting: () => {
      letGoOfMoved();
      if (opening === undefined) createStoreFile(path);
      return open();
    },
    confirm: () => {
      if (!hasMoved()) return;
      throw new StoreFailure("store.unavailable", `${path} was deleted, moved or replaced while it was written`, {
        sent: "maybe",
      });
    },
    tidySoon: () => void setImmediate(() => tidyIfPossible(opened)),
    close: async () => {
      closed = true;
      await opening?.catch(() => undefined);
      opened?.close();
      opened = undefined;
    },
  };
}

function tidyIfPossible(rows: Rows | undefined): void {
  try {
    rows?.tidy();
  } catch {
    // Whatever keeps the WAL from being written back is reported by the next write that it concerns; that one tidies, too.
  }
}
