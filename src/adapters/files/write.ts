import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { DotvaultError } from "../../errors.ts";
import { shell } from "../../shell.ts";
import { fileFailure } from "./failures.ts";
import { errorCode, type FsPort, nodeFs, OPEN } from "./fs-port.ts";
import { type Clock, underJfLock } from "./jf-lock.ts";
import { modeBits, readTarget, type Target } from "./read.ts";
import { erase, type Replaced, replace } from "./replace.ts";

export interface WriteOptions {
  /** Permission bits of the file, default 0o600. An existing file's bits are only ever narrowed. */
  readonly mode?: number;
  /** A file whose text is right already gets no more bits than `mode`, either. */
  readonly narrow?: boolean;
  /** So many older versions are kept beside the file, as `name.dotvault-1` (the newest) and on. Default: none. */
  readonly backups?: number;
  readonly fs?: FsPort;
  /** For the wait on jf's lock. */
  readonly clock?: Clock;
}

export interface WriteOutcome {
  /** The real file, behind symbolic links. */
  readonly path: string;
  readonly written: boolean;
  /** There was no file before. */
  readonly created: boolean;
  /** Permission bits that the file has now; undefined where there is no file. */
  readonly mode: number | undefined;
  /** The permission bits that it had, where they were narrowed and nothing else. */
  readonly narrowedFrom?: number;
  /** Of the file as it is now, see {@link fingerprint}. */
  readonly fingerprint: string;
}

const CLOCK: Clock = { now: () => Date.now(), sleep: (ms) => setTimeout(ms) };

/** How often a file that others keep changing is merged anew before we give up. */
const TRIES = 5;

/** A file's new text; null: the file is to go; undefined, or the same text: there is nothing to do. */
type Produced = string | null | undefined;

/**
 * Brings a target up to date, all or nothing: `produce` gets the file's text and gives the new one. The text goes to a temporary file beside the target, which is created with its final mode,
 * synced and renamed over it; then the folder is synced. A file that somebody changed since it was read is read and
 * produced again. Throws what `produce` throws, or DotvaultError: `files.not-a-file`, `files.denied`, `files.disk-full`,
 * `files.read-only`, `files.busy`, `files.not-utf8`, … — and then the old file is untouched.
 */
export async function writeTarget(
  path: string,
  produce: (before: string | undefined) => Produced | Promise<Produced>,
  options: WriteOptions = {},
): Promise<WriteOutcome> {
  const fs = options.fs ?? nodeFs;
  /** What another program wrote while we replaced its file: the next try begins with it. */
  let late: string | undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const target = await readTarget(path, fs);
    const before = late ?? target.content;
    const produced = await produce(before);
    const content = produced === undefined ? before : produced;
    if ((content ?? undefined) === target.content) return unwritten(target, late !== undefined, options);
    const replaced = await change(path, target, content ?? null, options);
    if (replaced.is === "done") return written(target, content ?? null, options);
    if (replaced.is === "late") late = replaced.content;
  }
  throw new DotvaultError("files.busy", `${path} keeps being changed by another program`, {
    hint: "close the program that writes it, and sync again",
  });
}

async function change(asked: string, target: Target, content: string | null, options: WriteOptions): Promise<Replaced> {
  const fs = options.fs ?? nodeFs;
  const { path, facts } = target;
  refuseReadOnly(target);
  try {
    // A rename needs the folder alone: it would replace, behind a link, say, what the user may not write.
    if (facts) await fs.access(path, constants.W_OK);
    const replacement = { mode: modeFor(target, options), backups: options.backups ?? 0 };
    return await underJfLock(asked, fs, options.clock ?? CLOCK, () =>
      content === null ? erase(asked, target, fs) : replace(asked, target, { ...replacement, content }, fs),
    );
  } catch (error) {
    throw fileFailure(path, error);
  }
}

function modeFor({ facts }: Target, { mode = 0o600 }: WriteOptions): number {
  return mode & (modeBits(facts) ?? 0o777);
}

function written(target: Target, content: string | null, options: WriteOptions): WriteOutcome {
  const mode = content === null ? undefined : modeFor(target, options);
  const created = target.content === undefined;
  return {
    path: target.path,
    written: true,
    created,
    mode,
    fingerprint: mark(target.path, content ?? undefined, mode),
  };
}

/** The text is right. `isOurs`: we have written it all the same. */
async function unwritten(target: Target, isOurs: boolean, options: WriteOptions): Promise<WriteOutcome> {
  const { path, content, facts } = target;
  const bits = modeBits(facts);
  const mode = options.narrow && bits !== undefined ? await narrowed(target, modeFor(target, options), options) : bits;
  const more = mode !== bits && bits !== undefined ? { narrowedFrom: bits } : {};
  return { path, written: isOurs, created: false, mode, ...more, fingerprint: mark(path, content, mode) };
}

/** @returns the bits that the file has now; another's file keeps those that it had */
async function narrowed({ path, facts }: Target, mode: number, { fs = nodeFs }: WriteOptions): Promise<number> {
  const bits = modeBits(facts) ?? mode;
  if (bits === mode) return bits;
  try {
    const file = await fs.open(path, OPEN.read);
    await file.chmod(mode).finally(() => file.close());
    return mode;
  } catch (error) {
    if (errorCode(error) === "EPERM" || errorCode(error) === "EROFS") return bits;
    throw fileFailure(path, error);
  }
}

/** Tells a file's place, text and permissions from others; kept in memory only. */
export function fingerprint({ path, content, facts }: Target): string {
  return mark(path, content, modeBits(facts));
}

function mark(path: string, content: string | undefined, mode: number | undefined): string {
  return `${path} ${mode} ${content === undefined ? "" : createHash("sha256").update(content).digest("base64")}`;
}

/** A rename would replace it all the same, but whoever took the write bit away meant something by it. */
function refuseReadOnly({ path, facts }: Target): void {
  if (!facts || (facts.mode & 0o200) !== 0) return;
  throw new DotvaultError("files.read-only", `${path} is marked read-only`, { hint: shell`chmod u+w ${path}` });
}
