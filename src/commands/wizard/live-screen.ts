import { LiveRegion } from "../../terminal/live/region.ts";
import type { Screen } from "../cli/io.ts";

/** Where nobody says how many lines there are. */
const ROWS = 24;

/** A screen of which the end is drawn again in place; whatever else is written, a log say, goes above that. */
export class LiveScreen implements Screen {
  readonly #screen: Screen;
  readonly #region: LiveRegion;
  #isDrawn = false;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#region = new LiveRegion({
      get columns() {
        return screen.columns;
      },
      get rows() {
        return screen.rows ?? ROWS;
      },
      write: (text) => screen.write(text),
    });
  }

  get isTerminal(): boolean {
    return this.#screen.isTerminal;
  }

  get columns(): number {
    return this.#screen.columns;
  }

  get rows(): number {
    return this.#screen.rows ?? ROWS;
  }

  write(text: string): void {
    if (this.#isDrawn) this.#region.above(text);
    else this.#screen.write(text);
  }

  draw(lines: readonly string[]): void {
    this.#isDrawn = true;
    this.#region.draw(lines);
  }

  /** Control sequences that show nothing. */
  control(sequence: string): void {
    this.#screen.write(sequence);
  }

  /** What is drawn stays; the next text goes below it. */
  settle(redraw = false): void {
    this.#isDrawn = redraw;
    this.#region.forget();
  }
}
