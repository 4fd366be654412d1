import type { Finding } from "../../terminal/doctor.ts";

/** Something is as it should be. */
export function good(about: string, name: string, message: string): Finding {
  return { about, name, verdict: "good", message, fix: null };
}

/** It works, and is worth a look. */
export function warning(about: string, name: string, message: string, fix: string): Finding {
  return { about, name, verdict: "warning", message, fix };
}

/** It will not work; `fix` is what mends it. */
export function bad(about: string, name: string, message: string, fix: string): Finding {
  return { about, name, verdict: "bad", message, fix };
}
