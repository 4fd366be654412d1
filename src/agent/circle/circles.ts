import type { Fields } from "../../adapters/engines/port.ts";
import { CIRCLE } from "../../machines/stream/names.ts";
import type { Enrolment } from "../ports.ts";
import type { RuleSync } from "../rules.ts";
import { type CircleDeps, CircleMember } from "./member.ts";
import { CircleStream } from "./stream.ts";

/**
 * Files with the circles of trust around them: whenever an enrolment's files are written, its credential is shown to its
 * platforms and checked against the trusted certificates, in the background, and templates see what is known of them.
 */
export function withCircles(files: RuleSync, enrolments: readonly Enrolment[], deps: CircleDeps): RuleSync {
  const members = membersOf(enrolments, deps);
  closeFormer(members, deps);
  return {
    ...files,
    sync(secret, fields, source, from) {
      const member = members.get(secret);
      const texts = textFields(fields);
      member?.look(texts);
      return files.sync(secret, fields, source, from, member?.templateFields(texts));
    },
    wants: (secret) => members.get(secret)?.wants() ?? false,
    hurry() {
      for (const member of members.values()) member.hurry();
    },
    async settled() {
      await Promise.all([...members.values()].map((member) => member.settled()));
    },
    async close() {
      await Promise.all([files.close(), ...[...members.values()].map((member) => member.close())]);
    },
  };
}

function membersOf(enrolments: readonly Enrolment[], deps: CircleDeps): ReadonlyMap<string, CircleMember> {
  const members = enrolments.flatMap(({ name, engine }) => {
    const { circle } = engine;
    return circle ? [[name, new CircleMember(name, engine, circle, deps)] as const] : [];
  });
  return new Map(members);
}

/** Nothing is told any more of a circle that has left the configuration. */
function closeFormer(members: ReadonlyMap<string, CircleMember>, { journal, clock, log }: CircleDeps): void {
  for (const { stream } of journal.heads(CIRCLE)) {
    const name = stream.slice(CIRCLE.length);
    if (members.has(name)) continue;
    new CircleStream(name, journal, clock, log).configure({ platforms: [], trust: false });
  }
}

function textFields(fields: Readonly<Record<string, unknown>>): Fields {
  const texts = Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === "string");
  return Object.fromEntries(texts);
}
