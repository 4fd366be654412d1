import type { Simulator } from "../simulator/simulator.ts";
import { type Command, EXIT, type Io } from "./cli/io.ts";
import { checked, holdsToken, livePair, shownFile, tokenIn } from "./demo/checks.ts";
import { type Agent, eventsOf, type Stage, setStage, untilJournal } from "./demo/stage.ts";
import { lockStore } from "./demo/store-lock.ts";

/** Lifetimes that the simulated platform grants, seconds: its answer decides, so a rotation is due every ten seconds. */
const LIFETIME = 20;

/** The main job in a minute: sign in, render, rotate, be killed at the worst moment, lose nothing. */
export const demo: Command = async (parsed, io) => {
  const { startSimulator } = await import("../simulator/simulator.ts");
  const simulator = await startSimulator({
    switches: { capSeconds: LIFETIME, storedFromSeconds: 0, revocableFromSeconds: 0 },
  });
  const interactive = parsed.flags.interactive === true;
  const stage = setStage(simulator.url, io, interactive);
  const scene: Scene = { simulator, stage, io, agent: stage.startAgent() };
  const interrupted = () => void stopAll(scene).then(() => process.exit(130));
  for (const signal of ENDING) process.once(signal, interrupted);
  try {
    await signIn(scene, interactive);
    await rotation(scene);
    await killedAtTheWorstMoment(scene);
    await lookBack(scene);
    return EXIT.healthy;
  } finally {
    for (const signal of ENDING) process.off(signal, interrupted);
    await stopAll(scene);
    io.out.write(`\nEverything is left in ${stage.home}\n`);
  }
};

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

interface Scene {
  readonly simulator: Simulator;
  readonly stage: Stage;
  readonly io: Io;
  agent: Agent;
}

async function stopAll({ agent, simulator }: Scene): Promise<void> {
  await agent.stop();
  await simulator.close();
}

async function signIn(scene: Scene, interactive: boolean): Promise<void> {
  const { simulator, stage, io } = scene;
  title(
    io,
    "1. Sign in",
    `a simulated JFrog platform at ${simulator.url}, an agent (pid ${scene.agent.pid}), the embedded store`,
  );
  if (interactive) io.out.write("  (your turn: open the page below and sign in as ada)\n");
  let approved = interactive;
  const login = stage.verb(["enrol", "jfrog"], (text) => {
    // The simulated user reads what the wizard says, as a person would.
    if (approved || !text.includes("Waiting for authentication")) return;
    approved = true;
    simulator.approve();
  });
  checked(io, "dotvault enrol jfrog ended well", (await login) === EXIT.healthy);
  await untilJournal(stage, "files written", (reader) => eventsOf(reader, "SYNCED")[0]);
  io.out.write(`\n  ${stage.file}\n${shownFile(stage.file)}\n`);
  checked(
    io,
    "the file holds the token that the platform issued",
    holdsToken(livePair(simulator), tokenIn(stage.file)),
  );
  await simulator.waitFor("revoke", 1, "ended");
  const bootstrap = simulator.ledger.pairs.find(({ by }) => by === "login");
  checked(io, "the one-year bootstrap token of the login was revoked", bootstrap?.state === "revoked");
}

async function rotation({ simulator, stage, io }: Scene): Promise<void> {
  title(io, "2. A rotation", `the platform granted ${LIFETIME} s instead of 60 d, so it is due after half of that`);
  const before = tokenIn(stage.file);
  await simulator.waitFor("refresh", 1, "ended");
  await untilJournal(stage, "the rotated pair in store and file", (reader) => {
    const [first] = eventsOf(reader, "STORED").slice(1);
    return first && eventsOf(reader, "SYNCED").find(({ seq }) => seq > first.seq);
  });
  const after = tokenIn(stage.file);
  checked(
    io,
    "the platform rotated the pair, and the file follows",
    before !== after && holdsToken(livePair(simulator), after),
  );
}

async function killedAtTheWorstMoment(scene: Scene): Promise<void> {
  const { simulator, stage, io } = scene;
  title(
    io,
    "3. Killed at the worst moment",
    "the platform has rotated, so the old pair is spent; the store can't be written",
  );
  const held = simulator.inject({ on: "refresh", kind: "hold", when: "after" });
  await held.struck();
  const letGo = lockStore(stage.where.store);
  held.release();
  const stored = await untilJournal(stage, "the pair sealed, the store refusing", (reader) => {
    const [sealed] = eventsOf(reader, "PAIR_ISSUED").slice(2);
    const failed = eventsOf(reader, "FAILED").some(({ event }) => event.intent === "store");
    return sealed && failed ? eventsOf(reader, "STORED").length : undefined;
  });
  const { pid } = scene.agent;
  await scene.agent.kill();
  letGo();
  io.out.write(`  SIGKILL to pid ${pid}\n`);
  checked(io, "the journal has the new pair, the store has not", stored === 2);
  scene.agent = stage.startAgent();
  io.out.write(`  agent started again (pid ${scene.agent.pid})\n`);
  await untilJournal(stage, "the pair delivered", (reader) => {
    const delivered = eventsOf(reader, "STORED")[2];
    return delivered && eventsOf(reader, "SYNCED").find(({ seq }) => seq > delivered.seq - 1);
  });
  checked(
    io,
    "the journal delivered the pair to the store and the file",
    holdsToken(livePair(simulator), tokenIn(stage.file)),
  );
  checked(
    io,
    "no spent pair was ever presented, by the platform's own ledger",
    simulator.ledger.stalePresentations().length === 0,
  );
}

async function lookBack(scene: Scene): Promise<void> {
  const { stage, io } = scene;
  title(io, "4. Looking back", "all of it is answered from the journal, offline");
  checked(io, "status calls it healthy", (await asked(scene, "status")) === EXIT.healthy);
  // Between a rotation and its file, which is a moment in every ten seconds here, the truth is another.
  await asked(scene, "why", stage.file);
  checked(io, "log tells the history", (await asked(scene, "log", "jfrog")) === EXIT.healthy);
  io.out.write(
    [
      "",
      "Try next:",
      `  export HOME=${stage.home}`,
      `  ${stage.program} token list                       every token that there ever was, and what became of it`,
      `  ${stage.program} status --at 30s                  how things stood half a minute ago`,
      `  ${stage.program} export jfrog > history.json      a recorded history without secrets`,
      `  ${stage.program} replay history.json              what today's machine makes of it`,
      "or, in your own home:",
      "  npm start -- --interactive                        sign in yourself, in a browser",
      `  ${stage.program} init https://mycompany.jfrog.io  begin with your own platform`,
      "",
    ].join("\n"),
  );
}

function asked({ stage, io }: Scene, ...args: readonly string[]): Promise<number> {
  io.out.write(`\n  $ dotvault ${args.join(" ")}\n`);
  return stage.verb(args);
}

function title(io: Io, heading: string, what: string): void {
  io.out.write(`\n${heading} — ${what}\n`);
}
