import { type StateValue, stateName } from "../../machines/enrolment/decide.ts";
import { streamOf } from "../../machines/stream/names.ts";
import type { Contact, Scene } from "../assembly/follow.ts";
import { follow, taken } from "../assembly/follow.ts";
import { EXIT, type Io } from "../cli/io.ts";
import { known } from "../refresh.ts";

/** Whether there is, or may come, anything to revoke. */
export function isEnrolled(state: StateValue): boolean {
  return !/^idle\.(?:new|looking|missing|unenrolled)/.test(stateName(state));
}

interface Options {
  /** Also for old tokens, which wait a minute for running programs. */
  readonly waitsForAll: boolean;
}

/**
 * Has one enrolment un-enrolled, and tells what became of its tokens.
 *
 * @returns the exit code
 */
export async function unenrol(
  contact: Pick<Contact, "reader" | "tend" | "ask" | "goesOn">,
  name: string,
  io: Io,
  options: Options,
): Promise<number> {
  const before = await known(contact, name);
  const from = contact.reader.lastSeq();
  await taken(contact, await contact.ask("revoke", { name }));
  const code = await follow(contact, name, (scene) => ended(scene, options, (what) => gaveUp(name, what, contact, io)));
  if (code === EXIT.healthy) tellEnd(contact, name, { from, until: before.context.current?.expiresAt }, io);
  return code;
}

/** What an un-enrolment waits for; an older cleanup that fails is none of its business. */
const STEPS = ["claim", "read", "remove"];
/** A revocation that fails so often is left to the agent. */
const TRIES = 3;

/** Removed first; then the tokens, which may take longer than a person wants to wait. */
function ended(
  { snapshot, intents }: Scene,
  { waitsForAll }: Options,
  gaveUp: (what: string) => number,
): number | undefined {
  const failure = intents.find(({ kind, failure: failed }) => failed !== null && STEPS.includes(kind))?.failure;
  if (failure) return gaveUp(failure.message);
  if (stateName(snapshot.value) !== "idle.unenrolled") return undefined;
  const revoking = intents.find(({ kind, attempt, failure: failed }) => {
    return kind === "revoke" && failed !== null && attempt >= TRIES;
  });
  if (revoking?.failure) return gaveUp(`its token is not revoked yet: ${revoking.failure.message}`);
  const waits = snapshot.context.cleanups.some(({ why }) => waitsForAll || why !== "superseded");
  return waits ? undefined : EXIT.healthy;
}

function gaveUp(name: string, what: string, { goesOn }: Pick<Contact, "goesOn">, io: Io): number {
  io.err.write(`! ${name}: ${what}; ${goesOn()}, dotvault status shows how it stands\n`);
  return EXIT.error;
}

/** Outcomes of a revocation after which the token lives on. */
const LIVES_ON = ["not-revocable", "unlisted", "refused"];

function tellEnd(
  { reader }: Pick<Contact, "reader">,
  name: string,
  { from, until }: { readonly from: number; readonly until: number | undefined },
  io: Io,
): void {
  const outcomes = [...reader.events({ stream: streamOf(name), afterSeq: from })].flatMap(({ event }) =>
    event.type === "REVOKED" ? [String(event.how)] : [],
  );
  if (!outcomes.some((how) => LIVES_ON.includes(how))) {
    io.err.write(`✓ ${name} un-enrolled: secret removed, tokens revoked; its files stay as they are\n`);
    return;
  }
  const end = until === undefined ? "without an end" : `until ${new Date(until).toISOString()}`;
  io.err.write(`✓ ${name} un-enrolled: secret removed; its files stay as they are\n`);
  io.err.write(`! ${name}: the service does not revoke its token, which lives on ${end}\n`);
  io.err.write("  JFrog revokes tokens of 6h and more, and shorter ones with force_revocable: true\n");
}
