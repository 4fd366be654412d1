import { setTimeout as pause } from "node:timers/promises";
import { paths } from "../../config/paths.ts";
import type { JournalReader } from "../../journal/port.ts";
import { openReader } from "../../journal/reader.ts";
import type { StatusReport } from "../../terminal/status/report.ts";
import { EXIT, type Io, type Parsed } from "../cli/io.ts";
import { interrupted } from "../cli/until.ts";
import { currentStatus, exitCode } from "./current.ts";
import { statusScreen } from "./screen.ts";

const LOOK_EVERY = 250;
/** On a terminal the times move on although nothing happens. */
const REDRAW_EVERY = 1_000;

/**
 * Shows the status again with every change: in place on a terminal, as a new block in a pipe, as a line of JSON with
 * `--json`. Ends with `signal`.
 *
 * @returns the exit code of what was shown last
 */
export async function watchStatus(parsed: Parsed, io: Io, signal: AbortSignal = interrupted()): Promise<number> {
  const screen = new Screen(parsed, io);
  let reader: JournalReader | undefined;
  let seen = -1;
  let drawnAt = 0;
  let code: number = EXIT.healthy;
  try {
    while (!signal.aborted) {
      reader ??= openReader({ directory: paths(io.env, io.platform, io.home).stateDir });
      const version = reader?.dataVersion() ?? 0;
      if (version !== seen || io.now() - drawnAt >= REDRAW_EVERY) {
        const report = await currentStatus(reader, parsed, io);
        screen.show(report);
        code = exitCode(report);
        seen = version;
        drawnAt = io.now();
      }
      await pause(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
    }
    return code;
  } finally {
    reader?.close();
  }
}

class Screen {
  readonly #io: Io;
  readonly #json: boolean;
  #shown = "";

  constructor(parsed: Parsed, io: Io) {
    this.#io = io;
    this.#json = parsed.flags.json === true;
  }

  show(report: StatusReport): void {
    const { out } = this.#io;
    if (out.isTerminal && !this.#json) {
      const text = statusScreen(report, this.#io);
      if (text !== this.#shown) out.write(`\u001b[H\u001b[2J${text}`);
      this.#shown = text;
      return;
    }
    // In a pipe only what happened is news, not that time has passed.
    const { at: _at, asOf: _asOf, ...happened } = report;
    const known = JSON.stringify(happened);
    if (known === this.#shown) return;
    const separator = this.#shown === "" ? "" : "\n";
    out.write(this.#json ? `${JSON.stringify(report)}\n` : `${separator}${statusScreen(report, this.#io)}`);
    this.#shown = known;
  }
}
