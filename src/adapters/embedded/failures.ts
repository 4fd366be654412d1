import { DotvaultError } from "../../errors.ts";
import { shell } from "../../shell.ts";
import { StoreConflict, StoreFailure } from "../store-port.ts";

/** SQLite's, the file system's and the seal's errors in the port's terms; what is in them already passes. */
export function asStoreFailure(error: unknown, path: string): Error {
  if (error instanceof StoreFailure || error instanceof StoreConflict) return error;
  if (error instanceof DotvaultError) return sealFailure(error, path);
  const code = String((error as { code?: unknown } | null)?.code ?? "");
  return fromCode(code, path) ?? (error instanceof Error ? error : new Error("unknown failure", { cause: error }));
}

function sealFailure(error: DotvaultError, path: string): StoreFailure {
  return new StoreFailure("store.damaged", `${path}: ${error.message}`, {
    hint: error.hint ?? "restore the file from a backup, or move it aside and enrol again",
    cause: error,
  });
}

function fromCode(code: string, path: string): StoreFailure | undefined {
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new StoreFailure("store.locked", `${path} is locked by another process`, {
      hint: shell`who: fuser -v ${path}`,
    });
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return new StoreFailure("store.damaged", `${path} is damaged (${code})`, {
      hint: "nothing was changed: restore it from a backup, or move it aside and enrol again",
    });
  }
  if (/^(SQLITE_(CANTOPEN|READONLY|PERM|AUTH)|EACCES|EPERM|EROFS|EEXIST|ENOTDIR|EISDIR)/.test(code)) {
    return new StoreFailure("store.denied", `${path} can't be opened for writing (${code})`, {
      hint: "the file and its directory have to be yours and writable",
    });
  }
  if (!/^(SQLITE_|E[A-Z]+$)/.test(code)) return undefined;
  // A failed commit is rolled back at the next opening, unless its frames had reached the disk.
  const full = /^(SQLITE_FULL|ENOSPC|EDQUOT|EFBIG)$/.test(code);
  return new StoreFailure("store.unavailable", `${path} can't be written (${code})`, {
    sent: "maybe",
    hint: full ? "the disk is full: make room" : "check the disk",
  });
}
