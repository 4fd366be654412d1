const lines = new Map<string, Promise<unknown>>();

/** One after the other for each real file: two paths may lead to the same one. */
export function inLine<T>(path: string, work: () => Promise<T>): Promise<T> {
  const turn = (lines.get(path) ?? Promise.resolve()).then(work, work);
  lines.set(path, turn);
  const over = () => {
    if (lines.get(path) === turn) lines.delete(path);
  };
  turn.then(over, over);
  return turn;
}
