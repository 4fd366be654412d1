import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEmbeddedStore } from "../../../src/adapters/embedded/store.ts";
import { lockStore } from "../../../src/commands/demo/store-lock.ts";
import type { Paths } from "../../../src/config/paths.ts";
import type { Recorded } from "../../../src/journal/port.ts";
import { loadKey } from "../../../src/seal/key-file.ts";
import type { Simulator } from "../../../src/simulator/simulator.ts";
import { type Child, looking, type Machine, makeMachine, type Scope, startPlatform } from "../agent-process.ts";
import type { Evidence } from "../crash.ts";
import { configText, jfRule, jfrogWish } from "../home.ts";
import { startGateway } from "../home-gateway.ts";
import { mountKv, type OpenBao } from "../openbao.ts";
import { startProxy, type Weather } from "../proxy.ts";
import { SHOWN_RULES, writeForeign } from "./files.ts";
import type { Scene } from "./scenes.ts";

const CHILD = fileURLToPath(new URL("../../crash/child.ts", import.meta.url));
export const MIGRATOR = fileURLToPath(new URL("../../crash/migrator.ts", import.meta.url));

/** A machine of the person, and all that it has recorded. */
export interface Seat {
  readonly machine: Machine;
  /** Also what compaction has dropped since. */
  readonly history: readonly Recorded[];
  /** Keeps what the journal has recorded since the last look. */
  collect(): void;
  readonly evidence: Evidence;
}

/** One life's machine, its store and its platform. */
export interface Stage extends Seat {
  readonly scene: Scene;
  /** Another machine of the person, whose agent is left alone. */
  readonly beside?: Seat | undefined;
  readonly platform: Simulator;
  readonly revokedByOthers: string[];
  /** An agent that can be armed. `words`: the point that it dies at, if it is to die by itself. */
  start(words?: readonly string[]): Child;
  /** From here on, the n-th passage of the point is the agent's end. */
  arm(agent: Child, words: readonly string[]): Promise<void>;
  /** The access token that the store itself shows, asked past the agent; undefined: none, or removed. */
  stored(): Promise<string | undefined>;
  storeDown(): Promise<void>;
  /** Connections to the store break, stall or go deaf; an embedded one has no weather. */
  storm(weather: Weather): void;
  /** The store is there, and the way to it good. */
  storeUp(): Promise<void>;
}

/** @param broken the name of a way in which its agent is broken on purpose */
export async function setStage(scope: Scope, scene: Scene, bao: OpenBao | undefined, broken = ""): Promise<Stage> {
  const { rotation, oldAccessToken } = scene;
  const platform = await startPlatform(scope, { oldAccessToken, collectedPoll: 404 });
  const shared = bao ? await vaultOf(scope, bao) : undefined;
  const enrolments = { jfrog: { engine: "jfrog", settings: { url: platform.url, rotation } } };
  const rules = [jfRule(), ...SHOWN_RULES];
  const wish = jfrogWish(platform.url, { enrolments, rules, interval: "1s", ...(shared && { vault: shared.vault }) });
  const config = JSON.stringify({ ...JSON.parse(configText(wish)), journal: { retention: "1s" } });
  const seat = takeSeat(scope, config);
  const { machine } = seat;
  const order = join(machine.home.printed, "order");
  const { down, up, storm, stored } = shared ?? embeddedStore(machine.home.where);
  return {
    ...seat,
    scene,
    beside: scene.machines && takeSeat(scope, config),
    platform,
    revokedByOthers: [],
    start: (words = ["later"]) => machine.script(CHILD, words, { env: { CRASH_ORDER: order, CRASH_BROKEN: broken } }),
    async arm(agent, words) {
      // Before it listens the signal would end it.
      await machine.endOr(agent, "it is up", () => agent.out().includes("up\n"));
      const orders = () => agent.out().split("armed ").length;
      const before = orders();
      writeFileSync(order, words.join(" "));
      agent.signal("SIGUSR2");
      await machine.until("it is armed", () => orders() > before || !agent.running);
    },
    stored,
    storeDown: down,
    storm,
    storeUp: up,
  };
}

function takeSeat(scope: Scope, config: string): Seat {
  const machine = makeMachine(scope, config, { DOTVAULT_TOKEN: "root" });
  const { home, snapshot } = machine;
  writeForeign(home);
  const history: Recorded[] = [];
  const events = (...types: string[]) =>
    history.filter(({ event }) => types.length === 0 || types.includes(event.type));
  return {
    machine,
    history,
    collect() {
      const afterSeq = history.at(-1)?.seq ?? 0;
      history.push(...(looking(home, (reader) => [...reader.events({ afterSeq })]) ?? []));
    },
    evidence: { home, events, snapshot },
  };
}

/** A mount of its own on the one server, by a way that can be cut. */
async function vaultOf(scope: Scope, bao: OpenBao) {
  const mount = `kv-${mounts++}`;
  await mountKv(bao, mount);
  const proxy = await startProxy(scope, () => bao.address);
  const gateway = await startGateway(scope, proxy.address);
  return {
    vault: { address: gateway.address, mount },
    down: gateway.down,
    storm: proxy.turn,
    async up() {
      proxy.turn("pass");
      await gateway.up();
    },
    async stored() {
      const url = `${bao.address}/v1/${mount}/data/users/${userInfo().username}/jfrog`;
      const answer = await fetch(url, { headers: { "x-vault-token": bao.token } });
      const body = (await answer.json()) as { data?: { data: Record<string, string> | null } };
      return body.data?.data?.access_token;
    },
  };
}
let mounts = 0;

/** An outage: another program holds the embedded store's file. */
function embeddedStore({ store: path, key: keyPath }: Paths) {
  let letGo: (() => void) | undefined;
  return {
    async stored() {
      const key = loadKey(keyPath);
      if (!key) return undefined;
      const store = createEmbeddedStore({ path, key, clock: Date.now });
      const found = await store.read("jfrog");
      await store.close();
      return found.state === "present" ? String(found.fields.access_token) : undefined;
    },
    storm() {},
    async down() {
      letGo ??= lockStore(path);
    },
    async up() {
      letGo?.();
      letGo = undefined;
    },
  };
}
