import { DotvaultError } from "../errors.ts";
import type { Clock, World } from "./ports.ts";

const RETRY = 1_000;
/** Tries before something else is done about it. */
const PATIENCE = 2;
const SAY_EVERY = 60;
/** The disk's troubles, which pass; everything else that a journal throws is a bug or damage. */
const DISK_TROUBLE = ["journal.full", "journal.io", "journal.busy", "journal.unwritable", "journal.gone"];

/** Whether it is the disk's trouble, which passes. */
export function isDiskTrouble(error: unknown): boolean {
  return error instanceof DotvaultError && DISK_TROUBLE.includes(error.code);
}

/**
 * What was answered is not dropped because the disk has no room for it: it waits here until the journal takes it.
 *
 * @param meanwhile done after some tries, and again after each further one
 */
export async function durably(
  { clock, log }: Pick<World, "clock" | "log">,
  signal: AbortSignal,
  write: () => void,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      write();
      return;
    } catch (error) {
      if (!isDiskTrouble(error) || signal.aborted) throw error;
      const { code, message } = error as DotvaultError;
      if (tries % SAY_EVERY === 1) log.error({ code, tries }, `${message}; the outcome waits in memory`);
      if (tries > PATIENCE) await meanwhile();
      await wait(clock, RETRY, signal);
    }
  }
}

/** Resolves after so many milliseconds, or at once when the signal says so. */
export function wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  // No event comes any more from a signal that has been given.
  if (signal.aborted) return Promise.resolve();
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
