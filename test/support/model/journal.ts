import assert from "node:assert/strict";
import type {
  Append,
  EventFilter,
  InboxRow,
  Journal,
  Json,
  JsonObject,
  OpenIntent,
  Recorded,
  SealedSecret,
  StreamHead,
  Wake,
} from "../../../src/journal/port.ts";
import { keepRecording } from "./failed-history.ts";

type Request = InboxRow & { state: "waiting" | "taken" | "refused"; reason: string | null };

/** A journal in memory with the rules of the real one; what it keeps has been JSON. Survives every crash. */
export class MemoryJournal implements Journal {
  readonly recorded: Recorded[] = [];
  readonly #heads = new Map<string, StreamHead>();
  readonly #open = new Map<string, OpenIntent>();
  readonly #wakes = new Map<string, Wake>();
  readonly #sealed = new Map<string, SealedSecret & { stream: string }>();
  readonly #facts = new Map<string, Json>();
  readonly #requests: Request[] = [];
  readonly #observe: (input: Append, recorded: Recorded) => void;
  readonly #complain: (what: string) => void;

  constructor(observe: (input: Append, recorded: Recorded) => void, complain: (what: string) => void) {
    this.#observe = observe;
    this.#complain = complain;
    keepRecording(this.recorded);
  }

  append(input: Append): number {
    const { stream, event } = input;
    const { version = 0 } = this.#heads.get(stream) ?? {};
    assert.equal(version, input.expectedVersion, "the stream has moved on");
    this.#end(input);
    for (const secret of input.seal ?? []) this.#sealed.set(secret.ref.id, { ...secret, stream });
    this.#begin(input);
    for (const { name, at } of input.wakes ?? []) this.#wakes.set(`${stream} ${name}`, { stream, name, at });
    const recorded = plain({
      seq: this.recorded.length + 1,
      stream,
      version: version + 1,
      machineVersion: input.machineVersion,
      event,
      state: input.state,
      intents: input.intents ?? [],
      closes: input.closes ?? null,
      wakes: input.wakes ?? [],
      cancelWakes: input.cancelWakes ?? [],
      ...(input.withdraws?.length ? { withdraws: input.withdraws } : {}),
    }) as Recorded;
    this.recorded.push(recorded);
    this.#heads.set(stream, plain({ ...input, version: version + 1, at: event.at }) as unknown as StreamHead);
    if (input.takes !== undefined) this.#answer(input.takes, "taken");
    this.#observe(input, recorded);
    return recorded.seq;
  }

  rehearse(input: Append): void {
    assert.equal(this.#heads.get(input.stream)?.version ?? 0, input.expectedVersion, "the stream has moved on");
    if (input.closes !== undefined) assert.ok(this.#open.has(input.closes), `${input.closes} is not open`);
  }

  appendAll(inputs: readonly Append[]): void {
    for (const input of inputs) this.append(input);
  }

  #end({ stream, closes, withdraws = [], cancelWakes = [], forget = [] }: Append): void {
    if (closes !== undefined) assert.ok(this.#open.delete(closes), `${closes} is not open`);
    for (const id of withdraws) this.#open.delete(id);
    for (const name of cancelWakes) this.#wakes.delete(`${stream} ${name}`);
    // The agent keeps in mind what is sealed: it must be what the rows say.
    for (const id of forget) assert.ok(this.#sealed.delete(id), `${id} is not sealed`);
  }

  #begin({ stream, event, intents = [] }: Append): void {
    for (const intent of intents) {
      const twin = this.openIntents(stream).find(
        ({ kind, subject }) => kind === intent.kind && subject === intent.subject,
      );
      assert.equal(twin, undefined, `a second open ${intent.kind} of ${intent.subject}`);
      assert.ok(!this.#open.has(intent.id), `${intent.id} is not a new id`);
      const open = { ...intent, stream, openedAt: event.at, attempt: 0, phase: "open", failure: null } as const;
      this.#open.set(intent.id, plain(open) as OpenIntent);
    }
  }

  reschedule(id: string, to: Parameters<Journal["reschedule"]>[1]): void {
    const open = this.#open.get(id);
    if (open) this.#open.set(id, { ...open, ...to });
    else this.#complain(`${id} is rescheduled and not open`);
  }

  markOpen(id: string): void {
    const open = this.#open.get(id);
    if (open) this.#open.set(id, { ...open, phase: "open" });
    else this.#complain(`${id} is marked open and is not open`);
  }

  head(stream: string): StreamHead | undefined {
    return this.#heads.get(stream);
  }
  heads(prefix = ""): StreamHead[] {
    return [...this.#heads.values()].filter(({ stream }) => stream.startsWith(prefix));
  }
  *events(filter: EventFilter = {}): IterableIterator<Recorded> {
    const { stream, type, afterSeq = 0, beforeSeq = Number.POSITIVE_INFINITY, newestFirst = false } = filter;
    const isWanted = (value: string, among: string | readonly string[] | undefined) =>
      among === undefined || [among].flat().includes(value);
    const found = this.recorded.filter(
      ({ seq, version, stream: of, event, intents }) =>
        seq > afterSeq &&
        seq < beforeSeq &&
        version > (filter.afterVersion ?? 0) &&
        isWanted(of, stream) &&
        (isWanted(event.type, type) || intents.some(({ kind }) => filter.orAsks?.includes(kind))),
    );
    yield* newestFirst ? found.toReversed() : found;
  }
  lastSeq(): number {
    return this.recorded.length;
  }
  seqAt(at: number): number {
    return this.recorded.findLast(({ event }) => event.at <= at)?.seq ?? 0;
  }
  headsUpTo(seq: number): StreamHead[] {
    const moved = this.movedSince(seq);
    return this.heads().filter(({ stream }) => !moved.includes(stream));
  }
  movedSince(after: number): string[] {
    return [...new Set(this.recorded.filter(({ seq }) => seq > after).map(({ stream }) => stream))];
  }
  kept(): undefined {}
  dropped(): number {
    return 0;
  }
  openIntents(stream?: string): OpenIntent[] {
    return [...this.#open.values()].filter((intent) => stream === undefined || intent.stream === stream);
  }
  wakes(stream?: string): Wake[] {
    return [...this.#wakes.values()].filter((wake) => stream === undefined || wake.stream === stream);
  }
  dueIntents(now: number, limit: number): OpenIntent[] {
    const due = this.openIntents().filter(({ dueAt }) => dueAt <= now);
    return due.sort((a, b) => a.dueAt - b.dueAt).slice(0, limit);
  }
  dueWakes(now: number, limit: number): Wake[] {
    return this.wakes()
      .filter(({ at }) => at <= now)
      .slice(0, limit);
  }
  nextDue(after = -1): number | undefined {
    const due = [...this.openIntents().map(({ dueAt }) => dueAt), ...this.wakes().map(({ at }) => at)];
    const later = due.filter((at) => at > after);
    return later.length === 0 ? undefined : Math.min(...later);
  }
  sealed(id: string): string | undefined {
    return this.#sealed.get(id)?.jwe;
  }
  sealedRefs(stream?: string) {
    const all = [...this.#sealed.values()].map(({ ref, stream: of }) => ({ ...ref, stream: of }));
    return all.filter((ref) => stream === undefined || ref.stream === stream);
  }
  fact(name: string): Json | undefined {
    return this.#facts.get(name);
  }
  setFact(name: string, value: Json): void {
    this.#facts.set(name, value);
  }
  dataVersion(): number {
    return 0;
  }

  /** What a verb does from another process. */
  ask(verb: string, args: JsonObject, at: number): number {
    const id = this.#requests.length + 1;
    this.#requests.push({ id, verb, args, at, state: "waiting", reason: null });
    return id;
  }
  inbox(): InboxRow[] {
    return this.#requests.filter(({ state }) => state === "waiting");
  }
  request(id: number) {
    const row = this.#requests[id - 1];
    return row && { state: row.state, seq: null, reason: row.reason };
  }
  refuse(id: number, reason: string): void {
    this.#answer(id, "refused", reason);
  }
  take(id: number): void {
    this.#answer(id, "taken");
  }
  #answer(id: number, state: "taken" | "refused", reason: string | null = null): void {
    const row = this.#requests[id - 1];
    assert.equal(row?.state, "waiting");
    Object.assign(row, { state, reason });
  }

  tidy(): void {}
  close(): void {}
  compact(): { removed: number; kept: number } {
    return { removed: 0, kept: this.recorded.length };
  }
}

/** Through JSON, as the real rows go; what does not survive it unchanged must not have been in it. */
function plain(value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  return copy;
}
