import { DotvaultError } from "../errors.ts";
import type { Clock, World } from "./ports.ts";

const RETRY = 1_000;
/** The disk's troubles, which pass; everything else that a journal throws is a bug or damage. */
const DISK_TROUBLE = ["journal.full", "journal.io", "journal.busy", "journal.unwritable"];

/** What was answered is not dropped because the disk has no room for it: it waits here until the journal takes it. */
export async function durably({ clock, log }: World, signal: AbortSignal, write: () => void): Promise<void> {
  for (;;) {
    try {
      write();
      return;
    } catch (error) {
      if (!(error instanceof DotvaultError) || !DISK_TROUBLE.includes(error.code) || signal.aborted) throw error;
      log.error({ code: error.code }, `${error.message}; the outcome waits in memory`);
      await wait(clock, RETRY, signal);
    }
  }
}

/** Resolves after so many milliseconds, or at once when the signal says so. */
function wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.at(clock.now() + milliseconds, done);
    signal.addEventListener("abort", done);
  });
}
