import { StoreFailure, type StoreFailureClass } from "../adapters/store-port.ts";
import { DotvaultError } from "../errors.ts";
import type { Json } from "../journal/port.ts";
import type { StoreTrouble } from "../machines/store-trouble.ts";
import type { Log } from "./ports.ts";

const OF_ONE_SECRET: readonly StoreFailureClass[] = [
  "store.denied",
  "store.refused",
  "store.odd-answer",
  "store.damaged",
];

/** Whether the failure is about the secret that was asked for, so that others may still be had. */
export function concernsOne(error: unknown): boolean {
  return error instanceof StoreFailure && isOfOne(error.class);
}

function isOfOne(failureClass: string | null): boolean {
  return OF_ONE_SECRET.some((known) => known === failureClass);
}

/** A store's failure as a fact that `status` can show. */
export function storeTrouble(error: unknown, at: number): StoreTrouble {
  if (error instanceof StoreFailure) {
    return { class: error.class, message: error.message, hint: error.hint ?? null, at };
  }
  if (error instanceof DotvaultError)
    return { class: error.code, message: error.message, hint: error.hint ?? null, at };
  // A library's message may quote what it was working on.
  const name = error instanceof Error ? error.name : "unknown";
  return { class: `agent.unexpected.${name}`, message: `an unexpected error (${name})`, hint: null, at };
}

/** The store's trouble as it stands in the journal. A change of class is news; the same again is not. */
export class KnownTrouble {
  #class: string | null = "unknown";
  readonly #note: (value: Json) => boolean;
  readonly #log: Log;

  /** @param note writes the fact down; false: that did not work */
  constructor(note: (value: Json) => boolean, log: Log) {
    this.#note = note;
    this.#log = log;
  }

  /** What concerned all is over with the first secret that can be looked at again, what concerned one with a whole round. */
  went({ wholeRound }: { readonly wholeRound: boolean }): void {
    if (this.#class === null || (isOfOne(this.#class) && !wholeRound)) return;
    if (this.#note(null)) this.#class = null;
  }

  failed(error: unknown, at: number): void {
    const trouble = storeTrouble(error, at);
    if (this.#class === trouble.class) return;
    this.#log.warn({ class: trouble.class }, trouble.message);
    if (this.#note(trouble)) this.#class = trouble.class;
  }
}
