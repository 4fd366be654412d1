import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Ownership } from "./permissions.ts";
import type { Complaint, ProblemCode } from "./problems.ts";

/** A configuration larger than this is a mistake: bytes. */
export const largestFile = 4 * 1024 * 1024;

export type Read = { ok: true; text: string; stat: Ownership } | ({ ok: false; code: ProblemCode } & Complaint);

/** The text of a configuration file, or why there is none. Never throws. */
export function readConfigFile(file: string): Read {
  try {
    const descriptor = openSync(file, "r");
    try {
      return decoded(readUpTo(descriptor, largestFile + 1), fstatSync(descriptor));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { ok: false, code: "config.unreadable", what: reasons[code] ?? `the file can't be read (${code})` };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "the file can't be read: permission denied",
  EISDIR: "this is a directory, not a file",
};

/** A size is known only after reading: the file may be a pipe. */
function readUpTo(descriptor: number, most: number): Buffer {
  const chunks: Buffer[] = [];
  for (let total = 0; total < most; ) {
    const chunk = Buffer.alloc(Math.min(65_536, most - total));
    const length = readSync(descriptor, chunk);
    if (length === 0) break;
    chunks.push(chunk.subarray(0, length));
    total += length;
  }
  return Buffer.concat(chunks);
}

function decoded(bytes: Buffer, stat: Ownership): Read {
  if (bytes.length > largestFile) {
    return { ok: false, code: "config.too-large", what: `the file is larger than ${largestFile >> 20} MiB` };
  }
  if (!isUtf8(bytes)) return { ok: false, code: "config.encoding", what: "the file is not UTF-8 text" };
  return { ok: true, text: bytes.toString("utf8"), stat };
}
