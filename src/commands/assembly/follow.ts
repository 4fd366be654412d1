import { setTimeout as pause } from "node:timers/promises";
import type { Verb } from "../../agent/inbox.ts";
import type { Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { lockHolder } from "../../journal/lock.ts";
import type { JournalReader, JsonObject, OpenIntent } from "../../journal/port.ts";
import { openReader } from "../../journal/reader.ts";
import { postRequest } from "../../journal/request.ts";
import type { Snapshot } from "../../machines/enrolment/decide.ts";
import { streamOf } from "../../machines/stream/names.ts";
import type { Io } from "../cli/io.ts";
import type { LoadedConfig } from "./config.ts";
import { ringDoorbell } from "./doorbell.ts";
import { becomeAgent, type Host } from "./host.ts";
import { silentLog } from "./log-output.ts";

export const LOOK_EVERY = 100;
/** Whether the agent still lives is asked every two seconds. */
export const LOOKS_BETWEEN = 20;
/** What ends a verb from outside, and its exit code as shells count it. */
const ENDING = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What is followed: the journal, and whatever has to be done while waiting for it. */
export interface Followed {
  readonly reader: JournalReader;
  /** Called at every look. */
  tend?(): Promise<void>;
}

/** What is followed, and who is asked for what. */
export interface Asking extends Followed {
  /** Leaves a request in the inbox and wakes the agent. Returns its number. */
  ask(verb: Verb, args: JsonObject): Promise<number>;
}

/** A connection to whoever is the agent: the running one, or this process for the while. */
export interface Contact extends Asking {
  /** Who tries again what has failed, in words. */
  goesOn(): string;
  close(): Promise<void>;
}

/** What this process is while nobody else is the agent. */
export interface Stand {
  ring(): void;
  close(): Promise<void>;
}

/** Leaves a request before anybody is reached; undefined: there is no journal yet to leave it in. */
export function askFirst({ stateDir }: Paths, verb: Verb, args: JsonObject, io: Io): number | undefined {
  try {
    return postRequest({ directory: stateDir, clock: io.now }, verb, args);
  } catch (error) {
    if (error instanceof DotvaultError && error.code === "journal.missing") return undefined;
    throw error;
  }
}

/** Reaches the agent, or takes the lock and is the agent for that while; also when the agent goes away meanwhile. */
export async function reachAgent(where: Paths, loaded: LoadedConfig, io: Io): Promise<Contact> {
  return reach(where, io, async () => {
    const command = "dotvault enrol, refresh or revoke";
    const host = await becomeAgent(where, loaded, io, { log: silentLog, command });
    return "heldBy" in host ? undefined : { ring: () => host.agent.ring(), close: () => host.close() };
  });
}

/** @param become takes the lock, or says that somebody else has it */
export async function reach(where: Paths, io: Io, become: () => Promise<Stand | undefined>): Promise<Contact> {
  let own = await become();
  const reader = await journalOf(where);
  const ignoreEnds = onEnds(async () => own?.close());
  let looks = 0;
  let becoming: Promise<void> | undefined;
  return {
    reader,
    async ask(verb, args) {
      const request = postRequest({ directory: where.stateDir, clock: io.now }, verb, args);
      if (own) own.ring();
      else await ringDoorbell(where.socket);
      return request;
    },
    async tend() {
      looks += 1;
      if (own || looks % LOOKS_BETWEEN !== 0 || lockHolder({ directory: where.stateDir })) return;
      // Several logins are tended side by side.
      becoming ??= become().then((host) => {
        own = host;
        becoming = undefined;
      });
      await becoming;
    },
    goesOn: () => (own ? NOBODY_GOES_ON : "the agent goes on trying"),
    async close() {
      ignoreEnds();
      reader.close();
      await own?.close();
    },
  };
}

/** What this process leaves behind is in the journal, and waits there. */
export const NOBODY_GOES_ON = "no agent runs: dotvault run goes on with it";

/** Ctrl-C keeps the session: what is in flight is brought home, and the journal has the rest. */
function onEnds(bringHome: () => Promise<void>): () => void {
  const entries = Object.entries(ENDING).map(([signal, code]) => {
    const end = () => void bringHome().finally(() => process.exit(code));
    process.once(signal, end);
    return () => process.off(signal, end);
  });
  return () => {
    for (const ignore of entries) ignore();
  };
}

/** An agent that is just starting for the first time has the lock before there is a journal. */
export async function journalOf({ stateDir }: Paths): Promise<JournalReader> {
  for (let looks = 0; looks < LOOKS_BETWEEN; looks++) {
    const reader = openReader({ directory: stateDir });
    if (reader) return reader;
    await pause(LOOK_EVERY);
  }
  throw new DotvaultError("journal.missing", `there is no journal in ${stateDir} yet`);
}

/** A running agent may have begun with an older configuration. Throws `agent.unknown-enrolment`. */
export async function requireConfigured({ reader }: Followed, name: string): Promise<void> {
  for (let looks = 0; looks < LOOKS_BETWEEN; looks++) {
    const configured = reader.fact("configured");
    const names = Array.isArray(configured) ? configured.map((each) => (each as JsonObject | null)?.name) : [];
    if (names.includes(name)) return;
    await pause(LOOK_EVERY);
  }
  throw new DotvaultError("agent.unknown-enrolment", `the running agent does not know "${name}" yet`, {
    hint: "have it read the configuration again: kill -HUP its pid (dotvault status shows it)",
  });
}

export type { Host };

/** What a follower sees of one enrolment. */
export interface Scene {
  readonly snapshot: Snapshot;
  readonly intents: readonly OpenIntent[];
}

/** Looks at the enrolment each time that the journal changes, until `done` says so. Throws when `signal` aborts. */
export async function follow<T>(
  { reader, tend }: Followed,
  enrolment: string,
  done: (scene: Scene) => T | undefined | Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T> {
  let seen = -1;
  for (;;) {
    signal?.throwIfAborted();
    const version = reader.dataVersion();
    if (version !== seen) {
      const result = await done(sceneOf(reader, enrolment));
      if (result !== undefined) return result;
      seen = version;
    }
    await pause(LOOK_EVERY);
    await tend?.();
  }
}

export function sceneOf(reader: JournalReader, enrolment: string): Scene {
  const stream = streamOf(enrolment);
  const head = reader.head(stream);
  return { snapshot: head?.snapshot as unknown as Snapshot, intents: reader.openIntents(stream) };
}

/** Waits until the agent has taken the request. Throws `agent.refused` with its reason. */
export async function taken({ reader, tend }: Followed, request: number): Promise<void> {
  for (;;) {
    const row = reader.request(request);
    if (row?.state === "refused") throw new DotvaultError("agent.refused", row.reason ?? "the agent refused it");
    if (row?.state !== "waiting") return;
    await pause(LOOK_EVERY);
    await tend?.();
  }
}
