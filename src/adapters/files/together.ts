/**
 * Work whose result serves everybody who asked before it began: while it runs for a key, those who ask share the next run.
 * A folder is synced once for all files that were renamed into it meanwhile.
 */
export function together<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const running = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<T>>();
  const begin = (key: string): Promise<T> => {
    next.delete(key);
    const run = work(key);
    running.set(key, run);
    const over = () => {
      if (running.get(key) === run) running.delete(key);
    };
    run.then(over, over);
    return run;
  };
  return (key) => {
    const now = running.get(key);
    if (!now) return begin(key);
    const shared = next.get(key) ?? now.catch(() => undefined).then(() => begin(key));
    next.set(key, shared);
    return shared;
  };
}
