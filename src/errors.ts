/**
 * An error meant for a person: a stable code for machines, what happened, and what to do about it.
 * The text never holds a secret.
 */
export class DotvaultError extends Error {
  /** Stable, lower-case, dotted: `config.invalid`, `journal.locked`. Part of the contract; never reworded. */
  readonly code: string;
  /** What to do about it: a sentence or a command. */
  readonly hint: string | undefined;

  constructor(code: string, what: string, options: { hint?: string; cause?: unknown } = {}) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DotvaultError";
    this.code = code;
    this.hint = options.hint;
  }
}
