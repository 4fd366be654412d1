import type { JournalReader, OpenIntent } from "../../journal/port.ts";
import type { Beginning } from "../../machines/forecast/simulation.ts";
import type { AnySnapshot } from "../../machines/stream/decide.ts";
import type { Standing } from "../../machines/stream/step.ts";

/** A stream with all that is under way in it. */
export function beganWith<S extends AnySnapshot>(
  reader: JournalReader,
  head: Pick<Standing<S>, "stream" | "version" | "snapshot">,
  agentRuns: boolean,
): Beginning<S> {
  const open = reader.openIntents(head.stream).map((intent) => ({
    ...intent,
    failed: intent.failure !== null,
    lost: !agentRuns && wasSent(intent),
  }));
  const wakes = reader.wakes(head.stream);
  return { standing: { ...head, open, wakes: wakes.map((wake) => wake.name) }, open, wakes };
}

/** The next start will find it so, and call its answer lost. */
function wasSent({ once, phase }: OpenIntent): boolean {
  return once && phase === "open";
}
