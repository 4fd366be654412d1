import type { Key } from "../../seal/key.ts";
import { type Label, open, seal } from "../../seal/seal.ts";
import { type Document, parseSpelled } from "../store-port.ts";

/** Which version of which document; bound to the sealed bytes, so that rows can't be swapped, renumbered or re-dated. */
export interface VersionOf {
  readonly name: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export function sealDocument(key: Key, which: VersionOf, fields: Document): string {
  return seal(key, labelOf(which), Buffer.from(JSON.stringify(fields), "utf8"));
}

/** Throws `seal.broken` and `seal.other-key`. */
export function unsealDocument(key: Key, which: VersionOf, sealed: string): Document {
  return parseSpelled(open(key, sealed, labelOf(which)).toString("utf8")) as Document;
}

function labelOf({ name, version, createdAt }: VersionOf): Label {
  return { id: String(version), kind: "document", subject: name, at: createdAt };
}
