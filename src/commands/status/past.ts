import { DotvaultError } from "../../errors.ts";
import type { JournalReader, JsonObject, OpenIntent, Recorded, Standing, Wake } from "../../journal/port.ts";
import { standingOf } from "../../journal/standing.ts";
import type { HistoryRow, HistoryStanding } from "../../machines/history/history.ts";
import { type Begin, FOLDS } from "../../machines/replay/folds.ts";

/** The journal's own stream. */
const JOURNAL = "journal";

type Past = Pick<JournalReader, "heads" | "openIntents" | "wakes" | "fact" | "sealedRefs">;

/**
 * The journal as it was at a moment. What has not moved since is as it is now; of the rest the nearest standing before that was
 * kept, and the few events behind it, folded by the same machines. What is no event is not known then (whether an agent ran;
 * how often a step had been tried beyond the first failure). Throws `journal.compacted` where what was then has been dropped,
 * `journal.damaged` where what was kept is not as it was written.
 */
export async function pastOf(reader: JournalReader, at: number): Promise<Past> {
  const version = reader.dataVersion();
  const past = await onceOver(reader, at);
  // The agent has written, or compacted, between two of the reads: they don't belong together.
  return reader.dataVersion() === version ? past : pastOf(reader, at);
}

async function onceOver(reader: JournalReader, at: number): Promise<Past> {
  refuseDropped(reader, at);
  const end = reader.seqAt(at);
  const open = Map.groupBy(reader.openIntents(), ({ stream }) => stream);
  const wakes = Map.groupBy(reader.wakes(), ({ stream }) => stream);
  const all: Standing[] = reader.headsUpTo(end).map((head) => {
    return { head, open: open.get(head.stream) ?? [], wakes: wakes.get(head.stream) ?? [] };
  });
  // Nothing stands on the journal's own stream.
  const moved = reader.movedSince(end).filter((stream) => stream !== JOURNAL);
  for (const stream of moved) all.push(...(await standingAt(reader, stream, end)));
  return inPast(all.toSorted((one, other) => (one.head.stream < other.head.stream ? -1 : 1)));
}

function inPast(all: readonly Standing[]): Past {
  const ofStream = <T extends OpenIntent | Wake>(rows: readonly T[], stream: string | undefined) =>
    rows.filter((row) => stream === undefined || row.stream === stream);
  const open = all.flatMap((one) => one.open);
  const wakes = all.flatMap((one) => one.wakes);
  return {
    heads: (prefix = "") => all.map(({ head }) => head).filter(({ stream }) => stream.startsWith(prefix)),
    openIntents: (stream) => ofStream(open, stream),
    wakes: (stream) => ofStream(wakes, stream),
    fact: () => undefined,
    sealedRefs: () => [],
  };
}

/** None: it began later, or nothing stands on it. */
async function standingAt(reader: JournalReader, stream: string, end: number): Promise<Standing[]> {
  const kept = reader.kept(stream, end);
  if (kept && (kept.row.next ?? Number.POSITIVE_INFINITY) > end) return [standingOf(kept)];
  const rest = [...reader.events({ stream, beforeSeq: end + 1, afterVersion: kept?.row.version ?? 0 })];
  if (kept === undefined) refuseCompacted(reader, stream);
  return rest.length === 0 ? [] : folded(stream, kept ? standingOf(kept) : null, rest);
}

async function folded(stream: string, start: Standing | null, rest: readonly Recorded[]): Promise<Standing[]> {
  const begin = await beginningOf(stream);
  if (begin === undefined) return [];
  let place = begin(start && ({ ...start.head, open: start.open, wakes: start.wakes } as unknown as HistoryStanding));
  let { open, wakes }: Omit<Standing, "head"> = start ?? { open: [], wakes: [] };
  for (const recorded of rest) {
    const closes = open.find(({ id }) => id === recorded.closes) ?? null;
    place = place.play({ ...recorded, closes } as HistoryRow).next;
    [open, wakes] = [openAfter(open, recorded), wakesAfter(wakes, recorded)];
  }
  const { version, machineVersion, state, event } = rest.at(-1) as Recorded;
  return [
    {
      head: { stream, version, machineVersion, state, snapshot: place.snapshot as JsonObject, at: event.at },
      open,
      wakes,
    },
  ];
}

/** The machines are loaded only where one has to be run: that takes as long as all the rest. */
async function beginningOf(stream: string): Promise<Begin | undefined> {
  const [kind = ""] = stream.split("/");
  const { [kind]: fold }: Readonly<Record<string, Begin>> = FOLDS;
  if (fold || !MACHINES.includes(kind)) return fold;
  const { BEGINNINGS } = await import("../../machines/replay/places.ts");
  return BEGINNINGS[kind as keyof typeof BEGINNINGS];
}

const MACHINES: readonly string[] = ["enrolment", "vault"];

/** Compaction has kept what all since a moment follows from. */
function refuseDropped(reader: JournalReader, at: number): void {
  let before = Number.NEGATIVE_INFINITY;
  for (const { event } of reader.events({ stream: JOURNAL, type: ["COMPACTED"] })) {
    before = Math.max(before, Number(event.before));
  }
  if (at < before) throw compacted(before);
}

/** Without a kept standing a stream is followed from its beginning. */
function refuseCompacted(reader: JournalReader, stream: string): void {
  const [first] = reader.events({ stream, limit: 1 });
  if (first !== undefined && first.version > 1) throw compacted(first.event.at);
}

function compacted(before: number): DotvaultError {
  return new DotvaultError("journal.compacted", `what was before ${new Date(before).toISOString()} is no longer kept`, {
    hint: "ask for a later moment; journal.retention says how long events are kept",
  });
}

function openAfter(
  open: readonly OpenIntent[],
  { stream, event, closes, withdraws = [], intents }: Recorded,
): OpenIntent[] {
  const kept = open
    .filter(({ id }) => id !== closes && !withdraws.includes(id))
    .map((intent) => withFailure(intent, event));
  const begun = intents.map((intent) => {
    return { ...intent, stream, openedAt: event.at, attempt: 0, phase: "open" as const, failure: null };
  });
  return [...kept, ...begun];
}

/** FAILED stands for the first failure of its class. */
function withFailure(intent: OpenIntent, { type, at, ...rest }: Recorded["event"]): OpenIntent {
  if (type !== "FAILED" || rest.intent !== intent.kind) return intent;
  const failure = { class: String(rest.class), message: String(rest.message), since: intent.failure?.since ?? at, at };
  return { ...intent, attempt: intent.attempt + 1, failure };
}

function wakesAfter(wakes: readonly Wake[], { stream, wakes: set, cancelWakes }: Recorded): Wake[] {
  const ended = new Set([...cancelWakes, ...set.map(({ name }) => name)]);
  return [...wakes.filter(({ name }) => !ended.has(name)), ...set.map(({ name, at }) => ({ stream, name, at }))];
}
