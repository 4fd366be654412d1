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

/** What a stream stood on after an event (`seq`), as it was kept. */
export interface KeptRow {
  readonly seq: number;
  readonly snapshot: string;
  /** JSON: open intents; wakes. */
  readonly open: string;
  readonly wakes: string;
  /** SHA-256 (hex) over the position and these two. */
  readonly digest: string;
  readonly mac: string;
}

/** With what its event says of it. */
export interface VouchedRow extends KeptRow {
  readonly stream: string;
  readonly version: number;
  readonly machine: number;
  readonly at: number;
  readonly state: string;
  readonly snapshotDigest: string;
  readonly eventMac: string;
  /** Position of the stream's next event; null: it still stands so. */
  readonly next: number | null;
}
