import type { EventRow } from "../columns.ts";
import type { Connection } from "../connection.ts";
import { type HeadRow, toHead } from "../rows.ts";
import { standsOn } from "../verify.ts";
import type { Findings } from "./report.ts";

/**
 * Compares every stream's head with its newest event. Returns the number of streams.
 *
 * @param newest of the streams whose events were looked at
 * @param newestOf of any stream
 */
export function checkHeads(
  connection: Connection,
  findings: Findings,
  newest: ReadonlyMap<string, EventRow>,
  newestOf: (stream: string) => EventRow | undefined,
): number {
  const heads = connection.all<HeadRow>("SELECT stream, version, machine, at, seq, state, snapshot FROM streams");
  for (const head of heads) {
    const event = newestOf(head.stream);
    if (event === undefined || !standsOn(head, event)) {
      findings.add("head", `the head of ${head.stream} is not what its newest event left`);
    } else {
      findings.attempt(`the head of ${head.stream}`, undefined, () => toHead(connection.path, head));
    }
  }
  const known = new Set(heads.map((head) => head.stream));
  for (const stream of newest.keys()) if (!known.has(stream)) findings.add("head", `the head of ${stream} is gone`);
  return heads.length;
}
