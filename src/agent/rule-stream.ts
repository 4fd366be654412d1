import type { Append, Json, JsonObject } from "../journal/port.ts";
import { foldRule, RULE_VERSION, type RuleEvent, type RuleSnapshot, ruleSnapshot } from "../machines/rule/rule.ts";
import { RULE } from "../machines/stream/names.ts";
import type { Outcomes } from "./outcomes.ts";
import type { Log } from "./ports.ts";

/** The streams of the rules: what became of each file. */
export class RuleStreams {
  readonly #journal: Outcomes;
  readonly #log: Log;

  constructor(journal: Outcomes, log: Log) {
    this.#journal = journal;
    this.#log = log;
  }

  snapshot(rule: string): RuleSnapshot {
    return ruleSnapshot(this.#journal.head(RULE + rule)?.snapshot);
  }

  /** Journals what happened, if that is news. */
  record(rule: string, event: RuleEvent): void {
    const input = this.#input(rule, event);
    if (input === undefined) return;
    this.#journal.append(input);
    this.#tell(rule, event);
  }

  /**
   * Journals a person's word together with the request that it came by: it is heard once, whatever kills whom. Throws what
   * the journal throws.
   */
  hear(rule: string, event: RuleEvent, takes: number | undefined): void {
    const input = this.#input(rule, event);
    if (input !== undefined) this.#journal.appendNow({ ...input, ...(takes === undefined ? {} : { takes }) });
  }

  #input(rule: string, event: RuleEvent): Append | undefined {
    const stream = RULE + rule;
    const head = this.#journal.head(stream);
    const after = foldRule(ruleSnapshot(head?.snapshot), event);
    if (after === null) return undefined;
    return {
      stream,
      expectedVersion: head?.version ?? 0,
      machineVersion: RULE_VERSION,
      event: event as unknown as { type: string; at: number; [key: string]: Json },
      state: after.value,
      snapshot: after as unknown as JsonObject,
    };
  }

  #tell(rule: string, event: RuleEvent): void {
    const { path } = event;
    if (event.type === "FILE_FAILED") this.#log.warn({ rule, code: event.code }, event.message);
    if (event.type === "FILE_WRITTEN") this.#log.info({ rule, path, source: event.source }, "wrote");
    if (event.type === "FILE_EDITED")
      this.#log.warn({ rule, path, keys: event.keys }, "somebody else changed the file");
    if (event.type === "FILE_NARROWED")
      this.#log.warn({ rule, path, from: event.from, to: event.to }, "the file was open to others");
    if (event.type === "FILE_CLEANED") this.#log.info({ rule, path, why: event.why }, "took the rule's values out");
    if (event.type === "POST_FAILED") this.#log.warn({ rule, path }, `the program after it failed: ${event.message}`);
  }
}
