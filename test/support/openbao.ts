import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A running `bao server -dev` (in memory, unsealed) on loopback. Ended by {@link OpenBao.stop}, also by a dying test run. */
export interface OpenBao {
  readonly address: string;
  readonly token: "root";
  readonly pid: number;
  /** A request with the root token; the parsed answer. Throws for a status above 399. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
  /** SIGKILL: connections are cut, everything in memory is gone. */
  kill(): Promise<void>;
}

const script = fileURLToPath(new URL("../../scripts/openbao.mjs", import.meta.url));
let binary: string | undefined;

/** The server's binary, provided at its first use. */
export function openBaoBinary(): string {
  binary ??= spawnSync(process.execPath, [script], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).stdout.trim();
  if (binary === "") throw new Error("no OpenBao: see above, or run node scripts/openbao.mjs");
  return binary;
}

/**
 * Starts a server of its own; `port` brings one back at an address that was in use before; `config` is a configuration file's
 * content, say for further listeners.
 */
export async function startOpenBao(options: { port?: number; config?: object } = {}): Promise<OpenBao> {
  const command = openBaoBinary();
  for (let tries = 3; ; tries--) {
    const port = options.port ?? (await freePort());
    try {
      return await startAt(command, port, options.config ?? {});
    } catch (error) {
      // Between our asking for a free port and the server's binding it, somebody else may have taken it.
      if (tries === 1 || options.port !== undefined) throw error;
    }
  }
}

async function startAt(command: string, port: number, config: object): Promise<OpenBao> {
  const home = mkdtempSync(join(tmpdir(), "dotvault-openbao-"));
  const configFile = join(home, "config.json");
  writeFileSync(configFile, JSON.stringify(config));
  const args = [
    "server",
    "-dev",
    "-dev-root-token-id=root",
    `-dev-listen-address=127.0.0.1:${port}`,
    "-dev-no-store-token",
    `-config=${configFile}`,
  ];
  const child = spawn(command, args, { cwd: home, env: { HOME: home, PATH: "" }, stdio: ["ignore", "ignore", "pipe"] });
  const said: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const killWithUs = () => {
    child.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  };
  process.once("exit", killWithUs);
  const dieWithIt = (signal: NodeJS.Signals) => {
    killWithUs();
    process.kill(process.pid, signal);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, dieWithIt);

  const end = async (signal: NodeJS.Signals) => {
    child.ref();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, "exit");
    }
    process.removeListener("exit", killWithUs);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.removeListener(signal, dieWithIt);
    rmSync(home, { recursive: true, force: true });
  };

  const address = `http://127.0.0.1:${port}`;
  try {
    await ready(child, address);
  } catch (cause) {
    await end("SIGKILL");
    throw new Error(`OpenBao did not start on port ${port}:\n${said.join("")}`, { cause });
  }
  // A test that forgot it must end all the same; the server ends with it.
  child.unref();
  (child.stderr as Socket | null)?.unref();
  return {
    address,
    token: "root",
    pid: Number(child.pid),
    api: (method, path, body) => api(address, method, path, body),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** Health is 200 when the server is unsealed and active, and its first mounts are there. */
async function ready(child: ChildProcess, address: string): Promise<void> {
  const gone = once(child, "exit").then(() => {
    throw new Error("it ended");
  });
  gone.catch(() => {});
  for (;;) {
    const status = await Promise.race([gone, health(address)]);
    if (status === 200) return;
  }
}

async function health(address: string): Promise<number> {
  try {
    const answer = await fetch(`${address}/v1/sys/health`);
    await answer.body?.cancel();
    return answer.status;
  } catch {
    await new Promise((done) => setTimeout(done, 20));
    return 0;
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function api(address: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${address}/v1/${path}`, {
    method,
    headers: { "x-vault-token": "root" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status > 399) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Mounts a KV engine and waits until it answers (a fresh version 2 mount upgrades itself first). */
export async function mountKv(
  bao: OpenBao,
  name: string,
  options: { version?: 1 | 2; casRequired?: boolean; below?: string } = {},
) {
  const namespace = options.below === undefined ? "" : `${options.below}/`;
  const mount = `${namespace}${name}`;
  await bao.api("POST", `${namespace}sys/mounts/${name}`, {
    type: "kv",
    options: { version: String(options.version ?? 2) },
  });
  if (options.version === 1) return;
  for (;;) {
    const config = await bao.api("GET", `${mount}/config`).catch(() => undefined);
    if (config !== undefined) break;
  }
  if (options.casRequired) await bao.api("POST", `${mount}/config`, { cas_required: true });
}

/** A token with exactly these rules: `{ "kv/data/users/a/*": ["read"] }`. */
export async function tokenWith(
  bao: OpenBao,
  rules: Readonly<Record<string, readonly string[]>>,
  options: { noDefaultPolicy?: boolean } = {},
): Promise<string> {
  const name = `p${policies++}`;
  const path = Object.fromEntries(Object.entries(rules).map(([glob, capabilities]) => [glob, { capabilities }]));
  await bao.api("POST", `sys/policies/acl/${name}`, { policy: JSON.stringify({ path }) });
  const made = await bao.api("POST", "auth/token/create", {
    policies: [name],
    no_default_policy: options.noDefaultPolicy ?? false,
  });
  return (made as { auth: { client_token: string } }).auth.client_token;
}
let policies = 0;

export async function revokeToken(bao: OpenBao, token: string): Promise<void> {
  await bao.api("POST", "auth/token/revoke", { token });
}

/** What the owner of a mount may do, and dotvault never does: all versions and the metadata are gone. */
export async function deleteMetadata(bao: OpenBao, mount: string, path: string): Promise<void> {
  await bao.api("DELETE", `${mount}/metadata/${path}`);
}

/** A dev server that was sealed stays so (its key is not kept): stop it afterwards. */
export async function seal(bao: OpenBao): Promise<void> {
  await bao.api("PUT", "sys/seal");
}
