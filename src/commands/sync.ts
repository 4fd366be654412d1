import { setTimeout as pause } from "node:timers/promises";
import { DotvaultError } from "../errors.ts";
import type { JournalReader } from "../journal/port.ts";
import { openReader } from "../journal/reader.ts";
import { postRequest } from "../journal/request.ts";
import type { RuleSnapshot } from "../machines/rule/rule.ts";
import { pathsOf, requireConfig } from "./config.ts";
import { ringDoorbell } from "./doorbell.ts";
import { taken } from "./follow.ts";
import { becomeAgent } from "./host.ts";
import { type Command, EXIT, type Io } from "./io.ts";
import { silentLog } from "./log-output.ts";

/** Writes all files now. */
export const sync: Command = async (parsed, io) => {
  const loaded = requireConfig(parsed, io);
  const { config } = loaded;
  const where = pathsOf(io);
  if (parsed.flags["dry-run"] === true) return (await import("./dry-run.ts")).dryRun(where, config, io);
  const host = await becomeAgent(where, loaded, io, { log: silentLog, command: "dotvault sync" });
  if (!("heldBy" in host)) {
    try {
      await host.agent.settled();
      return report(host.real.world.journal, config.rules, io);
    } finally {
      await host.close();
    }
  }
  const reader = openReader({ directory: where.stateDir });
  if (!reader) throw new DotvaultError("journal.missing", `there is no journal in ${where.stateDir} yet`);
  try {
    const asked = reader.fact("syncs");
    await taken(reader, postAndRing(where.stateDir, where.socket, io));
    while (reader.fact("syncs") === asked) await pause(100);
    return report(reader, config.rules, io);
  } finally {
    reader.close();
  }
};

function postAndRing(directory: string, socket: string, io: Io): number {
  const request = postRequest({ directory, clock: io.now }, "sync", {});
  void ringDoorbell(socket);
  return request;
}

/** Says how each rule's file stands, from the journal. */
function report(reader: JournalReader, rules: readonly { readonly name: string }[], io: Io): number {
  let failed = 0;
  for (const { name } of rules) {
    const snapshot = reader.head(`rule/${name}`)?.snapshot as unknown as RuleSnapshot | undefined;
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
