/** Any status is an answer. `body` is undefined when there was none, and the text when it was not JSON. */
export interface VaultAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The server's clock, milliseconds since the epoch. */
  readonly serverTime: number | undefined;
}
