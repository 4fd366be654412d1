import { StoreFailure } from "../store-port.ts";
import { createStoreFile, openStoreFile, storeFileExists } from "./file.ts";
import { type Rows, rowsOf } from "./rows.ts";

/** The store's file, opened when first needed and kept open; a failed opening is tried again by the next call. */
export interface LazyFile {
  /** Undefined when there is no file yet. */
  existing(): Promise<Rows | undefined>;
  /** Makes the file when there is none. */
  forWriting(): Promise<Rows>;
  /** Truncates the WAL when the present work is done, so that replaced secrets leave the disk. */
  tidySoon(): void;
  close(): Promise<void>;
}

export function lazyFile(path: string): LazyFile {
  let opening: Promise<Rows> | undefined;
  let opened: Rows | undefined;
  let closed = false;

  async function open(): Promise<Rows> {
    if (closed) throw new StoreFailure("store.unavailable", `${path}: the store is closed`);
    opening ??= openStoreFile(path).then(rowsOf);
    try {
      opened = await opening;
      return opened;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  return {
    existing: async () => (opening !== undefined || storeFileExists(path) ? open() : undefined),
    forWriting: () => {
      if (opening === undefined) createStoreFile(path);
      return open();
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
