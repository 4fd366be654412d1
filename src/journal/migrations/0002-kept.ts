/**
 * `kept`: every few events, what their stream stood on after them (src/journal/keep.ts): the snapshot, whose digest the event
 * has, what was open and the wakes as JSON, `digest` over these two, and `mac` over that and the event's. `setbacks`: where an
 * event's clock shows less than the one before; between two of them times only grow.
 */
export const kept = `
CREATE TABLE kept (
  stream   TEXT NOT NULL,
  version  INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  snapshot TEXT NOT NULL,
  open     TEXT NOT NULL,
  wakes    TEXT NOT NULL,
  digest   TEXT NOT NULL,
  mac      TEXT NOT NULL,
  PRIMARY KEY (stream, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE setbacks (seq INTEGER PRIMARY KEY) STRICT;
INSERT INTO setbacks (seq)
  SELECT seq FROM (SELECT seq, at, lag(at) OVER (ORDER BY seq) AS earlier FROM events) WHERE at < earlier;
`;
