import { chainEvents } from "../../journal/plain-chain.ts";
import type { Aliases } from "../../machines/history/aliases.ts";
import { exportHistory, type History, type HistoryRow, type HistoryStanding } from "../../machines/history/history.ts";
import { KINDS } from "../../machines/history/streams.ts";
import type { RecordedHistory } from "../history/recorded.ts";

type Chained<T> = T & { readonly hash: string };
export type ToldHistory = History<Chained<HistoryRow>, Chained<HistoryStanding>>;

/**
 * A history as it may leave the machine, chained from what it begins on to what it ends with. Pure.
 *
 * @param version of dotvault
 */
export function toldHistory(recorded: RecordedHistory, version: string, aliases: Aliases): ToldHistory {
  const { stream, rows, start, end } = recorded;
  const name = recorded.name === "" ? "" : aliases.of(KINDS[stream].named, recorded.name);
  const history = exportHistory(rows, { version, stream, name, start, end }, aliases);
  return chained(history);
}

function chained({ start, events, end, ...rest }: History): ToldHistory {
  const rows = chainEvents([...(start ? [start] : []), ...events, ...(end ? [end] : [])]);
  return {
    ...rest,
    start: start ? (rows[0] as Chained<HistoryStanding>) : null,
    events: rows.slice(start ? 1 : 0, end ? -1 : undefined) as Chained<HistoryRow>[],
    end: end ? (rows.at(-1) as Chained<HistoryStanding>) : null,
  };
}
