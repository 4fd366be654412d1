/**
 * The operating system's keyring, as far as a key needs it; entries are named by the key's id. Every operation throws
 * `key.keyring` where there is no keyring, or it is locked.
 */
export interface Keyring {
  get(id: string): string | undefined;
  set(id: string, line: string): void;
  remove(id: string): void;
}
