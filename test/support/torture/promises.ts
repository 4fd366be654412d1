/** What every run is held to, in the words of its report; a broken one is counted. */
export const PROMISES = {
  lost: "credentials lost after the sealed row",
  unnoticed: "answers lost unnoticed",
  presented: "presentations of a spent pair beyond one per lost answer",
  removed: "wrong deletes",
  file: "torn or stale files",
  forgotten: "bootstrap, superseded or orphaned tokens forgotten",
  journal: "journals that don't verify",
} as const;

export type PromiseName = keyof typeof PROMISES;

export class BrokenPromise extends Error {
  readonly promise: PromiseName;

  constructor(promise: PromiseName, what: string) {
    super(`${PROMISES[promise]}: ${what}`);
    this.name = "BrokenPromise";
    this.promise = promise;
  }
}

/** @param what What was found where this was not so. */
export function keeps(promise: PromiseName, isKept: unknown, what: string): asserts isKept {
  if (!isKept) throw new BrokenPromise(promise, what);
}
