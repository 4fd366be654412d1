/** What every event of a machine carries. */
export type Happened = {
  /** Milliseconds since the epoch, this machine's clock. */
  readonly at: number;
  /** Of an outcome that did not come with the first try: how many it took. */
  readonly tries?: number;
};
