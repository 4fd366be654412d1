import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, openBaoBinary } from "./openbao.ts";

const LOOK_EVERY = 50;
/** Only a cluster that never comes up takes so long. */
const PATIENCE = 60_000;

/** One server of a cluster, by the address that it keeps. */
export interface RaftNode {
  readonly id: string;
  readonly address: string;
  readonly running: boolean;
}

/** Three OpenBao servers on loopback that share a Raft log. */
export interface RaftCluster {
  readonly nodes: readonly RaftNode[];
  readonly token: string;
  /** The node that writes, asked of the nodes themselves; waits until there is one. */
  leader(): Promise<RaftNode>;
  /** SIGKILL. */
  kill(node: RaftNode): Promise<void>;
  /** Brings a killed one back on its own data, and unseals it. */
  revive(node: RaftNode): Promise<void>;
  /** A request to the leader with the root token. Throws for a status above 399. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

class Node implements RaftNode {
  readonly id: string;
  readonly address: string;
  readonly #home: string;
  readonly #binary: string;
  #child: ChildProcess | null = null;

  constructor(binary: string, home: string, id: string, [port, clusterPort]: readonly [number, number]) {
    this.id = id;
    this.address = `http://127.0.0.1:${port}`;
    this.#home = join(home, id);
    this.#binary = binary;
    mkdirSync(join(this.#home, "data"), { recursive: true });
    writeFileSync(join(this.#home, "bao.json"), JSON.stringify(configuration(this.#home, id, port, clusterPort)));
  }

  get running(): boolean {
    return this.#child !== null;
  }

  async start(): Promise<void> {
    const child = spawn(this.#binary, ["server", `-config=${join(this.#home, "bao.json")}`], {
      cwd: this.#home,
      env: { HOME: this.#home, PATH: "" },
      stdio: "ignore",
    });
    this.#child = child;
    await until(
      `${this.id} answers`,
      async () => (await call(this.address, "", "GET", "sys/seal-status")).status < 500,
    );
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** For a dying test run, which can't wait. */
  endNow(): void {
    this.#child?.kill("SIGKILL");
  }
}

/** Short timings: a vote within 250 ms, and a joined node is a voter as soon as it has stood half a second. */
function configuration(home: string, id: string, port: number, clusterPort: number): object {
  return {
    storage: {
      raft: {
        path: join(home, "data"),
        node_id: id,
        performance_multiplier: "1",
        autopilot_reconcile_interval: "100ms",
        autopilot_update_interval: "100ms",
      },
    },
    listener: {
      tcp: { address: `127.0.0.1:${port}`, cluster_address: `127.0.0.1:${clusterPort}`, tls_disable: true },
    },
    api_addr: `http://127.0.0.1:${port}`,
    cluster_addr: `http://127.0.0.1:${clusterPort}`,
    disable_mlock: true,
    ui: false,
  };
}

/** Starts a cluster of three voters with a KV version 2 mount at `secret`. Ended by `stop`, also by a dying test run. */
export async function startRaft(): Promise<RaftCluster> {
  const binary = openBaoBinary();
  const home = mkdtempSync(join(tmpdir(), "dotvault-raft-"));
  const ports = await Promise.all(Array.from({ length: 6 }, freePort));
  const nodes = [0, 1, 2].map((n) => new Node(binary, home, `node-${n}`, [ports[2 * n] ?? 0, ports[2 * n + 1] ?? 0]));
  const removeAll = () => {
    for (const node of nodes) node.endNow();
    rmSync(home, { recursive: true, force: true });
  };
  process.once("exit", removeAll);
  const dieWithThem = (signal: NodeJS.Signals) => {
    removeAll();
    process.kill(process.pid, signal);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, dieWithThem);
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.end()));
    process.removeListener("exit", removeAll);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.removeListener(signal, dieWithThem);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    return { ...(await grown(nodes)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function grown(nodes: readonly Node[]): Promise<Omit<RaftCluster, "stop">> {
  await Promise.all(nodes.map((node) => node.start()));
  const [first, ...others] = nodes;
  if (!first) throw new Error("no nodes");
  const born = await must(first.address, "", "POST", "sys/init", { secret_shares: 1, secret_threshold: 1 });
  const { keys, root_token: token } = born as { keys: string[]; root_token: string };
  const unseal = (node: Node) => must(node.address, "", "POST", "sys/unseal", { key: keys[0] });
  await unseal(first);
  const cluster = { ...clusterOf(nodes, token, unseal), nodes, token };
  await cluster.leader();
  await cluster.api("POST", "sys/storage/raft/autopilot/configuration", { server_stabilization_time: "500ms" });
  for (const node of others) {
    await must(node.address, "", "POST", "sys/storage/raft/join", { leader_api_addr: first.address });
    await unseal(node);
  }
  await cluster.api("POST", "sys/mounts/secret", { type: "kv", options: { version: "2" } });
  await until("three voters", async () => (await voters(cluster)) === 3);
  // A standby shows the new mount a little later than the leader.
  for (const { address } of nodes) {
    await until(
      "the mount is everywhere",
      async () => (await call(address, token, "GET", "secret/config")).status < 400,
    );
  }
  return cluster;
}

function clusterOf(nodes: readonly Node[], token: string, unseal: (node: Node) => Promise<unknown>) {
  const known = ({ id }: RaftNode): Node => {
    const node = nodes.find((one) => one.id === id);
    if (!node) throw new Error(`no node ${id}`);
    return node;
  };
  const leader = () =>
    until("a leader", async () => {
      for (const node of nodes.filter(({ running }) => running)) {
        if ((await call(node.address, "", "GET", "sys/health")).status === 200) return node;
      }
      return undefined;
    });
  return {
    leader,
    kill: (node: RaftNode) => known(node).end(),
    async revive(node: RaftNode) {
      await known(node).start();
      await unseal(known(node));
      await until(`${node.id} follows`, async () => {
        return [200, 429, 473].includes((await call(node.address, "", "GET", "sys/health")).status);
      });
    },
    async api(method: string, path: string, body?: unknown) {
      return must((await leader()).address, token, method, path, body);
    },
  };
}

async function voters(cluster: Pick<RaftCluster, "api">): Promise<number> {
  const answer = (await cluster.api("GET", "sys/storage/raft/configuration").catch(() => undefined)) as
    | { data: { config: { servers: { voter: boolean }[] } } }
    | undefined;
  return answer?.data.config.servers.filter(({ voter }) => voter).length ?? 0;
}

async function until<T>(what: string, tells: () => Promise<T | undefined | false>): Promise<T> {
  for (let waited = 0; waited < PATIENCE; waited += LOOK_EVERY) {
    const told = await tells();
    if (told !== undefined && told !== false) return told;
    await pause(LOOK_EVERY);
  }
  throw new Error(`waited in vain: ${what}`);
}

async function must(address: string, token: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const { status, text } = await call(address, token, method, path, body);
  if (status > 399) throw new Error(`${method} ${path}: ${status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Status 599: nobody answers. */
async function call(address: string, token: string, method: string, path: string, body?: unknown) {
  try {
    const answer = await fetch(`${address}/v1/${path}`, {
      method,
      headers: token === "" ? {} : { "x-vault-token": token },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  } catch {
    return { status: 599, text: "", headers: new Headers() };
  }
}
