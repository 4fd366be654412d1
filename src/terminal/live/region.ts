import { rowsOf } from "../width.ts";

/** A terminal that is written to. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

const ERASE_BELOW = "\u001b[J";
const up = (rows: number) => (rows > 0 ? `\r\u001b[${rows}A` : "\r");

/**
 * Lines at the end of what a terminal shows, drawn again in place; the cursor stays below them, so that whatever ends the
 * program leaves a screen that reads well. Other text goes above them.
 */
export class LiveRegion {
  readonly #terminal: Terminal;
  #lines: readonly string[] = [];
  #shown = "";

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\n`).join("");
    const { columns, rows } = this.#terminal;
    const drawn = `${columns} ${rows} ${text}`;
    if (drawn === this.#shown) return;
    this.#terminal.write(this.#erase() + text);
    this.#lines = lines;
    this.#shown = drawn;
  }

  /** Text that stays, above the region: whole lines. */
  above(text: string): void {
    const lines = this.#lines.map((line) => `${line}\n`).join("");
    this.#terminal.write(this.#erase() + (text.endsWith("\n") ? text : `${text}\n`) + lines);
  }

  /** Another program has written to the terminal: the next drawing begins below that. */
  forget(): void {
    this.#lines = [];
    this.#shown = "";
  }

  /** By the width that the terminal has now: a terminal that was resized has wrapped its lines anew. */
  #erase(): string {
    const { columns, rows } = this.#terminal;
    const height = this.#lines.reduce((sum, line) => sum + rowsOf(line, columns), 0);
    return up(Math.min(height, rows - 1)) + ERASE_BELOW;
  }
}
