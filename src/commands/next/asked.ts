import { TRY } from "../../agent/circle/stream.ts";
import type { JournalReader } from "../../journal/port.ts";
import { REVOKE_TOKEN } from "../../machines/revocations/revocations.ts";
import { CIRCLE, REVOCATIONS } from "../../machines/stream/names.ts";
import type { NextItem } from "../../terminal/next.ts";
import type { ConfiguredEnrolment } from "../status/configured.ts";
import { once, type Question } from "./items.ts";

/** What is asked again beside the enrolment's own machine: tokens that a person had revoked, platforms of its circle. */
export function askedAgain(
  reader: JournalReader,
  { name, label }: ConfiguredEnrolment,
  { during, offline, out }: Question,
): NextItem[] {
  const open = [...reader.openIntents(REVOCATIONS + name), ...reader.openIntents(CIRCLE + name)];
  return open.flatMap(({ kind, subject, dueAt, failure }): NextItem[] => {
    if (failure === null || (kind !== REVOKE_TOKEN && kind !== TRY)) return [];
    const awake = (at: number) => (offline && at >= offline.from && at < offline.until ? offline.until : at);
    const at = awake(Math.max(dueAt, during.from));
    if (at >= during.until || (out !== null && at >= out.from)) return [];
    const code = kind === TRY ? "trial" : "revocation";
    return [{ ...once(at), name, code, about: subject, who: "dotvault", label, run: null }];
  });
}
