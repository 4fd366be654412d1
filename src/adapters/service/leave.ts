/** How the service manager is asked, and time let pass. */
export interface Watching {
  /** Whether it still knows the service. */
  isThere(): boolean;
  pause(milliseconds: number): Promise<void>;
}

/** launchd gives a service 20 seconds to end (ExitTimeOut), and returns from `bootout` before that (launchctl(1): EINPROGRESS). */
const PAUSE = 250;
const LOOKS = 100;

/** Waits until the service is gone. @returns false: it was still there after 25 seconds */
export async function isGone({ isThere, pause }: Watching): Promise<boolean> {
  for (let look = 1; isThere(); look++) {
    if (look === LOOKS) return false;
    await pause(PAUSE);
  }
  return true;
}
