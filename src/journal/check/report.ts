/** What can be wrong with a journal. Stable. */
export const PROBLEM_CODES = [
  ...(["file", "mode", "unreadable", "missing", "chain", "head", "intent", "wake", "secret"] as const),
  ...(["kept", "clock"] as const),
] as const;

/** Something wrong with the journal. `what` is for people. */
export interface Problem {
  readonly code: (typeof PROBLEM_CODES)[number];
  readonly what: string;
  /** The event that it is about, where it is about one. */
  readonly seq?: number;
}

export interface JournalReport {
  readonly path: string;
  readonly ok: boolean;
  /** The dotvault that wrote it last. */
  readonly writtenBy: string;
  /** `unchecked`: there was no key. A cut tail can't be seen by the chain. */
  readonly chain: "verified" | "broken" | "unchecked";
  /** Events that can be read, and the range that they lie in. */
  readonly events: { readonly readable: number; readonly first: number; readonly last: number };
  /** Events that compaction removed. */
  readonly compacted: number;
  readonly streams: number;
  /** Sealed secrets, and how many of them this key opens (`null`: there was no key). */
  readonly secrets: { readonly kept: number; readonly opened: number | null };
  /** At most {@link Findings.limit} of them. */
  readonly problems: readonly Problem[];
}

/** Collects problems: one that stops a part of the check is a finding, too, and the other parts go on. */
export class Findings {
  static readonly limit = 100;
  readonly problems: Problem[] = [];

  add(code: Problem["code"], what: string, seq?: number): void {
    if (this.problems.length >= Findings.limit) return;
    this.problems.push(seq === undefined ? { code, what } : { code, what, seq });
  }

  has(code: Problem["code"]): boolean {
    return this.problems.some((problem) => problem.code === code);
  }

  /** Runs a part of the check; what it throws is a problem of the file. */
  attempt<T>(part: string, otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.add("file", `${part}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    }
  }
}
