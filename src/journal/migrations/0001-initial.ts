/**
 * `events` is the history, each row chained to the one before by `mac`; `snapshot` there is the digest of the snapshot in
 * `streams`, which only holds the newest. `intents`, `wakes` and `secrets` hold what is open or alive and nothing else, so
 * that their size, and the cost of looking, follow what is due. `gaps` are the runs of events that compaction removed.
 */
export const initial = `
CREATE TABLE events (
  seq      INTEGER PRIMARY KEY,
  stream   TEXT NOT NULL,
  version  INTEGER NOT NULL,
  machine  INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  event    TEXT NOT NULL,
  state    TEXT NOT NULL,
  effects  TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  mac      TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_stream ON events (stream, version);

CREATE TABLE streams (
  id       INTEGER PRIMARY KEY,
  stream   TEXT NOT NULL UNIQUE,
  version  INTEGER NOT NULL,
  machine  INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  state    TEXT NOT NULL,
  snapshot TEXT NOT NULL
) STRICT;

CREATE TABLE intents (
  stream    TEXT NOT NULL,
  kind      TEXT NOT NULL,
  subject   TEXT NOT NULL,
  id        TEXT NOT NULL UNIQUE,
  params    TEXT NOT NULL,
  once      INTEGER NOT NULL CHECK (once IN (0, 1)),
  opened_at INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  due_at    INTEGER NOT NULL,
  attempt   INTEGER NOT NULL,
  phase     TEXT NOT NULL CHECK (phase IN ('open', 'unsent')),
  failure   TEXT,
  PRIMARY KEY (stream, kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX intents_by_due ON intents (due_at);

CREATE TABLE wakes (
  stream TEXT NOT NULL,
  name   TEXT NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (stream, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX wakes_by_time ON wakes (at);

CREATE TABLE secrets (
  rowid  INTEGER PRIMARY KEY,
  id     TEXT NOT NULL UNIQUE,
  stream TEXT NOT NULL,
  kind   TEXT NOT NULL,
  digest TEXT NOT NULL,
  at     INTEGER NOT NULL,
  jwe    TEXT NOT NULL
) STRICT;

CREATE TABLE inbox (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  verb   TEXT NOT NULL,
  args   TEXT NOT NULL,
  at     INTEGER NOT NULL,
  state  TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'refused')),
  seq    INTEGER,
  reason TEXT
) STRICT;
CREATE INDEX inbox_waiting ON inbox (id) WHERE state = 'waiting';

CREATE TABLE facts (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
  first INTEGER PRIMARY KEY,
  last  INTEGER NOT NULL,
  mac   TEXT NOT NULL
) STRICT;
`;
