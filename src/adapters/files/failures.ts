import { DotvaultError } from "../../errors.ts";
import { errorCode } from "./fs-port.ts";

/** Code, what happened, what to do, by the system's error code. */
const FAILURES: Readonly<Record<string, readonly [code: string, what: string, hint: string]>> = {
  EACCES: ["files.denied", "permission denied", "check who owns the file and its folder, and their modes"],
  EPERM: ["files.denied", "operation not permitted", "check who owns the file and its folder, and their modes"],
  EROFS: ["files.read-only", "the file system is read-only", "mount it writable, or change target.path"],
  ENOSPC: ["files.disk-full", "no space left on the disk", "free some space; the old file is untouched"],
  EDQUOT: ["files.disk-full", "the disk quota is used up", "free some space; the old file is untouched"],
  EFBIG: ["files.disk-full", "over the limit on file sizes", "raise the limit (ulimit -f); the old file is untouched"],
  EBUSY: [
    "files.mounted",
    "is mounted by itself and can't be replaced",
    "mount its folder instead (in a container, say)",
  ],
  EISDIR: ["files.not-a-file", "is a directory", "name a file in target.path"],
  ENXIO: ["files.not-a-file", "is a socket or a device", "name a plain file in target.path"],
  ENOTDIR: ["files.not-a-directory", "a part of the path is not a directory", "correct target.path"],
  EEXIST: ["files.not-a-directory", "a part of the path is not a directory", "correct target.path"],
  ELOOP: ["files.symlink-loop", "its symbolic links go round in a circle", "repair the links"],
  ENAMETOOLONG: ["files.name-too-long", "the name is too long for this file system", "correct target.path"],
};

/** A system error as an error for a person; anything else as it is. */
export function fileFailure(path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof DotvaultError || code === undefined) return error;
  const [known, what, hint] = FAILURES[code] ?? [
    "files.failed",
    `the system says ${code}`,
    "look at the disk and the folder",
  ];
  return new DotvaultError(known, `${path}: ${what}`, { hint, cause: error });
}
