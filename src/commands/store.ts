import { existsSync } from "node:fs";
import { createEmbeddedStore } from "../adapters/embedded/store.ts";
import { StoreFailure } from "../adapters/store-port.ts";
import { type Moved, moveSecrets } from "../agent/move-store.ts";
import { DotvaultError } from "../errors.ts";
import { acquireLock } from "../journal/lock.ts";
import { count } from "../terminal/times.ts";
import { pathsOf, requireConfig } from "./assembly/config.ts";
import { openKey } from "./assembly/keys.ts";
import { silentLog } from "./assembly/log-output.ts";
import { openVaultHost } from "./assembly/vault-host.ts";
import { type Command, EXIT, type Io, type Parsed } from "./cli/io.ts";

/** `store move`: from the embedded store to the Vault that the configuration names now. */
export const store: Command = async (parsed, io) => {
  const [what = ""] = parsed.positionals;
  if (what === "move") return move(parsed, io);
  throw new DotvaultError("usage.store", `store: there is no "${what}"`, { hint: "store move" });
};

async function move(parsed: Parsed, io: Io): Promise<number> {
  const { config } = requireConfig(parsed, io);
  const where = pathsOf(io);
  if (config.vault.address === undefined) {
    const hint = "set vault.address in the configuration first";
    throw new DotvaultError("store.no-vault", "the configuration names no Vault to move to", { hint });
  }
  if (!existsSync(where.store)) {
    io.err.write(`○ there is no embedded store (${where.store}): nothing to move\n`);
    return EXIT.healthy;
  }
  const lock = acquireLock({ directory: where.stateDir, command: "dotvault store move", clock: io.now });
  if ("heldBy" in lock) throw agentRuns(lock.heldBy.pid);
  const key = await openKey(where, io, config.journal.key);
  const from = createEmbeddedStore({ path: where.store, key, clock: io.now });
  const { store: to, close } = await openVaultHost(where, config, io, silentLog);
  try {
    const names = await from.names();
    if (parsed.flags["dry-run"] === true) return show(names, to.place, io);
    return await moveAll(names, { from, to }, io);
  } finally {
    await Promise.all([from.close(), close()]);
    lock.release();
  }
}

function show(names: readonly string[], place: string, io: Io): number {
  for (const name of names) io.out.write(`${name} → ${place}\n`);
  return EXIT.healthy;
}

const WORDS: Readonly<Record<Moved["outcome"], string>> = {
  moved: "✓ moved",
  "was-there": "✓ was there already",
  differs: "✗ another secret is there by this name; both stay",
};

async function moveAll(
  names: readonly string[],
  { from, to }: { readonly from: Parameters<typeof moveSecrets>[0]; readonly to: Parameters<typeof moveSecrets>[1] },
  io: Io,
): Promise<number> {
  const done: Moved[] = [];
  try {
    await moveSecrets(from, to, names, (moved) => {
      done.push(moved);
      io.err.write(`${WORDS[moved.outcome]}: ${moved.name}\n`);
    });
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error;
    const left = names.length - done.length;
    const hint = `${error.hint === undefined ? "" : `${error.hint}; `}then run it again: what is moved stays moved`;
    throw new DotvaultError(error.class, `${error.message}; ${count(left, "secret")} still to be moved`, { hint });
  }
  const differ = done.filter(({ outcome }) => outcome === "differs").length;
  io.err.write(
    `${count(done.length - differ, "secret")} in ${to.place}; ${count(differ, "secret")} left in ${from.place}\n`,
  );
  return differ > 0 ? EXIT.error : EXIT.healthy;
}

function agentRuns(pid: number): DotvaultError {
  return new DotvaultError("agent.running", `an agent is running (pid ${pid}), and it uses the store`, {
    hint: "stop it (dotvault service uninstall, or kill it), move, and start it again",
  });
}
