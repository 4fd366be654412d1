interface Entry {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

/** What is to happen, by its time; at one time, in the order in which it was added. A binary heap. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #order = 0;

  add(at: number, happen: () => void): void {
    const heap = this.#heap;
    let place = heap.push({ at, order: this.#order++, happen }) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(heap[place], heap[parent])) return;
      swap(heap, place, parent);
      place = parent;
    }
  }

  /** Takes out what is next. */
  next(): (() => void) | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first?.happen;
    heap[0] = last;
    for (let place = 0; ; ) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const child = isBefore(heap[right], heap[left]) ? right : left;
      if (!isBefore(heap[child], heap[place])) return first.happen;
      swap(heap, place, child);
      place = child;
    }
  }
}

function isBefore(one: Entry | undefined, other: Entry | undefined): boolean {
  if (!one || !other) return one !== undefined && other === undefined;
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function swap(heap: Entry[], one: number, other: number): void {
  const [a, b] = [heap[one], heap[other]];
  if (a && b) [heap[one], heap[other]] = [b, a];
}

/** A small generator (xorshift32), so that a run repeats itself. In [0, 1). */
export function generator(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
