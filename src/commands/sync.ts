import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "../config/config.ts";
import type { Paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { lockHolder } from "../journal/lock.ts";
import type { JournalReader } from "../journal/port.ts";
import { postRequest } from "../journal/request.ts";
import type { RuleSnapshot } from "../machines/rule/rule.ts";
import { RULE } from "../machines/stream/names.ts";
import { pathsOf, requireConfig } from "./assembly/config.ts";
import { ringDoorbell } from "./assembly/doorbell.ts";
import { journalOf, LOOK_EVERY, LOOKS_BETWEEN } from "./assembly/follow.ts";
import { becomeAgent, type Host } from "./assembly/host.ts";
import { silentLog } from "./assembly/log-output.ts";
import { type Command, EXIT, type Io } from "./cli/io.ts";

/** Writes all files now. */
export const sync: Command = async (parsed, io) => {
  const loaded = requireConfig(parsed, io);
  const { config } = loaded;
  const where = pathsOf(io);
  if (parsed.flags["dry-run"] === true)
    return (await import("./dry-run.ts")).dryRun(where, config, io, parsed.positionals[0]);
  if (parsed.positionals[0] !== undefined) {
    const hint = "dotvault sync writes all files; sync --dry-run RULE shows one";
    throw new DotvaultError("usage.rule", "one rule can't be synced alone", { hint });
  }
  for (;;) {
    const host = await becomeAgent(where, loaded, io, { log: silentLog, command: "dotvault sync" });
    if (!("heldBy" in host)) return syncHere(host, config, io);
    const code = await syncThere(where, config, io);
    if (code !== undefined) return code;
  }
};

async function syncHere({ agent, real, close }: Host, config: Config, io: Io): Promise<number> {
  try {
    await agent.settled();
    return report(real.world.journal, config.rules, io);
  } finally {
    await close();
  }
}

/** Has the running agent do it. @returns undefined when it went away meanwhile */
async function syncThere(where: Paths, config: Config, io: Io): Promise<number | undefined> {
  const reader = await journalOf(where);
  try {
    const askedAt = io.now();
    const request = postRequest({ directory: where.stateDir, clock: io.now }, "sync", {});
    await ringDoorbell(where.socket);
    for (let looks = 1; ; looks++) {
      const row = reader.request(request);
      if (row?.state === "refused") throw new DotvaultError("agent.refused", row.reason ?? "the agent refused it");
      const began = reader.fact("syncs");
      if (row?.state !== "waiting" && typeof began === "number" && began >= askedAt) {
        return report(reader, config.rules, io);
      }
      await pause(LOOK_EVERY);
      if (looks % LOOKS_BETWEEN === 0 && !lockHolder({ directory: where.stateDir })) return undefined;
    }
  } finally {
    reader.close();
  }
}

/** Says how each rule's file stands, from the journal. */
function report(reader: JournalReader, rules: readonly { readonly name: string }[], io: Io): number {
  let failed = 0;
  for (const { name } of rules) {
    const snapshot = reader.head(RULE + name)?.snapshot as unknown as RuleSnapshot | undefined;
    if (snapshot?.failure) {
      failed += 1;
      const { message, hint } = snapshot.failure;
      io.err.write(`✗ ${name}: ${message}\n${hint === null ? "" : `  ${hint}\n`}`);
    } else if (snapshot) {
      io.err.write(`✓ ${name}: ${snapshot.path} is current\n`);
    } else {
      io.err.write(`○ ${name}: no secret yet\n`);
    }
  }
  const trouble = reader.fact("storeTrouble");
  if (typeof trouble === "object" && trouble !== null && "message" in trouble) {
    io.err.write(`! ${String(trouble.message)}\n`);
    return EXIT.error;
  }
  return failed > 0 ? EXIT.error : EXIT.healthy;
}
