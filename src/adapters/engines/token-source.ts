/**
 * Where a login without a person finds its token. It is read anew at each login, presented once, and kept nowhere: not in the
 * journal, not in the store, in no log.
 */
export type TokenSource =
  | { readonly from: "file" /** As it was written: `~/…` too. */; readonly path: string }
  | { readonly from: "env"; readonly name: string }
  /** A program and its arguments, run without a shell; it prints the token. */
  | { readonly from: "command"; readonly words: readonly [string, ...string[]] }
  /** A document of Vault's KV mount, wherever it lies there. */
  | { readonly from: "vault"; readonly path: string; readonly field: string };

/** Reads the token, without space around it. Throws DotvaultError `source.*` when there is none. */
export type ReadToken = (source: TokenSource, signal: AbortSignal) => Promise<string>;

/** For messages: `token_env CI_TOKEN`. */
export function sourceName(source: TokenSource): string {
  switch (source.from) {
    case "file":
      return `the file ${source.path}`;
    case "env":
      return `the variable ${source.name}`;
    case "command":
      return `the program ${source.words[0]}`;
    case "vault":
      return `${source.path} in Vault`;
  }
}
