import type { JournalReader } from "../../journal/port.ts";
import type { SessionBeginning } from "../../machines/forecast/session.ts";
import { type SessionSnapshot, upcast } from "../../machines/vault-session/decide.ts";
import { beganWith } from "./begin.ts";

/** Where the journal has left a session with a server; undefined: it knows none. */
export function sessionOf(reader: JournalReader, stream: string, agentRuns = true): SessionBeginning | undefined {
  const head = reader.head(stream);
  if (!head) return undefined;
  const snapshot = upcast(head.snapshot as unknown as SessionSnapshot, head.machineVersion);
  return beganWith(reader, { stream, version: head.version, snapshot }, agentRuns);
}
