import { Agent } from "../../../src/agent/agent.ts";
import { readConfig } from "../../../src/commands/assembly/config.ts";
import { silentLog } from "../../../src/commands/assembly/log-output.ts";
import { openWorld } from "../../../src/commands/assembly/world.ts";
import type { Io } from "../../../src/commands/cli/io.ts";
import { reportEnrolment } from "../../../src/commands/status/enrolment.ts";
import { postRequest } from "../../../src/journal/request.ts";
import type { Snapshot } from "../../../src/machines/enrolment/decide.ts";
import { stateName } from "../../../src/machines/stream/state-name.ts";
import { type Simulator, type Switches, startSimulator } from "../../../src/simulator/simulator.ts";
import { tellEnrolment } from "../../../src/terminal/status/words.ts";
import { configText, jfrogWish, makeHome } from "../home.ts";
import { VirtualClock } from "../model/clock.ts";

const STREAM = "enrolment/jfrog";
const MINUTE = 60_000;

/** The real agent, journal, store and platform in one process, over HTTP; only time and chance stand still. */
export interface Stage {
  readonly platform: Simulator;
  /** Codes that the person was notified of. */
  readonly notified: readonly string[];
  readonly snapshot: Snapshot;
  readonly state: string;
  /** What `status` calls it. */
  readonly word: string;
  /** Whether nothing is open or waits to be tried again. */
  readonly rests: boolean;
  ask(verb: string): Promise<void>;
  pass(milliseconds: number): Promise<void>;
  /** As {@link Stage.pass}, but the machine is not awake meanwhile. */
  sleep(milliseconds: number): Promise<void>;
  /** Payloads of all events of this type. */
  events(type: string): Readonly<Record<string, unknown>>[];
  /** The access token in the store; null when there is no secret. */
  stored(): Promise<string | null>;
  close(): Promise<void>;
}

export async function openStage(switches: Partial<Switches>, rotation: "refresh" | "remint"): Promise<Stage> {
  const clock = new VirtualClock(1_764_000_000_000);
  const now = () => clock.now();
  const platform = await startSimulator({ clock: now, switches: { autoApprove: "ada", ...switches } });
  const home = makeHome();
  const settings = { url: platform.url, rotation };
  home.configure(configText(jfrogWish(platform.url, { enrolments: { jfrog: { engine: "jfrog", settings } } })));
  const screen = { isTerminal: false, columns: 80, write: () => {} };
  const io: Io = {
    env: { XDG_CONFIG_DIRS: `${home.directory}/none` },
    platform: process.platform,
    home: home.directory,
    cwd: home.directory,
    user: "ada",
    now,
    out: screen,
    err: screen,
    input: { isTerminal: false, readLine: async () => undefined },
  };
  const { config, file } = readConfig({ positionals: [], flags: {} }, io);
  if (!config) throw new Error("the configuration is wrong");
  const wrap = (ports: Parameters<NonNullable<Parameters<typeof openWorld>[3]["wrap"]>>[0]) => ({ ...ports, clock });
  const real = await openWorld(home.where, { config, file }, io, { log: silentLog, wrap });
  const notified: string[] = [];
  const notify = async (_: string, code: string) => void notified.push(code);
  const agent = new Agent({ ...real.world, random: () => 0.5, notify }, real.plan);
  const { journal, store } = real.world;
  agent.start();
  await agent.settled();
  return {
    platform,
    notified,
    get snapshot() {
      return agent.actors.snapshot(STREAM);
    },
    get state() {
      return stateName(agent.actors.snapshot(STREAM).value);
    },
    get word() {
      const rows = { head: journal.head(STREAM), intents: journal.openIntents(STREAM), wakes: journal.wakes(STREAM) };
      const around = { now: now(), agentRuns: true, files: [], paused: false };
      const report = reportEnrolment({ name: "jfrog", engine: "jfrog", label: "JFrog" }, rows, around);
      return tellEnrolment(report, { now: new Date(now()), agentRuns: true }).word;
    },
    get rests() {
      return journal.openIntents(STREAM).length === 0;
    },
    async ask(verb) {
      postRequest({ directory: home.where.stateDir, clock: now }, verb, { name: "jfrog" });
      agent.ring();
      await agent.settled();
    },
    async pass(milliseconds) {
      // Not all at once: what comes due on the way is done in its time.
      const end = now() + milliseconds;
      while (now() < end) {
        clock.moveTo(Math.min(end, now() + MINUTE));
        await agent.settled();
      }
    },
    async sleep(milliseconds) {
      clock.moveTo(now() + milliseconds);
      await agent.settled();
    },
    events(type) {
      return [...journal.events({ stream: STREAM })]
        .map(({ event }) => event as Readonly<Record<string, unknown>>)
        .filter((event) => event.type === type);
    },
    async stored() {
      const found = await store.read("jfrog");
      return found.state === "present" ? String(found.fields.access_token) : null;
    },
    async close() {
      await agent.stop();
      await real.close();
      await platform.close();
      home.remove();
    },
  };
}
