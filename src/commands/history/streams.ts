import { nearest } from "../../config/nearest.ts";
import { DotvaultError } from "../../errors.ts";
import type { JournalReader } from "../../journal/port.ts";
import { CIRCLE, ENROLMENT, nameOf, REVOCATIONS, RULE, streamOf, VAULT } from "../../machines/stream/names.ts";

/** All enrolments that the journal knows. */
export function enrolmentNames(reader: JournalReader): string[] {
  return reader.heads(ENROLMENT).map(({ stream }) => nameOf(stream));
}

/** The streams of one enrolment: its own, and those of the rules that write its files. `vault`: the session's. Throws `usage.enrolment`. */
export function streamsOf(reader: JournalReader, name: string): ReadonlySet<string> {
  const sessions = reader.heads(VAULT).map(({ stream }) => stream);
  if (name === "vault" && sessions.length > 0 && !enrolmentNames(reader).includes(name)) return new Set(sessions);
  requireKnown(reader, name);
  const stream = streamOf(name);
  const streams = new Set([stream, CIRCLE + name, REVOCATIONS + name, ...notedRules(reader, name)]);
  for (const { event } of reader.events({ stream, type: ["SYNCED"] })) {
    for (const rule of [event.written, event.failed].flat()) streams.add(RULE + String(rule));
  }
  return streams;
}

/** The rules as the agent read them last. */
function notedRules(reader: JournalReader, name: string): string[] {
  const rules = reader.fact("rules");
  if (!Array.isArray(rules)) return [];
  const known = rules as readonly { readonly name: string; readonly secret: string | null }[];
  return known.filter(({ secret }) => secret === name).map((rule) => RULE + rule.name);
}

/** Throws `usage.enrolment`. */
export function requireKnown(reader: JournalReader, name: string): void {
  const names = enrolmentNames(reader);
  if (names.includes(name)) return;
  const near = nearest(name, names);
  const known = names.length > 0 ? `known: ${names.join(", ")}` : "it knows none yet";
  throw new DotvaultError("usage.enrolment", `the journal knows no enrolment "${name}"`, {
    hint: near === undefined ? known : `did you mean ${near}? ${known}`,
  });
}
