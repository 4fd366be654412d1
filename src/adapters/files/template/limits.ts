import { Fault } from "./errors.ts";

/** What one template may cost. Far above what a dotfile needs; low enough that a mistake ends at once. */
export const LIMITS = {
  /** Nodes evaluated, plus one for each 64 characters that a function reads or makes. */
  steps: 1_000_000,
  /** Bytes of UTF-8: the rendered text, and any single text made on the way. */
  bytes: 4 * 1024 * 1024,
  /** Blocks and parentheses inside each other, in the source. */
  nesting: 200,
  /** Blocks, parentheses and template calls inside each other, while rendering. */
  depth: 500,
} as const;

/** Counts what a rendering costs and ends it when that is too much. */
export class Budget {
  readonly #most: number;
  #steps = 0;

  constructor(most: number = LIMITS.steps) {
    this.#most = most;
  }

  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > this.#most) {
      throw new Fault("template.limit", `the template takes more than ${this.#most} steps`, "does it loop?");
    }
  }

  /** Work in proportion to a text's length. */
  text(length: number): void {
    this.step(length >> 6);
  }
}

/** Collects text and refuses to grow beyond the limit, before the memory is taken. */
export class Sink {
  readonly #parts: string[] = [];
  #bytes = 0;

  write(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > LIMITS.bytes) throw tooLarge();
    this.#parts.push(text);
  }

  text(): string {
    return this.#parts.join("");
  }
}

/** A text that would grow beyond {@link LIMITS}.bytes. */
export function tooLarge(): Fault {
  return new Fault("template.limit", `the text is larger than ${LIMITS.bytes / 1024 / 1024} MiB`);
}
