/** An event's columns as they lie in the file. */
export interface EventRow {
  readonly seq: number;
  readonly stream: string;
  readonly version: number;
  readonly machine: number;
  readonly at: number;
  readonly event: string;
  readonly state: string;
  readonly effects: string;
  /** SHA-256 (hex) of the snapshot's text after this event. */
  readonly snapshot: string;
  readonly mac: string;
}

/** What a stream stood on after an event (`seq`). */
export interface KeptRow {
  readonly seq: number;
  readonly stream: string;
  readonly version: number;
  readonly snapshot: string;
  /** JSON: open intents; wakes. */
  readonly open: string;
  readonly wakes: string;
  /** SHA-256 (hex) over these two. */
  readonly digest: string;
  readonly mac: string;
}
