import type { Recorded } from "../../journal/port.ts";

/** How long tokens were in use, by the history: what no setting and no answer of the service can tell. Milliseconds. */
export interface Lives {
  /** Of those that a later one has replaced, oldest first. */
  readonly used: readonly number[];
  /** The last one was refused for good before anything replaced it: after so long, of the life that it was granted. */
  readonly cutShort: { readonly after: number; readonly of: number | null } | null;
}

interface Begun {
  readonly at: number;
  readonly life: number | null;
}

/** Pure. @param events of one enrolment, in order */
export function livesOf(events: Iterable<Recorded>): Lives {
  const used: number[] = [];
  let current: Begun | null = null;
  let cutShort: Lives["cutShort"] = null;
  for (const { event, state } of events) {
    if (event.type === "PAIR_ISSUED") {
      if (current) used.push(event.at - current.at);
      current = { at: event.at, life: lifeOf(event.facts) };
      cutShort = null;
    } else if (event.type === "REMOVED") {
      cutShort = state === "revoked" && current ? { after: event.at - current.at, of: current.life } : null;
      current = null;
    }
  }
  return { used, cutShort };
}

function lifeOf(facts: unknown): number | null {
  const { issuedAt, expiresAt } = (facts ?? {}) as { issuedAt?: number; expiresAt?: number };
  return issuedAt === undefined || expiresAt === undefined ? null : expiresAt - issuedAt;
}

/** The middle one; undefined of none. */
export function median(lengths: readonly number[]): number | undefined {
  return lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)];
}
