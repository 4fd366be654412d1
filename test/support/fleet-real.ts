import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { readConfig } from "../../src/commands/assembly/config.ts";
import { becomeAgent, type Host } from "../../src/commands/assembly/host.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import type { Io } from "../../src/commands/cli/io.ts";
import { postRequest } from "../../src/journal/request.ts";
import { stateName } from "../../src/machines/stream/state-name.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { showsLivePair, tokenIn } from "./agent-process.ts";
import { configText, type Home, jfrogWish, makeHome } from "./home.ts";
import { startProxy, type TcpProxy } from "./proxy.ts";

const LOOK_EVERY = 50;
/** Only a fleet that hangs takes so long. */
const PATIENCE = 150_000;

/** One machine of a person: real journal, files, HTTP and Vault; the agent runs in this process. */
export interface RealMachine {
  readonly home: Home;
  /** Its way to Vault. */
  readonly proxy: TcpProxy;
  readonly state: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  ask(verb: string): void;
}

export interface RealFleet {
  readonly platform: Simulator;
  readonly vault: { readonly address: string; readonly token: string; readonly mount: string };
  /** How far each machine's clock is ahead, milliseconds. */
  readonly skew: readonly number[];
}

/** Machines of one person on one Vault, each by a way of its own. None runs yet. */
export async function makeFleet(t: TestContext, { platform, vault, skew }: RealFleet): Promise<RealMachine[]> {
  return Promise.all(
    skew.map(async (ahead) => {
      const proxy = await startProxy(t, () => vault.address);
      const home = makeHome();
      const place = { address: proxy.address, mount: vault.mount };
      home.configure(configText(jfrogWish(platform.url, { vault: place, interval: "1s" })));
      const io = ioOf(home, vault.token, () => Date.now() + ahead);
      const machine = machineIn(home, proxy, io);
      t.after(async () => {
        await machine.stop();
        home.remove();
      });
      return machine;
    }),
  );
}

function machineIn(home: Home, proxy: TcpProxy, io: Io): RealMachine {
  let host: Host | null = null;
  return {
    home,
    proxy,
    get state() {
      return host ? stateName(host.agent.actors.snapshot("enrolment/jfrog").value) : "stopped";
    },
    async start() {
      const { config, file } = readConfig({ positionals: [], flags: {} }, io);
      if (!config) throw new Error("no configuration");
      const begun = await becomeAgent(home.where, { config, file }, io, { log: silentLog, command: "dotvault run" });
      if ("heldBy" in begun) throw new Error("it runs already");
      host = begun;
    },
    async stop() {
      const ending = host;
      host = null;
      await ending?.close();
    },
    ask(verb) {
      postRequest({ directory: home.where.stateDir, clock: io.now }, verb, { name: "jfrog" });
      host?.agent.ring();
    },
  };
}

function ioOf(home: Home, token: string, now: () => number): Io {
  const screen = { isTerminal: false, columns: 80, write: () => {} };
  return {
    env: { XDG_CONFIG_DIRS: `${home.directory}/none`, DOTVAULT_TOKEN: token },
    platform: process.platform,
    home: home.directory,
    cwd: home.directory,
    user: "ada",
    now,
    out: screen,
    err: screen,
    input: { isTerminal: false, readLine: async () => undefined },
  };
}

export async function until(what: string, tells: () => boolean, explain: () => unknown = () => ""): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += LOOK_EVERY) {
    if (tells()) return;
    await pause(LOOK_EVERY);
  }
  throw new Error(`waited in vain: ${what} ${JSON.stringify(explain())}`);
}

/** All are active and show the one live pair. */
export function untilWell(fleet: readonly RealMachine[], platform: Simulator): Promise<void> {
  return until(
    "everybody is well",
    () => fleet.every(({ home, state }) => state === "active.resting" && showsLivePair(home, platform)),
    () => fleet.map(({ home, state }) => [state, tokenIn(home)?.slice(-6)]),
  );
}
