import { readFileSync } from "node:fs";
import { readConfig } from "../../src/commands/assembly/config.ts";
import { hangDoorbell } from "../../src/commands/assembly/doorbell.ts";
import { becomeAgent } from "../../src/commands/assembly/host.ts";
import { createLog } from "../../src/commands/assembly/log-output.ts";
import { processIo } from "../../src/commands/cli/process-io.ts";
import { paths } from "../../src/config/paths.ts";
import { type CrashPoint, type CrashWhen, watchedPorts } from "../support/crash-points.ts";
import { BREAKS } from "../support/torture/broken.ts";

// The agent as it is, put together from the same parts, with one difference: it kills itself with SIGKILL at the n-th
// passage of a point. node child.ts <point> <before|after> <n>, or `node child.ts later`: the same words are read from
// the file CRASH_ORDER at SIGUSR2, and "armed" on stdout says so. Without arguments it lists its passages on stdout.
let [point, when, nth = "1"] = process.argv.slice(2) as [(CrashPoint | "later")?, CrashWhen?, string?];

const io = processIo();

let passed = 0;
function passes(here: CrashPoint, now: CrashWhen, what?: string): void {
  if (point === undefined) io.out.write(`${here} ${now}\n`);
  if (here !== point || now !== when) return;
  passed += 1;
  if (passed !== Number(nth)) return;
  io.out.write(`dies at ${what ?? here}\n`);
  process.kill(process.pid, "SIGKILL");
}

process.on("SIGUSR2", () => {
  [point, when, nth = "1"] = readFileSync(process.env.CRASH_ORDER ?? "", "utf8").split(" ") as [
    CrashPoint,
    CrashWhen,
    string,
  ];
  passed = 0;
  io.out.write(`armed ${point} ${when} ${nth}\n`);
});

const { config, file } = readConfig({ positionals: [], flags: {} }, io);
if (!config) throw new Error("the configuration is wrong");
const where = paths(process.env, process.platform, io.home);
const log = await createLog({ positionals: [], flags: { "log-format": "json", "log-level": "debug" } }, io);
/** CRASH_BROKEN: a way in which this dotvault is broken on purpose. */
const breaking = BREAKS[process.env.CRASH_BROKEN ?? ""]?.ports ?? ((ports) => ports);
const wrap = (ports: Parameters<typeof watchedPorts>[0]) => watchedPorts(breaking(ports), passes);
const host = await becomeAgent(where, { config, file }, io, { log, command: "dotvault run", wrap });
if ("heldBy" in host) throw new Error("somebody else is the agent");
io.out.write("up\n");
const takeDown = await hangDoorbell(where.socket, () => host.agent.ring());
process.once("SIGTERM", async () => {
  await takeDown();
  await host.close();
});
