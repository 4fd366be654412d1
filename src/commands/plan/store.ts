import type { Config } from "../../config/config.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { PlanReport } from "../../terminal/plan/report.ts";

/** Where secrets are kept, in a line: what the agent notes of it in the journal. */
export function storeMark({ vault }: Config): string {
  const { address, kvMount, userPrefix, namespace } = vault;
  if (address === undefined) return EMBEDDED;
  return [`${address}/${kvMount}/${userPrefix}`, ...(namespace === undefined ? [] : [`namespace ${namespace}`])].join(
    ", ",
  );
}

const EMBEDDED = "the embedded store";

/** Whether secrets would be kept elsewhere; null also where no agent has noted it. */
export function storeChange(reader: JournalReader | undefined, config: Config): PlanReport["store"] {
  const from = reader?.fact("store");
  const to = storeMark(config);
  return typeof from !== "string" || from === to ? null : { from, to };
}
