import { DotvaultError } from "../../../errors.ts";
import type { Placed } from "./pointers.ts";

/** The names a configuration may say in `target.format`, as far as they are built. */
export const FORMAT_NAMES = ["json", "yaml", "text", "ini", "netrc", "ssh_config", "toml"] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Whether a configuration's word names a format that is built. */
export function isFormatName(name: string): name is FormatName {
  return (FORMAT_NAMES as readonly string[]).includes(name);
}

/** Targets and renderings above this many bytes (UTF-8) are refused: 4 MiB. */
export const MAX_BYTES = 4 * 1024 * 1024;

/** Stands for a value in a template's own words: no keyword has it. */
export const HOLE = "\uFFFC";

export interface MergeOptions {
  /** Lists of maps are matched by this key's value. For `jfrog-cli.conf.v6` the default is `serverId`. */
  readonly mergeKey?: string;
  /** A null in the rendering removes the key from the target. */
  readonly deleteNulls?: boolean;
  /** File name of the target, without folders: some files have rules of their own. */
  readonly basename?: string;
  /** Managed values that stay as the file has them: somebody changed them, and is to keep the change. */
  readonly leave?: readonly string[];
  /** What the template says in its own words, {@link HOLE} for what it takes from elsewhere. Undefined: no template made it. */
  readonly literals?: string;
}

export interface MergeResult {
  /** The target's new text. Equal to the old one when `changed` is false. */
  readonly content: string;
  readonly changed: boolean;
  /** JSON pointers (RFC 6901) of the values it owns; a matched list element is named `serverId=acme`. */
  readonly managed: readonly string[];
}

/**
 * One file format. Pure: text in, text out.
 *
 * `merge` puts the values of `rendered` (a document of the same format) into `before` (undefined: there is no file) and
 * leaves every other byte as it was. It throws {@link DotvaultError} when that can't be done, and then nothing may be
 * written: `files.target-unparsable`, `files.rendered-unparsable`, `files.encrypted`, `files.would-touch-foreign`,
 * `files.ambiguous`, `files.unsupported`, `files.too-large`, `files.guard`.
 */
export interface Format {
  readonly name: FormatName;
  merge(before: string | undefined, rendered: string, options: MergeOptions): MergeResult;
  /** The values at managed pointers as a text has them; those that it lacks are left out. Throws as `merge` does. */
  values(text: string, pointers: readonly string[], options: MergeOptions): ReadonlyMap<string, Placed>;
  /**
   * The text without the values at managed pointers, and without the sections, tables and elements that held nothing
   * else; every other byte stays. Throws as `merge` does.
   */
  remove(text: string, pointers: readonly string[], options: MergeOptions): string;
}

/** Whose text is meant: the user's file, or what the template made. */
export type Whose = "target" | "rendered";

export const WHOSE: Readonly<Record<Whose, string>> = { target: "the file", rendered: "the template's output" };

/** Throws `files.too-large` above {@link MAX_BYTES}. */
export function refuseLarge(text: string, whose: Whose): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_BYTES) return;
  throw new DotvaultError("files.too-large", `${WHOSE[whose]} has ${bytes} bytes, the limit is ${MAX_BYTES} (4 MiB)`, {
    hint: "keep credentials in a smaller file of their own",
  });
}
