import type { Damage } from "../../journal/standing.ts";
import type { Io } from "../cli/io.ts";

/** Says so where kept standings are damaged: without them the answer takes longer, and is the same. */
export function warnOf(damage: readonly Damage[], io: Io): void {
  if (damage.length === 0) return;
  const events = eventsOf(damage);
  const which = events.length === 0 ? "" : ` with ${events.length === 1 ? "event" : "events"} ${events.join(", ")}`;
  io.err.write(
    `! what the journal has kept${which} is damaged: this is told from older events instead, and is exact\n`,
  );
  io.err.write("  dotvault journal check tells all that is damaged\n");
}

/** For programs: the events whose snapshots were passed over; the member is there only if any was. */
export function damagedMember(damage: readonly Damage[]): { readonly damagedSnapshots?: readonly number[] } {
  return damage.length === 0 ? {} : { damagedSnapshots: eventsOf(damage) };
}

function eventsOf(damage: readonly Damage[]): number[] {
  return [...new Set(damage.flatMap(({ seq }) => seq ?? []))].toSorted((a, b) => a - b);
}
