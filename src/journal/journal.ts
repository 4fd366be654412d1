import { DotvaultError } from "../errors.ts";
import { deriveKey, type Key } from "../seal/key.ts";
import { appendWithin } from "./append.ts";
import { genesis, type Tail } from "./chain.ts";
import type { EventRow } from "./columns.ts";
import { compactWithin } from "./compact.ts";
import { Connection, makeDurable } from "./connection.ts";
import { createIfMissing } from "./create.ts";
import { damaged } from "./errors.ts";
import { fact, setFact } from "./facts.ts";
import { journalFiles } from "./files.ts";
import { answer, inbox } from "./inbox.ts";
import { dueIntents, markOpen, reschedule } from "./intents.ts";
import { migrate, readFormat } from "./migrate.ts";
import type { Append, Journal } from "./port.ts";
import { watchPresence } from "./presence.ts";
import { readOperations } from "./reader.ts";
import { eventColumns } from "./rows.ts";
import { truncateWal } from "./tidy.ts";
import { keyedVerifier, type Verifier } from "./verify.ts";
import { dueWakes, nextDue } from "./wakes.ts";

export interface JournalOptions {
  readonly directory: string;
  readonly key: Key;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly appVersion: string;
}

/**
 * Opens the journal for writing, making or migrating it as needed. The caller holds the lock.
 * Throws `journal.newer`, `journal.damaged`, `journal.other-key`.
 */
export function openJournal(options: JournalOptions): Journal {
  const files = journalFiles(options.directory);
  createIfMissing(files);
  const connection = openForWriting(files.journal);
  try {
    introduce(connection, options);
    const verifier = keyedVerifier(connection, deriveKey(options.key, "chain"));
    return operations(connection, verifier, { ...options, tail: readTail(connection, verifier) });
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A connection to an existing file, migrated to the newest format. The caller holds the lock. */
export function openForWriting(path: string): Connection {
  const connection = new Connection(path);
  try {
    readFormat(connection);
    configure(connection);
    migrate(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function configure(connection: Connection): void {
  connection.pragma("journal_mode = WAL");
  makeDurable(connection);
  connection.pragma("secure_delete = ON");
  connection.pragma("cell_size_check = ON");
  connection.pragma("trusted_schema = OFF");
  connection.pragma("temp_store = MEMORY");
  connection.pragma("cache_size = -2000");
}

/** The key that it is chained and sealed with stands in the journal by its id, so that another one is refused at once. */
function introduce(connection: Connection, { key, appVersion, clock }: JournalOptions): void {
  const written = fact(connection, "keyId");
  if (written !== undefined && written !== key.id) throw otherKey(connection.path, String(written), key.id);
  if (fact(connection, "writtenBy") === appVersion) return;
  connection.write(() => {
    setFact(connection, "writtenBy", appVersion);
    if (written !== undefined) return;
    setFact(connection, "keyId", key.id);
    setFact(connection, "createdAt", clock());
  });
}

/**
 * The structure of the whole file (some milliseconds for 10,000 events), and that the newest event is as it was written.
 * The rest is verified when it is read, and by `journal check`.
 */
export function readTail(connection: Connection, verifier: Verifier): Tail {
  const found = connection.get<{ quick_check: string }>("PRAGMA quick_check(1)")?.quick_check;
  if (found !== "ok") throw damaged(connection.path, found ?? "its pages can't be read");
  const newest = connection.get<EventRow>(`SELECT ${eventColumns} FROM events ORDER BY seq DESC LIMIT 1`);
  if (newest === undefined) return genesis;
  verifier.event(newest);
  return newest;
}

type Start = JournalOptions & { readonly tail: Tail };

function operations(connection: Connection, verifier: Verifier, { key, clock, ...start }: Start): Journal {
  let { tail } = start;
  const chain = deriveKey(key, "chain");
  // A killed process may have left deleted secrets in the WAL: the first idle moment truncates it.
  let untidy = true;
  const checkPresence = watchPresence(connection.path);
  checkPresence();
  const present = <A extends unknown[], R>(work: (...args: A) => R) => {
    return (...args: A): R => {
      checkPresence();
      return work(...args);
    };
  };
  const commit = (inputs: readonly Append[]): void => {
    const appended = connection.write(() =>
      inputs.reduce(
        (before, input) => {
          const { tail: after, forgot } = appendWithin(connection, chain, before.tail, input);
          return { tail: after, forgot: before.forgot || forgot };
        },
        { tail, forgot: false },
      ),
    );
    tail = appended.tail;
    untidy ||= appended.forgot;
  };
  const answered = (...[id, how]: [number, Parameters<typeof answer>[2]]): void => {
    answer(connection, id, how);
    untidy = true;
  };
  return {
    ...readOperations(connection, verifier),
    append: present((input) => {
      commit([input]);
      return tail.seq;
    }),
    rehearse: present((input) => {
      connection.rehearse(() => appendWithin(connection, chain, tail, input));
    }),
    appendAll: present(commit),
    reschedule: present((id, to) => reschedule(connection, id, to)),
    markOpen: present((id) => markOpen(connection, id)),
    dueIntents: (now, limit) => dueIntents(connection, now, limit),
    dueWakes: (now, limit) => dueWakes(connection, now, limit),
    nextDue: (after) => nextDue(connection, after),
    setFact: present((name, value) => setFact(connection, name, value)),
    // Looked at in every round: requests would be left in the file that lies there now.
    inbox: present(() => inbox(connection)),
    refuse: present((id, reason) => answered(id, { state: "refused", reason })),
    take: present((id) => answered(id, { state: "taken", seq: null })),
    tidy() {
      if (untidy) untidy = !truncateWal(connection);
    },
    compact: present((before) => {
      const { removed, kept, ...after } = connection.write(() =>
        compactWithin(connection, chain, tail, { before, at: clock(), verifier }),
      );
      tail = after.tail;
      if (removed > 0) connection.execute("PRAGMA incremental_vacuum");
      untidy ||= removed > 0;
      return { removed, kept };
    }),
  };
}

function otherKey(path: string, written: string, given: string): DotvaultError {
  return new DotvaultError("journal.other-key", `the journal ${path} belongs to key ${written}, not to ${given}`, {
    hint: "restore the key that it was written with; nothing was changed",
  });
}
