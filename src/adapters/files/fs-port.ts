import { constants } from "node:fs";
import { access, lstat, mkdir, open, readdir, readlink, realpath, rename, unlink } from "node:fs/promises";

/** What a stat tells: `mode` with the type bits. */
export interface FileFacts {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeMs: number;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

/** An open file or directory. */
export interface OpenFile {
  stat(): Promise<FileFacts>;
  readFile(): Promise<Uint8Array>;
  writeFile(data: Uint8Array): Promise<void>;
  chmod(mode: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The few calls that writing a target takes; a crash test wraps each of them. Errors are Node's, with `code`. */
export interface FsPort {
  lstat(path: string): Promise<FileFacts>;
  /** Rejects where the process may not; `mode` as `constants.W_OK`. */
  access(path: string, mode: number): Promise<void>;
  readlink(path: string): Promise<string>;
  realpath(path: string): Promise<string>;
  mkdir(path: string, options: { recursive: true; mode: number }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  open(path: string, flags: number, mode?: number): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export const nodeFs: FsPort = { lstat, access, readlink, realpath, mkdir, readdir, open, rename, unlink };

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Flags of the three ways in which files are opened here. Non-blocking: a FIFO without a writer must not hang us. */
export const OPEN = {
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  create: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
  directory: O_RDONLY | O_DIRECTORY,
} as const;

/** The `code` of a system error: `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}
