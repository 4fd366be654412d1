import type { Fields } from "../../src/adapters/engines/port.ts";
import type { Fleet } from "./fleet.ts";
import { type Issue, NAME, STREAM } from "./fleet-machine.ts";

/**
 * What has to be true at every moment: a pair that JFrog issued and that can still be rotated is in the store, or sealed in a
 * journal, or in the memory of an agent whose disk is full, or its answer was lost and that machine's journal says so.
 *
 * @param given away by a person's own hand
 * @returns what is wrong
 */
export function lostPairs(fleet: Fleet, given: ReadonlySet<string>): string[] {
  const stored = storedToken(fleet);
  const sealed = new Set(fleet.machines.flatMap(({ journal }) => sealedTokens(journal)));
  const usable = fleet.issued.filter(({ token }) => isUsable(fleet, token) && !given.has(token));
  return usable.flatMap((issue) => {
    const { token, machine, heard } = issue;
    if (token === stored || sealed.has(token)) return [];
    if (heard && machine.diskFull) return [];
    if (!heard && isKnown(issue)) return [];
    return [`${token}, issued to ${machine.name} by ${issue.kind}${heard ? "" : ", unanswered"}, is nowhere`];
  });
}

function isUsable({ jfrog }: Fleet, token: string): boolean {
  return jfrog.isRefreshable({ access_token: token, refresh_token: `refresh-of-${token}` } as Fields);
}

/** Of the newest version, also when somebody deleted it: it can be brought back. */
export function storedToken({ store }: Fleet): string | null {
  const newest = store.versions(NAME).at(-1);
  return newest ? String(newest.fields.access_token) : null;
}

function sealedTokens(journal: Fleet["machines"][number]["journal"]): string[] {
  return journal.sealedRefs().flatMap(({ id }) => {
    const text = Buffer.from(journal.sealed(id) ?? "", "base64").toString("utf8");
    return /"access_token":"([^"]+)"/.exec(text)?.[1] ?? [];
  });
}

const PERSONS = ["ENROL_ASKED", "ENROL_CANCELLED", "REVOKE_ASKED"];

/** The request stands in the journal as open, as lost, or as one that may have been acted on unseen. */
function isKnown({ machine, intent, kind }: Issue): boolean {
  if (intent === null) return false;
  const { journal } = machine;
  if (journal.openIntents(STREAM).some(({ id }) => id === intent)) return true;
  const asked = journal.recorded.findIndex(({ intents }) => intents.some(({ id }) => id === intent));
  return journal.recorded.slice(asked).some(({ event, closes }) => {
    if (closes === intent && event.type === "ANSWER_LOST") return true;
    // A presentation is never simply repeated: nothing else says what became of it.
    if (kind === "refresh") return false;
    // The login was given up while its answer was on the way.
    if (kind === "poll" && PERSONS.includes(event.type)) return true;
    // Only the first such failure of a try that is repeated is history.
    if (event.type === "FAILED") return event.intent === kind && event.sent === "maybe";
    return event.type === "RESUMED" && (event.open as readonly string[]).includes(kind);
  });
}
