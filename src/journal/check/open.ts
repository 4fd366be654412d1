import type { EventRow } from "../columns.ts";
import type { Connection } from "../connection.ts";
import type { NewIntent, SecretRef } from "../port.ts";
import { type Effects, parse } from "../rows.ts";
import type { Findings } from "./report.ts";

/**
 * Folds the events into what must be open and alive after them, and compares that with the tables. Of a stream whose
 * beginning is compacted only what the rest says is known: more than that in a table is then no problem.
 */
export class OpenCheck {
  readonly #findings: Findings;
  readonly #path: string;
  readonly #whole = new Set<string>();
  readonly #intents = new Map<string, NewIntent & { readonly stream: string }>();
  readonly #wakes = new Map<string, number>();
  readonly #secrets = new Map<string, SecretRef & { readonly stream: string }>();

  constructor(findings: Findings, path: string) {
    this.#findings = findings;
    this.#path = path;
  }

  /** To be called with every readable event in order. */
  see(row: EventRow): void {
    if (row.version === 1) this.#whole.add(row.stream);
    this.#findings.attempt(`event ${row.seq}`, undefined, () => {
      parse(this.#path, "event", row.event);
      parse(this.#path, "state", row.state);
      this.#fold(row.stream, parse<Effects>(this.#path, "effects", row.effects));
    });
  }

  #fold(stream: string, effects: Effects): void {
    const ended = [...(effects.closes === undefined ? [] : [effects.closes]), ...(effects.withdraws ?? [])];
    for (const id of ended) this.#intents.delete(id);
    for (const name of effects.cancelWakes ?? []) this.#wakes.delete(wakeKey(stream, name));
    for (const id of effects.forgets ?? []) this.#secrets.delete(id);
    for (const ref of effects.sealed ?? []) this.#secrets.set(ref.id, { ...ref, stream });
    for (const intent of effects.intents ?? []) this.#intents.set(intent.id, { ...intent, stream });
    for (const { name, at } of effects.wakes ?? []) this.#wakes.set(wakeKey(stream, name), at);
  }

  /** To be called once, after the last event. */
  compare(connection: Connection): void {
    this.#findings.attempt("intents", undefined, () => this.#compareIntents(connection));
    this.#findings.attempt("wakes", undefined, () => this.#compareWakes(connection));
    this.#findings.attempt("secrets", undefined, () => this.#compareSecrets(connection));
  }

  #compareIntents(connection: Connection): void {
    type Row = { id: string; stream: string; kind: string; subject: string; params: string; once: number };
    const rows = connection.all<Row>("SELECT id, stream, kind, subject, params, once FROM intents");
    const found = new Map(rows.map((row) => [row.id, describeIntent({ ...row, once: row.once === 1 })]));
    for (const [id, intent] of this.#intents) {
      const wanted = describeIntent({ ...intent, params: JSON.stringify(intent.params) });
      if (found.get(id) !== wanted)
        this.#findings.add("intent", `open intent ${id} of ${intent.stream} is gone or changed`);
    }
    for (const { id, stream } of rows) {
      if (this.#whole.has(stream) && !this.#intents.has(id)) {
        this.#findings.add("intent", `intent ${id} of ${stream} is open, but no event says so`);
      }
    }
  }

  #compareWakes(connection: Connection): void {
    const rows = connection.all<{ stream: string; name: string; at: number }>("SELECT stream, name, at FROM wakes");
    const found = new Map(rows.map((row) => [wakeKey(row.stream, row.name), row]));
    for (const [key, at] of this.#wakes) {
      if (found.get(key)?.at !== at) this.#findings.add("wake", `wake ${key} is gone or changed`);
    }
    for (const [key, { stream }] of found) {
      if (this.#whole.has(stream) && !this.#wakes.has(key)) {
        this.#findings.add("wake", `wake ${key} is set, but no event says so`);
      }
    }
  }

  #compareSecrets(connection: Connection): void {
    const rows = connection.all<{ id: string; stream: string }>("SELECT id, stream FROM secrets");
    const found = new Map(rows.map((row) => [row.id, row.stream]));
    for (const [id, { stream }] of this.#secrets) {
      if (found.get(id) !== stream) this.#findings.add("secret", `sealed secret ${id} of ${stream} is gone`);
    }
    for (const { id, stream } of rows) {
      if (this.#whole.has(stream) && !this.#secrets.has(id)) {
        this.#findings.add("secret", `sealed secret ${id} of ${stream} should have been forgotten`);
      }
    }
  }
}

function describeIntent(row: { stream: string; kind: string; subject: string; params: string; once: boolean }): string {
  return JSON.stringify([row.stream, row.kind, row.subject, row.params, row.once]);
}

function wakeKey(stream: string, name: string): string {
  return `${stream} ${name}`;
}
