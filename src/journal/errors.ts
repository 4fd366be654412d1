import { DotvaultError } from "../errors.ts";

/** The stream has moved on since the decision was made: read its head again and decide again. */
export class VersionConflict extends DotvaultError {
  readonly stream: string;
  readonly expected: number;
  readonly found: number;

  constructor(stream: string, expected: number, found: number) {
    super("journal.version-conflict", `${stream} is at version ${found}, not ${expected}`);
    this.name = "VersionConflict";
    this.stream = stream;
    this.expected = expected;
    this.found = found;
  }
}

/** A second open intent of the same stream, kind and subject, or a second use of an intent's id. */
export class DuplicateIntent extends DotvaultError {
  readonly intentId: string;

  constructor(stream: string, kind: string, subject: string, intentId: string) {
    super("journal.duplicate-intent", `${stream} already has an open ${kind} for ${subject}`);
    this.name = "DuplicateIntent";
    this.intentId = intentId;
  }
}

/** The intent is not open (any more): its outcome is in the journal already, or it was withdrawn. */
export class IntentNotOpen extends DotvaultError {
  readonly intentId: string;

  constructor(intentId: string) {
    super("journal.intent-not-open", `intent ${intentId} is not open`);
    this.name = "IntentNotOpen";
    this.intentId = intentId;
  }
}

/** The request was answered already, or there is none of this number. */
export class RequestNotWaiting extends DotvaultError {
  readonly requestId: number;

  constructor(requestId: number) {
    super("journal.request-not-waiting", `request ${requestId} is not waiting`);
    this.name = "RequestNotWaiting";
    this.requestId = requestId;
  }
}

/** The file can't be trusted as it is. Nothing is deleted or made anew by us: what can be read is a person's decision. */
export function damaged(path: string, what: string, cause?: unknown): DotvaultError {
  return new DotvaultError("journal.damaged", `the journal ${path} is damaged: ${what}`, {
    hint: "run: dotvault journal check · keep the file; stop the agent and restore a backup, or move it away to start anew",
    cause,
  });
}

/** A kept standing that is not what its event left. */
export function notAsWritten(path: string, seq: number): DotvaultError {
  return damaged(path, `the snapshot that was kept with event ${seq} is not as it was written`);
}

/** Gives SQLite's own failures a stable code and what to do; anything else passes as it is. */
export function translate(path: string, error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  if (/^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(code) || isForeign(error as Error))
    return damaged(path, (error as Error).message, error);
  const known = failures.find(([pattern]) => pattern.test(code));
  if (known === undefined) return error;
  const [, name, what, hint] = known;
  return new DotvaultError(name, `${path}: ${what} (${code})`, { hint, cause: error });
}

/** Gives the file system's failures the codes that SQLite's have; anything else passes as it is. */
export function translateSystem(path: string, error: unknown): unknown {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return error;
  const known = systemFailures.find(([pattern]) => pattern.test(String(error.code)));
  if (known === undefined) return error;
  const [, name, what, hint] = known;
  return new DotvaultError(name, `${path}: ${what} (${String(error.code)})`, { hint, cause: error });
}

/** Our statements are fixed: what they name is missing, and what they look into no JSON, only when it is not as it was written. */
function isForeign(error: Error): boolean {
  return /^(no such (table|column|index)|malformed database schema|malformed JSON)/.test(error.message);
}

/** The file system lets nobody of this user near it. */
export function unreadable(path: string, cause: unknown): DotvaultError {
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new DotvaultError("journal.unwritable", `${path}: cannot be opened${code}`, {
    hint: "look at its owner and mode",
    cause,
  });
}

/** The extended result code of an SQLite failure, say `SQLITE_CONSTRAINT_UNIQUE`. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && error.code.startsWith("SQLITE_") ? error.code : undefined;
}

const failures: readonly (readonly [RegExp, string, string, string])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, "journal.busy", "another process keeps the journal busy", "try again in a moment"],
  [/^SQLITE_FULL/, "journal.full", "no space left for the journal", "free some disk space; nothing was lost"],
  [/^SQLITE_IOERR/, "journal.io", "the disk failed", "look at the disk and its file system; nothing was made up"],
  [/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/, "journal.unwritable", "cannot be opened", "look at its owner and mode"],
];

const ELSEWHERE =
  "it has to be yours and writable; where the home is not (a pipeline): set XDG_STATE_HOME and XDG_DATA_HOME to a place that is";

const systemFailures: typeof failures = [
  [
    /^(ENOSPC|EDQUOT|EFBIG)$/,
    "journal.full",
    "no space left for the journal",
    "free some disk space; nothing was lost",
  ],
  [/^EIO$/, "journal.io", "the disk failed", "look at the disk and its file system; nothing was made up"],
  [/^E/, "journal.unwritable", "cannot be written", ELSEWHERE],
];
