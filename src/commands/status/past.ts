import { DotvaultError } from "../../errors.ts";
import type { JournalReader, JsonObject, OpenIntent, Recorded, Standing, Wake } from "../../journal/port.ts";
import { type Damage, wholeUpTo } from "../../journal/standing.ts";
import type { HistoryRow, HistoryStanding } from "../../machines/history/history.ts";
import { type Begin, FOLDS } from "../../machines/replay/folds.ts";

/** The journal's own stream. */
const JOURNAL = "journal";

export interface Past extends Pick<JournalReader, "heads" | "openIntents" | "wakes" | "fact" | "sealedRefs"> {
  /** Kept standings that were passed over, since they are damaged. */
  readonly damage: readonly Damage[];
}

/**
 * The journal as it was at a moment. What has not moved since is as it is now; of the rest the nearest standing before that was
 * kept, and the few events behind it, folded by the same machines. What is no event is not known then (whether an agent ran;
 * how often a step had been tried beyond the first failure). Throws `journal.compacted` where what was then has been dropped,
 * `journal.damaged` where what was kept of it is damaged and nothing older is left to tell it from.
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
  const damage: Damage[] = [];
  const lost: Lost[] = [];
  for (const stream of moved) {
    const found = await standingAt(reader, stream, { end, damage });
    if (isLost(found)) lost.push(found);
    else all.push(...found);
  }
  if (lost.length > 0) throw notTold(lost);
  const byName = all.toSorted((one, other) => (one.head.stream < other.head.stream ? -1 : 1));
  return { ...inPast(byName), damage };
}

function inPast(all: readonly Standing[]): Omit<Past, "damage"> {
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

/** What stood then can't be told: its beginning was dropped, and what was kept of that is not there, or damaged. */
interface Lost {
  /** From when on it can, milliseconds. */
  readonly from: number;
  readonly damage: Damage | undefined;
}

function isLost(found: readonly Standing[] | Lost): found is Lost {
  return "from" in found;
}

/** None: it began later, or nothing stands on it. */
async function standingAt(
  reader: JournalReader,
  stream: string,
  { end, damage }: { readonly end: number; readonly damage: Damage[] },
): Promise<readonly Standing[] | Lost> {
  const passedOver: Damage[] = [];
  const [kept] = wholeUpTo(reader, stream, end, (one) => passedOver.push(one)).take(1);
  damage.push(...passedOver);
  if (kept && (kept.next ?? Number.POSITIVE_INFINITY) > end) return [kept];
  const rest = [...reader.events({ stream, beforeSeq: end + 1, afterVersion: kept?.head.version ?? 0 })];
  if (kept === undefined && isShortened(reader, stream)) {
    return { from: toldFrom(reader, stream, end), damage: passedOver.at(-1) };
  }
  return rest.length === 0 ? [] : folded(stream, kept ?? null, rest);
}

/** The first moment since which all of the stream follows from something: a kept standing, or how it stands now. */
function toldFrom(reader: JournalReader, stream: string, end: number): number {
  const later = [...wholeUpTo(reader, stream, Number.MAX_SAFE_INTEGER)].filter(({ seq }) => seq > end);
  return (later.at(-1)?.head ?? reader.head(stream))?.at ?? end;
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
function isShortened(reader: JournalReader, stream: string): boolean {
  const [first] = reader.events({ stream, limit: 1 });
  return first !== undefined && first.version > 1;
}

function notTold(lost: readonly Lost[]): DotvaultError {
  const from = Math.max(...lost.map((one) => one.from));
  const [cause] = lost.flatMap(({ damage }) => damage?.error ?? []);
  if (cause === undefined) return compacted(from);
  return new DotvaultError("journal.damaged", `${cause.message}, and what was before it is no longer kept`, {
    hint: `what was from ${new Date(from).toISOString()} on can be told; dotvault journal check tells what is damaged`,
    cause,
  });
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
