import type { FsPort } from "../../adapters/files/index.ts";
import type { TemplateEnvironment } from "../../adapters/files/template/template.ts";
import type { ManagedKey, Rendered } from "../../machines/rule/rule.ts";
import type { FileRule } from "./rule.ts";

export type Source = "store" | "sealed" | "template";

/** What is to be rendered, and where it comes from. */
export interface Rendering {
  /** The secret's. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What is known beside them: `.platforms`. */
  readonly beside: Readonly<Record<string, unknown>>;
  readonly source: Source;
  readonly from: Rendered | null;
}

/** Digests of managed values: keyed, since a value may be a person's own word. */
export interface Marks {
  readonly keyId: string;
  of(identity: string): string;
}

export interface FileDeps {
  readonly environment: TemplateEnvironment;
  readonly clock: { now(): number };
  readonly marks: Marks;
  /** Where files are written; the real file system by default. */
  readonly fs?: FsPort;
  /** Says durably what is about to be written. */
  readonly intend?: (rule: FileRule, keys: readonly ManagedKey[]) => void;
  /** What other rules have written into the same file. */
  readonly claims?: (rule: Pick<FileRule, "name" | "path">) => readonly Claim[];
}

/** What it takes to say what a rule makes of a file. */
export type PreviewDeps = Omit<FileDeps, "clock">;

/** Values of a file that another rule has written. */
export interface Claim {
  readonly rule: string;
  readonly keys: readonly ManagedKey[];
  /** That rule comes first. */
  readonly earlier: boolean;
  /** By a person's word about that rule these stay as others write them. */
  readonly kept: readonly string[];
}
