import { widthOf } from "../../src/terminal/width.ts";

/** What a terminal shows after a program has written this: the few control sequences that ours uses (ECMA-48, xterm). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals are told
const TOKEN = /\u001b\[([0-9;?]*)([A-Za-z])|\u001b\][^\u0007]*\u0007|[\s\S]/gu;

/** Lines of the screen, those that have scrolled away first; without the spaces at their ends. */
export function screenOf(written: string, columns = 80, rows = 24): string {
  const screen = new TerminalScreen(columns, rows);
  for (const [token, values = "", final] of written.matchAll(TOKEN)) {
    if (final !== undefined) screen.control(final, Number.parseInt(values, 10) || 0);
    else if (!token.startsWith("\u001b")) screen.put(token);
  }
  return screen.text();
}

class TerminalScreen {
  readonly #columns: number;
  readonly #rows: number;
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  put(sign: string): void {
    if (sign === "\r") this.#column = 0;
    else if (sign === "\n") this.#down();
    else if (sign >= " ") this.#print(sign);
  }

  control(final: string, value: number): void {
    if (final === "A") this.#row = Math.max(this.#top(), this.#row - Math.max(1, value));
    if (final === "J" && value === 0) {
      this.#lines.length = this.#row + 1;
      this.#line().length = Math.min(this.#line().length, this.#column);
    }
  }

  text(): string {
    const lines = this.#lines.map((line) => line.join("").trimEnd());
    return `${lines.join("\n").trimEnd()}\n`;
  }

  /** A line that is full is wrapped with the sign after it. */
  #print(sign: string): void {
    const width = widthOf(sign);
    if (this.#column + width > this.#columns) {
      this.#column = 0;
      this.#down();
    }
    const line = this.#line();
    while (line.length < this.#column) line.push(" ");
    line.splice(this.#column, width, sign, ...Array(Math.max(0, width - 1)).fill(""));
    this.#column += width;
  }

  #down(): void {
    this.#row += 1;
    this.#lines[this.#row] ??= [];
  }

  /** Nothing moves the cursor to what has scrolled away. */
  #top(): number {
    return Math.max(0, this.#lines.length - this.#rows);
  }

  #line(): string[] {
    const line = this.#lines[this.#row] ?? [];
    this.#lines[this.#row] = line;
    return line;
  }
}
