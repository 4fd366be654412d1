import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "../src/journal/journal.ts";
import type { Append, Journal, JsonObject, SecretRef } from "../src/journal/port.ts";
import { digest } from "../src/seal/digest.ts";
import { generateKey } from "../src/seal/key.ts";

/** A line of the bench's table. `aim` says what the figure should be; absent where it is only shown. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly aim?: string;
}

const rounds = 150;
const warmUpRotations = 100;
const eventsPerRotation = 7;
/** A sealed pair: two JWTs of a common size. */
const jweOfPair = "j".repeat(2600);

/**
 * One event's whole transaction (the event, its intents, wakes, sealed secrets and snapshot; the mean over a rotation)
 * beside overwriting as many bytes in place and `fdatasync`, on the same disk, in turns, so that its moods hit both.
 *
 * @param parent A directory on the disk to measure.
 */
export async function benchJournal(parent: string = process.cwd()): Promise<Figure[]> {
  const directory = mkdtempSync(join(parent, ".bench-journal-"));
  const journal = openJournal({ directory, key: generateKey(), clock: () => 0, appVersion: "bench" });
  const raw = openSync(join(directory, "raw"), "w+");
  try {
    const next = rotations();
    const walBytes = measureWal(join(directory, "journal.db-wal"), () => appendAll(journal, next()));
    repeat(warmUpRotations, () => appendAll(journal, next()));
    return figures(inTurns(journal, next, overwriter(raw, walBytes)), walBytes);
  } finally {
    closeSync(raw);
    journal.close();
    rmSync(directory, { recursive: true });
  }
}

function figures({ journal, raw }: { journal: number[]; raw: number[] }, walBytes: number): Figure[] {
  const [own, bare] = [median(journal), median(raw)];
  return [
    { name: "journal: rate beside in-place overwrite + fdatasync", value: bare / own, unit: "×", aim: "≥ 0.7" },
    { name: "journal: WAL bytes per event", value: walBytes, unit: "B" },
    { name: "journal: events per second", value: 1000 / own, unit: "1/s" },
    { name: "journal: one event, median", value: own, unit: "ms" },
    { name: "raw: overwrite + fdatasync, median", value: bare, unit: "ms" },
  ];
}

/** Milliseconds per event; one sample is a rotation and as many overwrites as it has events. */
function inTurns(journal: Journal, next: () => Append[], overwrite: () => void): { journal: number[]; raw: number[] } {
  const times = { journal: [] as number[], raw: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const inputs = next();
    times.journal.push(timed(() => appendAll(journal, inputs)) / eventsPerRotation);
    times.raw.push(timed(() => repeat(eventsPerRotation, overwrite)) / eventsPerRotation);
  }
  return times;
}

function appendAll(journal: Journal, inputs: readonly Append[]): void {
  for (const input of inputs) journal.append(input);
}

function repeat(times: number, work: () => void): void {
  for (let i = 0; i < times; i++) work();
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** What a fresh WAL grows by; so few events that no checkpoint comes in between. */
function measureWal(path: string, rotate: () => void): number {
  rotate();
  const before = statSync(path).size;
  const times = 8;
  repeat(times, rotate);
  return Math.round((statSync(path).size - before) / (times * eventsPerRotation));
}

function overwriter(file: number, bytes: number): () => void {
  const size = 4 * 1024 * 1024;
  const block = Buffer.alloc(bytes, 1);
  for (let at = 0; at < size; at += bytes) writeSync(file, block, 0, bytes, at);
  fdatasyncSync(file);
  let at = 0;
  return () => {
    block.fill(at & 0xff);
    writeSync(file, block, 0, bytes, at);
    fdatasyncSync(file);
    at = at + 2 * bytes > size ? 0 : at + bytes;
  };
}

/** Ten enrolments that rotate by turns: the appends of the next rotation, made before the clock runs. */
function rotations(): () => Append[] {
  const versions = new Array<number>(10).fill(0);
  let count = 0;
  return () => {
    const index = count++ % versions.length;
    const version = versions[index] ?? 0;
    versions[index] = version + eventsPerRotation;
    return rotation(`enrolment/service-${index}`, version);
  };
}

/** What an active enrolment journals from its half-life to the next: each outcome closes its intent and opens the next. */
function rotation(stream: string, start: number): Append[] {
  const pair = { id: `${stream}/pair/${start}`, kind: "pair", digest: digest(`${stream}${start}`) } as const;
  const steps: (Partial<Append> & { type: string; opens?: string })[] = [
    { type: "DUE", opens: "claim", cancelWakes: ["due"] },
    { type: "CLAIMED", opens: "read" },
    { type: "SECRET_READ", opens: "refresh" },
    { type: "PAIR_ISSUED", opens: "store", seal: [{ ref: pair, jwe: jweOfPair }] },
    { type: "STORED", opens: "sync", forget: [pair.id], wakes: [{ name: "due", at: start + 1e9 }] },
    { type: "SYNCED", opens: "release" },
    { type: "RELEASED" },
  ];
  let before: string | undefined;
  return steps.map(({ type, opens, ...rest }, index) => {
    const expectedVersion = start + index;
    const at = 1_764_000_000_000 + expectedVersion * 1000;
    const id = `${stream}/${expectedVersion + 1}/0`;
    const closes = before;
    before = opens === undefined ? undefined : id;
    return {
      stream,
      expectedVersion,
      machineVersion: 1,
      event: { type, at, version: expectedVersion, digest: pair.digest, serverTime: at },
      state: { refreshing: opens ?? "done" },
      snapshot: snapshotOf(opens ?? "done", pair, at),
      intents:
        opens === undefined ? [] : [{ id, kind: opens, subject: pair.id, params: { pair }, once: false, dueAt: at }],
      ...(closes === undefined ? {} : { closes }),
      ...rest,
    };
  });
}

/** As large as an enrolment's: its settings, the pair in use and the fresh one, and the digests of spent ones. */
function snapshotOf(phase: string, ref: SecretRef, at: number): JsonObject {
  const facts = { complete: true, refreshable: true, digest: ref.digest, tokenId: ref.id, user: "alice", spread: 0.5 };
  const pair = { ...facts, origin: "https://mycompany.jfrog.io", issuedAt: at, expiresAt: at + 5e9, ref: { ...ref } };
  return {
    value: { refreshing: phase },
    status: "active",
    context: {
      settings: { engine: "jfrog", origin: "https://mycompany.jfrog.io", label: "dotvault alice@laptop jfrog" },
      current: { ...pair, stored: { version: 12, createdAt: at } },
      fresh: { ...pair, stored: null },
      lease: { version: 7, doubt: null },
      spent: Array.from({ length: 4 }, () => ref.digest),
      cleanups: [{ ref: { ...ref }, tokenId: ref.id, why: "superseded", since: at }],
      notices: [],
      skew: 12,
    },
  };
}

if (import.meta.main) {
  for (const { name, value, unit, aim } of await benchJournal()) {
    console.log(`${name.padEnd(54)} ${value.toPrecision(4).padStart(9)} ${unit.padEnd(4)} ${aim ?? ""}`);
  }
}
