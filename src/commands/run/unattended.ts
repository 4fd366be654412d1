import type { Verb } from "../../agent/inbox.ts";
import { lineageOf } from "../../agent/keep-lineage.ts";
import type { JsonObject } from "../../journal/port.ts";
import { postRequest } from "../../journal/request.ts";
import { stateName } from "../../machines/enrolment/decide.ts";
import type { TokenLine } from "../../machines/lineage/lineage.ts";
import { streamOf } from "../../machines/stream/names.ts";
import { dotvault } from "../../shell.ts";
import { pathsOf } from "../assembly/config.ts";
import { journalOf, NOBODY_GOES_ON } from "../assembly/follow.ts";
import type { Host } from "../assembly/host.ts";
import { EXIT, type Io } from "../cli/io.ts";
import { isEnrolled, unenrol } from "../revoke/unenrol.ts";

/** A pipeline would rather wait for so long than go on without its token, milliseconds. */
const PATIENCE = 60_000;

/**
 * What `run --once` does for enrolments that need nobody: those that are not enrolled, whatever they were before, are
 * enrolled now, and what fails is tried again for a minute. A token that was refused since this run began is not presented
 * once more.
 */
export async function enrolUnattended({ agent, real }: Host, io: Io, began: number): Promise<void> {
  const { clock } = real.world;
  const alone = unattended(real);
  const state = (name: string) => stateName(agent.actors.snapshot(streamOf(name)).value);
  const askedAt = (name: string) => agent.actors.snapshot(streamOf(name)).context.ask?.since ?? 0;
  const waits = (name: string) =>
    /^(?:idle\.(?:missing|unenrolled)|revoked)/.test(state(name)) && askedAt(name) < began;
  await agent.settled();
  for (const name of alone.filter(waits))
    postRequest({ directory: pathsOf(io).stateDir, clock: io.now }, "enrol", { name, again: false });
  agent.ring();
  await agent.settled();
  if (!alone.some((name) => /^(?:session|polling|exchanging)/.test(state(name)))) return;
  let giveUp = () => {};
  const late = new Promise<void>((resolve) => {
    giveUp = clock.at(clock.now() + PATIENCE, resolve);
  });
  await Promise.race([agent.settled(PATIENCE), late]);
  giveUp();
}

/** Tells of enrolments that need nobody and have no token all the same. @returns the exit code */
export function toldUnattended({ agent, real }: Host, io: Io): number {
  const waiting = unattended(real).filter((name) => {
    const { value, context } = agent.actors.snapshot(streamOf(name));
    return context.ask === null && !/^(?:active|refreshing)/.test(stateName(value));
  });
  for (const name of waiting) {
    const failed = real.world.journal.openIntents(streamOf(name)).find(({ failure }) => failure !== null)?.failure;
    io.err.write(`! ${name} has no token yet${failed ? `: ${failed.message}` : ""}\n`);
  }
  return waiting.length > 0 ? EXIT.error : EXIT.healthy;
}

/**
 * `run --revoke-on-exit`: what this machine enrolled ends with its agent. What another one enrolled stays: it may be in use
 * there. Nobody waits a minute for programs that still run.
 *
 * @returns the exit code
 */
export async function revokeOnExit({ agent, real }: Host, io: Io): Promise<number> {
  const { journal, clock } = real.world;
  const reader = await journalOf(pathsOf(io));
  const contact = {
    reader,
    ask: async (verb: Verb, args: JsonObject) => {
      const request = postRequest({ directory: pathsOf(io).stateDir, clock: io.now }, verb, args);
      for (const { id, kind, attempt, phase, failure } of journal.openIntents(streamOf(String(args.name))))
        if (kind === "revoke") journal.reschedule(id, { dueAt: clock.now(), attempt, phase, failure });
      agent.ring();
      return request;
    },
    goesOn: () => NOBODY_GOES_ON,
  };
  try {
    const enrolled = unattended(real).filter((name) => isEnrolled(agent.actors.snapshot(streamOf(name)).value));
    const { tokens } = lineageOf(journal);
    const own = enrolled.filter((name) => beganHere(tokens, name));
    for (const name of enrolled.filter((each) => !own.includes(each)))
      io.err.write(`○ ${name} stays: another machine uses it, too · ${dotvault("revoke", name)}\n`);
    const codes = await Promise.all(own.map((name) => unenrol(contact, name, io, { waitsForAll: true })));
    return Math.max(EXIT.healthy, ...codes);
  } finally {
    reader.close();
  }
}

/** What the token in use came of, by rotations of ours if at all, was no other machine's. */
function beganHere(tokens: readonly TokenLine[], name: string): boolean {
  const began = tokens.findLast(({ enrolment, how }) => enrolment === name && !CAME_OF_OURS.includes(how));
  return began?.how !== "adopted";
}

const CAME_OF_OURS: readonly TokenLine["how"][] = ["rotated", "unanswered"];

function unattended({ plan }: Host["real"]): string[] {
  return plan.enrolments.filter(({ engine }) => engine.unattended === true).map(({ name }) => name);
}
