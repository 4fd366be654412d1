import type { JournalReader, NewIntent, Recorded } from "../../journal/port.ts";
import { CIRCLE, ENROLMENT, REVOCATIONS, RULE, VAULT } from "../../machines/stream/names.ts";
import { type StateValue, stateName } from "../../machines/stream/state-name.ts";
import type { AskedStep, Entry, Event, OpenTrouble } from "../../terminal/log/entry.ts";
import { LostAnswers } from "./came-out.ts";

/** Streams whose state is a machine's: where it moves is told. */
const MACHINES = /^(enrolment|vault)\//;

const KINDS = [
  [ENROLMENT, "enrolment"],
  [RULE, "file"],
  [CIRCLE, "circle"],
  [REVOCATIONS, "revocations"],
  [VAULT, "vault"],
] as const;

/** Reads the journal's events as entries, one after the other; remembers what makes an entry causal. */
export class EntryReader {
  readonly #states = new Map<string, string>();
  readonly #failing = new Map<string, Date>();
  readonly #lost = new LostAnswers();

  /** What comes follows on this state. */
  stands(stream: string, state: string): void {
    this.#states.set(stream, state);
  }

  read(recorded: Recorded): Entry {
    const { seq, stream, event } = recorded;
    const state = stateName(recorded.state as StateValue);
    const before = this.#states.get(stream);
    const cameOut = this.#lost.heed(stream, event as Event, event.at, { before: before ?? "", after: state });
    this.#states.set(stream, state);
    const entry: Entry = {
      seq,
      at: new Date(event.at),
      ...subjectOf(stream),
      event: event as Event,
      state,
      moved: before !== state && MACHINES.test(stream),
      asked: recorded.intents.map((intent) => askedStep(intent, event.at)),
      timers: recorded.wakes.map(({ name, at }) => ({ name, at: new Date(at) })),
      retried: this.#retried(recorded),
      cameOut,
    };
    this.#noteFailure(recorded);
    return entry;
  }

  /** FAILED stands for the first failure of its class; the outcome that ends the step knows how often it was tried. */
  #retried({ stream, event, closes }: Recorded): Entry["retried"] {
    if (closes === null) return null;
    const since = this.#endOf(stream, closes);
    if (since === undefined || event.type === "FAILED") return null;
    return { since, tries: typeof event.tries === "number" ? event.tries : null };
  }

  #noteFailure({ stream, event, intents, withdraws = [] }: Recorded): void {
    for (const { id, kind } of intents) this.#open.set(id, { stream, kind });
    for (const id of withdraws) this.#endOf(stream, id);
    if (event.type !== "FAILED") return;
    const step = stepOf(stream, String(event.intent));
    if (!this.#failing.has(step)) this.#failing.set(step, new Date(event.at));
  }

  readonly #open = new Map<string, { readonly stream: string; readonly kind: string }>();

  /** The intent is over; since when its step had failed, if it had. */
  #endOf(stream: string, id: string): Date | undefined {
    const intent = this.#open.get(id);
    this.#open.delete(id);
    // Mostly nothing fails: then no step has to be named.
    if (this.#failing.size === 0 || intent?.stream !== stream) return undefined;
    const step = stepOf(stream, intent.kind);
    const since = this.#failing.get(step);
    this.#failing.delete(step);
    return since;
  }
}

function stepOf(stream: string, kind: string): string {
  return `${stream} ${kind}`;
}

function askedStep({ kind, once, dueAt, params }: NewIntent, at: number): AskedStep {
  const { pair } = params as { readonly pair?: { readonly kind: string } };
  return { kind, once, about: pair?.kind ?? null, after: Math.max(0, dueAt - at) };
}

function subjectOf(stream: string): Pick<Entry, "kind" | "name"> {
  for (const [prefix, kind] of KINDS) {
    if (stream.startsWith(prefix)) return { kind, name: stream.slice(prefix.length) };
  }
  return { kind: "journal", name: stream };
}

/** Steps that have failed and are still being tried. */
export function openTroubles(reader: JournalReader, streams: ReadonlySet<string> | undefined): OpenTrouble[] {
  return reader
    .openIntents()
    .filter(({ stream, failure }) => failure !== null && (streams === undefined || streams.has(stream)))
    .map(({ stream, kind, attempt, dueAt, failure }) => ({
      name: subjectOf(stream).name,
      step: kind,
      tries: attempt,
      since: new Date(failure?.since ?? dueAt),
      nextAt: new Date(dueAt),
    }));
}
