import type { Because } from "../../terminal/why/because.ts";
import type { Verdict } from "../../terminal/why/report.ts";

export const RUN_STATUS = { code: "status", text: "", hint: null, run: "dotvault status" } as const;
export const RUN_SYNC = { ...RUN_STATUS, code: "sync", run: "dotvault sync" };
const MADE_UP: readonly string[] = [RUN_STATUS.code, RUN_SYNC.code];

/** Not dotvault's fault, and yet not in a file as it should be. */
const WHOSE: Readonly<Record<string, string>> = {
  refused: "the service",
  "un-enrolled": "your own word",
  paused: "the configuration",
  "no-session": "the login to Vault",
};

export function us(code: string, text: string, because: Because | null): Verdict {
  return verdict(code, true, `so it is ${WHOSE[because?.code ?? ""] ?? "us"}: ${text}`, because);
}

export function notUs(code: string, text: string, run: string | null): Verdict {
  return { code, ours: false, text: `so it is not us: ${text}`, because: null, hint: null, run };
}

export function verdict(code: string, ours: boolean | null, text: string, because: Because | null): Verdict {
  const name = because === null || MADE_UP.includes(because.code) ? null : because.code;
  return { code, ours, text, because: name, hint: because?.hint ?? null, run: because?.run ?? null };
}
