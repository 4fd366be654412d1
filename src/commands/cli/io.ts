/** The process as a command sees it: everything that is not its own logic. Tests bring their own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly cwd: string;
  /** The account's name: secrets lie under it. */
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The result. */
  readonly out: Screen;
  /** Everything else: prompts, progress, warnings, errors. */
  readonly err: Screen;
  readonly input: Input;
}

export interface Input {
  readonly isTerminal: boolean;
  readonly readLine: () => Promise<string | undefined>;
  /** A line that is not echoed, where there is a terminal; `ask` shows the question, when the echo is off. */
  readonly readHidden?: (ask: () => void) => Promise<string | undefined>;
  /** Everything up to its end. */
  readonly readAll?: () => Promise<string>;
  /** Every key at once and without an echo (terminal/live/keyboard.ts), until the returned function is called. */
  readonly keys?: (pressed: (key: string) => void) => Promise<() => void>;
}

export interface Screen {
  readonly isTerminal: boolean;
  /** Columns; 80 where there is no terminal. */
  readonly columns: number;
  /** Lines; absent where there is no terminal. */
  readonly rows?: number | undefined;
  readonly write: (text: string) => void;
}

/** Exit codes; part of the contract. */
export const EXIT = { healthy: 0, error: 1, usage: 2, personNeeded: 3 } as const;

/** What the command line said, checked against the command's own options. */
export interface Parsed {
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

/** One verb: returns its exit code, throws DotvaultError. */
export type Command = (parsed: Parsed, io: Io) => Promise<number>;

export function textFlag(parsed: Parsed, name: string): string | undefined {
  const value = parsed.flags[name];
  return typeof value === "string" ? value : undefined;
}
