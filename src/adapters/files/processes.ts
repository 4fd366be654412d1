import { errorCode } from "./fs-port.ts";

/** Whether a process with this id runs on this machine (signal 0; one of another user's counts as running). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}
