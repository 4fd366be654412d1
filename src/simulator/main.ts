import { parseArgs } from "node:util";
import { startSimulator } from "./simulator.ts";
import { checkedSwitches } from "./switches.ts";

/** `node src/simulator/main.ts --port 0 [--host H] [--switches JSON]`: one JSON line with the url on stdout. */

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    switches: { type: "string", default: "{}" },
  },
});

const simulator = await startSimulator({
  host: values.host,
  port: Number(values.port),
  switches: checkedSwitches(JSON.parse(values.switches)),
});

async function end(): Promise<void> {
  process.stdin.destroy();
  await simulator.close();
}

process.once("SIGTERM", end);
process.once("SIGINT", end);
// Whoever started it may be killed: its end of the pipe closes then, and this process must not outlive it.
process.stdin.once("end", end).once("error", end).resume();
process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
