import type { Journal } from "../journal/port.ts";
import { lifeOf } from "../journal/standing.ts";
import { MACHINE_VERSION } from "../machines/enrolment/machine.ts";
import { kindOf, toldOf } from "../machines/history/streams.ts";
import { type Rehearsal, rehearse } from "../machines/rehearse.ts";
import { ENROLMENT } from "../machines/stream/names.ts";
import { AGENT_STREAM, agentSnapshot, noteRehearsal } from "./agent-stream.ts";
import type { World } from "./ports.ts";

/** No start is held up longer, milliseconds; what there was no time for is told as such. */
const AT_MOST = 1_500;

/**
 * The first start of a newer dotvault: it runs this user's own history through its machines before it takes it over
 * (UPGRADED), and tells what it would have decided otherwise.
 */
export function rehearseUpdate({ journal, clock, log }: World, version: string): void {
  if (!isUpdate(journal, version)) return;
  const end = clock.now() + AT_MOST;
  const found = rehearse(livesIn(journal), () => clock.now() < end);
  noteRehearsal(journal, { ...found, version, machine: MACHINE_VERSION }, clock.now());
  const told = rehearsalWords(found);
  if (found.parts.length > 0) log.warn({ histories: found.parts.length }, `${told}: dotvault replay journal`);
  else log.info({ events: found.events }, told);
}

/** Of all streams on which something is decided, enrolments first. */
function livesIn(journal: Journal) {
  const streams = toldOf(journal.heads().map(({ stream }) => stream)).filter((stream) => stream !== AGENT_STREAM);
  return streams.map((stream) => {
    const { stream: kind, name } = kindOf(stream) ?? { stream: "enrolment" as const, name: stream };
    return {
      stream: kind,
      name: kind === "enrolment" ? name : `${kind} ${name}`,
      life: () => livedIn(journal, stream),
    };
  });
}

function livedIn(journal: Journal, stream: string) {
  const { start, events } = lifeOf(journal, stream);
  if (start === null) return { start, events };
  const { head, ...rest } = start;
  return { start: { ...head, ...rest }, events };
}

function isUpdate(journal: Journal, version: string): boolean {
  const known = agentSnapshot(journal);
  const heads = journal.heads(ENROLMENT);
  if (known) return heads.length > 0 && (known.version !== version || known.machine !== MACHINE_VERSION);
  return heads.some(({ machineVersion }) => machineVersion < MACHINE_VERSION);
}

function rehearsalWords({ events, parts }: Rehearsal): string {
  const differ = parts.length === 0 ? "0 decisions differ" : `${parts.length} histories part`;
  return `updated; your own history rehearsed: ${events} events, ${differ}`;
}
