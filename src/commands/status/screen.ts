import type { StatusReport } from "../../terminal/status/report.ts";
import { statusText } from "../../terminal/status/text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Io } from "../cli/io.ts";

/** The report for people. */
export function statusScreen(report: StatusReport, io: Io): string {
  const columns = io.out.isTerminal ? io.out.columns : Number.POSITIVE_INFINITY;
  return statusText(report, styleFor(io.out, io.env), columns);
}
