import { harmless } from "../style.ts";
import { moment } from "../times.ts";
import type { TroubleReport } from "./report.ts";
import { said, type Telling, type Told } from "./telling.ts";

const TROUBLE_WORDS: Readonly<Record<string, string>> = {
  "key.missing": "missing",
  "store.unreachable": "unreachable",
  "store.unavailable": "unavailable",
  "store.sealed": "sealed",
  "store.throttled": "throttled",
  "store.denied": "denied",
  "store.token": "token refused",
  "store.no-token": "no token",
  "store.no-mount": "no such mount",
  "store.tls": "not trusted",
  "store.locked": "locked",
  "store.damaged": "damaged",
};

/** What `status` says of the store or the key. */
export function tellTrouble({ class: name, message, hint, since, about }: TroubleReport, { now }: Telling): Told {
  const first = [harmless(message), ...(since ? [`since ${moment(since, now)}`] : [])];
  const second = [...(about === "store" ? ["files stay as they are"] : []), ...said(hint)];
  return { word: TROUBLE_WORDS[name] ?? "trouble", lines: [first, second] };
}
