/**
 * `kept`: after every few events, what their stream stood on (src/journal/keep.ts): the snapshot, whose digest the event has,
 * what was open and the wakes as JSON, `digest` over these two and the position, and `mac` over that and the event's. It has no index: the
 * events' own leads there in a few steps, and each page that an append does not write counts. `setbacks`: where an event's
 * clock shows less than the one before; between two of them times only grow.
 */
export const kept = `
CREATE TABLE kept (
  seq      INTEGER PRIMARY KEY,
  snapshot TEXT NOT NULL,
  open     TEXT NOT NULL,
  wakes    TEXT NOT NULL,
  digest   TEXT NOT NULL,
  mac      TEXT NOT NULL
) STRICT;

CREATE TABLE setbacks (seq INTEGER PRIMARY KEY) STRICT;
INSERT INTO setbacks (seq)
  SELECT seq FROM (SELECT seq, at, lag(at) OVER (ORDER BY seq) AS earlier FROM events) WHERE at < earlier;
`;
