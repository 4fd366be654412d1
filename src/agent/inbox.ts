import { RequestNotWaiting } from "../journal/errors.ts";
import type { InboxRow } from "../journal/port.ts";
import { FILE_ANSWERS } from "../machines/rule/rule.ts";
import { streamOf } from "../machines/stream/names.ts";
import type { Actors } from "./actors.ts";
import { isDiskTrouble } from "./durably.ts";
import type { Enrolment, World } from "./ports.ts";

/** Verbs that reach the agent through the journal's inbox. */
export type Verb =
  | "enrol"
  | "cancel"
  | "refresh"
  | "revoke"
  | "sync"
  | "login"
  | "login-ended"
  | "revoke-tokens"
  | "file";

/** Requests that no enrolment's machine answers. */
export interface OtherRequests {
  /** Whether a request is answered here at all; the others wait for somebody else. */
  takes?(verb: string): boolean;
  /** All files are compared now. */
  sync?(): void;
  /** Takes the request itself. */
  revokeTokens?(enrolment: Enrolment, request: InboxRow): void;
}

/** Left by a verb that was interrupted: the person who asked is gone. Milliseconds. */
const TOO_OLD = 10 * 60_000;

const EVENTS: Readonly<Record<string, "ENROL_CANCELLED" | "REFRESH_ASKED" | "REVOKE_ASKED">> = {
  cancel: "ENROL_CANCELLED",
  refresh: "REFRESH_ASKED",
  revoke: "REVOKE_ASKED",
};

/** Turns every waiting request of a person into an event of its enrolment; one that can't be is refused, with the reason. */
export function takeRequests(
  world: World,
  actors: Actors,
  enrolments: ReadonlyMap<string, Enrolment>,
  others: OtherRequests,
): void {
  for (const request of world.journal.inbox().filter(({ verb }) => others.takes?.(verb) ?? true)) {
    try {
      takeOne(world, actors, enrolments, others, request);
    } catch (error) {
      if (isDiskTrouble(error)) throw error;
      refuseAsBug(world, request);
    }
  }
}

/** It would stand in the way of every other one, at every look. */
function refuseAsBug({ journal, log }: World, { id, verb }: InboxRow): void {
  log.error({ request: id, verb }, "a request could not be decided on");
  journal.refuse(id, "a bug of dotvault: see the agent's log");
}

function takeOne(
  world: World,
  actors: Actors,
  enrolments: ReadonlyMap<string, Enrolment>,
  others: OtherRequests,
  request: InboxRow,
): void {
  if (world.clock.now() - request.at > TOO_OLD) {
    world.journal.refuse(request.id, "it waited too long for an agent: ask again");
    return;
  }
  if (request.verb === "sync") {
    world.journal.take(request.id);
    others.sync?.();
    return;
  }
  if (request.verb === "login" || request.verb === "login-ended") {
    if (world.session) world.session.take(request);
    else world.journal.refuse(request.id, "the running agent keeps no Vault session: has it read the configuration?");
    return;
  }
  if (request.verb === "file") {
    answerFile(world, request, () => others.sync?.());
    return;
  }
  const name = typeof request.args.name === "string" ? request.args.name : "";
  const enrolment = enrolments.get(streamOf(name));
  if (enrolment && request.verb === "revoke-tokens" && others.revokeTokens) others.revokeTokens(enrolment, request);
  else if (enrolment) ask(world, actors, enrolment, request);
  else
    world.journal.refuse(request.id, `the running agent knows no enrolment "${name}": has it read the configuration?`);
}

/** It waits for the file's turn; until then the request waits, too, and is looked at again: it is taken once. */
function answerFile(world: World, request: InboxRow, heard: () => void): void {
  const { files, journal, log } = world;
  const { id, args } = request;
  const rule = String(args.rule);
  const answer = FILE_ANSWERS.find((each) => each === args.answer);
  const hearing = answer && files.answer?.(rule, answer, id);
  if (!hearing) {
    journal.refuse(id, `the running agent knows no rule "${rule}": has it read the configuration?`);
    return;
  }
  hearing.then(heard, (error: unknown) => {
    if (error instanceof RequestNotWaiting) return;
    if (isDiskTrouble(error))
      log.warn({ rule, request: id }, "a person's word is heard as soon as the journal takes it");
    else refuseAsBug(world, request);
  });
}

function ask(world: World, actors: Actors, enrolment: Enrolment, request: InboxRow): void {
  const stream = streamOf(enrolment.name);
  const takes = request.id;
  const type = EVENTS[request.verb];
  if (request.verb === "enrol") enrol(world, actors, enrolment, request);
  else if (type) actors.step(stream, { type }, { takes });
  else world.journal.refuse(request.id, `the running agent knows no verb "${request.verb}": is it an older dotvault?`);
}

/** A login needs a session of its own; it is sealed before anybody can see it. */
function enrol(
  { sealer, newSession, clock }: World,
  actors: Actors,
  { name, engine }: Enrolment,
  request: InboxRow,
): void {
  const stream = streamOf(name);
  const again = request.args.again === true;
  if (!engine.traits.person) {
    actors.step(stream, { type: "ENROL_ASKED", session: null, again }, { takes: request.id });
    return;
  }
  const bytes = Buffer.from(newSession(), "utf8");
  const session = { id: `${stream}#session.${request.id}`, kind: "session", digest: sealer.digest(bytes) } as const;
  const jwe = sealer.seal({ id: session.id, kind: session.kind, stream, at: clock.now() }, bytes);
  actors.step(stream, { type: "ENROL_ASKED", session, again }, { takes: request.id, sealed: [{ ref: session, jwe }] });
}
