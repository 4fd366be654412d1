import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Actors } from "../../src/agent/actors.ts";
import { Watch } from "../../src/agent/watch.ts";
import { requireConfig } from "../../src/commands/assembly/config.ts";
import { openWorld } from "../../src/commands/assembly/world.ts";
import type { Io, Screen } from "../../src/commands/cli/io.ts";
import { paths } from "../../src/config/paths.ts";
import type { OpenBao } from "../../test/support/openbao.ts";

const nothing = () => {};
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export interface Cost {
  readonly seconds: number;
  readonly cpu: number;
  readonly requests: number;
  readonly commits: number;
}

/** The sync engine as the agent has it, on a configuration with so many rules and secrets. */
export interface Syncing extends AsyncDisposable {
  readonly first: Cost;
  /** Every secret compared with its files. */
  again(): Promise<Cost>;
  /** The same by an agent that has just been started: it has nothing in memory. */
  restart(): Promise<Cost>;
  /** What happens every ten seconds. */
  look(): Promise<Cost>;
  /** Another program writes one of the secrets. */
  change(): Promise<void>;
}

export async function startSyncing(bao: OpenBao, home: string, size: number): Promise<Syncing> {
  const io = ioIn(home, bao.token, `bench-${size}`);
  const names = Array.from({ length: size }, (_, n) => `s${n}`);
  await seed(bao, io.user, names);
  writeConfig(home, bao.address, names);
  const loaded = requireConfig({ positionals: [], flags: {} }, io);
  const counts = { requests: 0, commits: 0 };
  const count = () => {
    counts.requests += 1;
  };
  subscribe("undici:request:create", count);
  const real = await openWorld(paths({}, process.platform, home), loaded, io, {
    log,
    wrap: (ports) => ({
      ...ports,
      journal: {
        ...ports.journal,
        append(input) {
          counts.commits += 1;
          return ports.journal.append(input);
        },
        appendAll(inputs) {
          counts.commits += 1;
          ports.journal.appendAll(inputs);
        },
      },
    }),
  });
  let watch = new Watch(real.world, new Actors(real.world));
  const { signal } = new AbortController();
  const measured = async (everything: boolean): Promise<Cost> => {
    Object.assign(counts, { requests: 0, commits: 0 });
    const [start, before] = [performance.now(), process.cpuUsage()];
    await watch.look(names, new Map(), { everything, signal });
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6, ...counts };
  };
  return {
    first: await measured(true),
    again: () => measured(true),
    async restart() {
      await real.replan(loaded);
      watch = new Watch(real.world, new Actors(real.world));
      return measured(true);
    },
    look: () => measured(false),
    change: async () => void (await write(bao, io.user, `s${size >> 1}`, "changed")),
    async [Symbol.asyncDispose]() {
      unsubscribe("undici:request:create", count);
      await real.close();
    },
  };
}

async function seed(bao: OpenBao, user: string, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += 20) {
    await Promise.all(names.slice(at, at + 20).map((name) => write(bao, user, name, "first")));
  }
}

function write(bao: OpenBao, user: string, name: string, token: string): Promise<unknown> {
  const data = { url: `https://${name}.example.com`, access_token: `${token}-${name}`, user };
  return bao.api("POST", `secret/data/users/${user}/${name}`, { data });
}

/** Ten files a folder, half of them json, as a person with that many would have them. */
function writeConfig(home: string, address: string, names: readonly string[]): void {
  const rules = names.map((name, n) => ({
    name,
    vault_key: name,
    target: {
      path: `~/files/${Math.floor(n / 10)}/${name}`,
      format: n % 2 ? "ini" : "json",
      template:
        n % 2 ? "[auth]\ntoken = {{ .access_token }}\n" : '{"url": "{{ .url }}", "token": "{{ .access_token }}"}',
    },
  }));
  const file = paths({}, process.platform, home).userConfig;
  mkdirSync(dirname(file), { recursive: true });
  const vault = { address, kv_mount: "secret", auth_method: "token" };
  writeFileSync(file, JSON.stringify({ vault, rules }), { mode: 0o600 });
  writeFileSync(join(home, ".dotvault-token"), "root", { mode: 0o600 });
}

function ioIn(home: string, token: string, user: string): Io {
  const nowhere: Screen = { isTerminal: false, columns: 80, write() {} };
  const env = { HOME: home, XDG_CONFIG_DIRS: join(home, "none"), DOTVAULT_TOKEN: token };
  const input = { isTerminal: false, readLine: async () => undefined };
  return { env, home, platform: process.platform, cwd: home, user, now: Date.now, out: nowhere, err: nowhere, input };
}
