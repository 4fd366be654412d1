import type { Command } from "../cli/io.ts";

/** An option of a verb; `value` names what it takes, and without it the option is a switch. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
}

export interface Verb {
  readonly name: string;
  /** Arguments as help shows them. */
  readonly args?: string;
  /** What the first argument is one of, where `args` is too short to say so. */
  readonly words?: readonly string[];
  /** Least and most positional arguments. */
  readonly arity: readonly [number, number];
  readonly summary: string;
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  /** Imported only when the verb is called: start-up is paid for by what is used. */
  readonly load: () => Promise<Command>;
}

export const config: Option = { name: "config", value: "FILE", help: "use this configuration file" };
export const json: Option = { name: "json", help: "print one JSON document (docs/json.md)" };
export const dryRun: Option = { name: "dry-run", help: "change nothing anywhere; show what would change" };
export const at: Option = { name: "at", value: "TIME", help: 'as it was then: 2h (ago), 14:05, "yesterday 14:05"' };
export const logging: readonly Option[] = [
  { name: "log-level", value: "LEVEL", help: "debug, info, warn or error (default: info)" },
  { name: "log-format", value: "FORMAT", help: "auto, text or json (default: auto)" },
];
