import { createDesktop, type Desktop } from "../adapters/desktop/desktop.ts";
import type { Engine } from "../adapters/engines/port.ts";
import { streamOf } from "../agent/actors.ts";
import type { Sealer } from "../agent/ports.ts";
import { postRequest } from "../journal/request.ts";
import { stateName } from "../machines/enrolment/decide.ts";
import {
  checking,
  doneLines,
  heading,
  loginLines,
  mintingLine,
  missingLine,
  openedLine,
  storingLine,
  troubleLine,
  waitingLine,
} from "../terminal/wizard.ts";
import { pathsOf } from "./config.ts";
import { type Followed, follow, journalOf, type Scene } from "./follow.ts";
import type { Host } from "./host.ts";
import { EXIT, type Io } from "./io.ts";

/** What a login is followed with. */
export interface Guide {
  readonly followed: Followed;
  readonly sealer: Sealer;
  readonly io: Io;
}

/**
 * Follows one login to its end and tells the person what to do. Two terminals may follow the same one.
 *
 * @returns the exit code
 */
export async function followLogin(guide: Guide, name: string, engine: Engine): Promise<number> {
  const teller = new Teller(guide, name, engine);
  try {
    return await follow(
      guide.followed,
      name,
      (scene) => teller.tell(scene),
      () => teller.tick(),
    );
  } finally {
    teller.clear();
  }
}

class Teller {
  readonly #guide: Guide;
  readonly #name: string;
  readonly #engine: Engine;
  readonly #desktop: Desktop;
  #shownSession: string | undefined;
  #shownTrouble: string | undefined;
  #deadline: number | undefined;
  #phase = "";
  #transient = "";

  constructor(guide: Guide, name: string, engine: Engine) {
    this.#guide = guide;
    this.#name = name;
    this.#engine = engine;
    this.#desktop = createDesktop(guide.io.platform, guide.io.env);
  }

  async tell(scene: Scene): Promise<number | undefined> {
    const { context, value } = scene.snapshot;
    const state = stateName(value);
    this.#tellTrouble(scene);
    if (state.startsWith("active")) {
      this.#say(doneLines(this.#name, this.#engine.label, context.current?.user));
      return EXIT.healthy;
    }
    if (state.startsWith("idle.missing") || state === "revoked") {
      const { message = null, hint = null } = context.ask ?? {};
      this.#say(`✗ ${this.#name}: ${message ?? "the login led to nothing"}\n${hint === null ? "" : `  ${hint}\n`}`);
      return EXIT.personNeeded;
    }
    if (state === "idle.unenrolled") {
      this.#say(`✗ ${this.#name}: un-enrolled meanwhile\n`);
      return EXIT.personNeeded;
    }
    // Not before the service knows the session: its page would refuse it.
    if (state === "polling") await this.#showLogin(scene);
    this.#deadline = state === "polling" ? context.session?.deadline : undefined;
    if (state === "exchanging.minting") this.#phaseLine(mintingLine);
    if (state === "exchanging.storing") this.#phaseLine(storingLine);
    return undefined;
  }

  /** A live countdown on a terminal; one line in a pipe. */
  tick(): void {
    if (this.#deadline === undefined) return;
    const line = waitingLine(this.#deadline - this.#guide.io.now());
    if (!this.#guide.io.err.isTerminal) {
      this.#phaseLine(line, "waiting");
      return;
    }
    this.clear();
    this.#transient = line;
    this.#guide.io.err.write(line);
  }

  clear(): void {
    if (this.#transient !== "") this.#guide.io.err.write("\r\u001b[2K");
    this.#transient = "";
  }

  async #showLogin({ snapshot }: Scene): Promise<void> {
    const { session } = snapshot.context;
    if (!session || session.ref.id === this.#shownSession || !this.#engine.login) return;
    const jwe = this.#guide.followed.reader.sealed(session.ref.id);
    if (jwe === undefined) return;
    this.#shownSession = session.ref.id;
    const label = { id: session.ref.id, kind: session.ref.kind, stream: streamOf(this.#name) };
    const { url, code } = this.#engine.login(this.#guide.sealer.open(label, jwe).toString("utf8"));
    this.#say(loginLines({ url, code }));
    await this.#desktop.copy(code);
    if (await this.#desktop.open(url, this.#engine.origin ?? url)) this.#say(openedLine(url));
  }

  #tellTrouble({ intents }: Scene): void {
    const failure = intents.find((intent) => intent.failure !== null)?.failure;
    if (!failure || failure.class === this.#shownTrouble) return;
    this.#shownTrouble = failure.class;
    this.#say(troubleLine(failure.message));
  }

  #phaseLine(line: string, phase = line): void {
    if (this.#phase === phase) return;
    this.#phase = phase;
    this.#say(`${line}\n`);
  }

  #say(text: string): void {
    this.clear();
    this.#guide.io.err.write(text);
  }
}

/** What `run` does on a terminal: all that is missing, all at once, while the agent goes on. */
export async function enrolMissing({ agent, real }: Host, io: Io): Promise<void> {
  io.err.write(checking);
  await agent.settled();
  const missing = real.plan.enrolments.filter(
    ({ name }) => stateName(agent.actors.snapshot(streamOf(name)).value) === "idle.missing",
  );
  for (const { name, engine } of missing) io.err.write(missingLine(name, engine.label));
  // A connection of its own: the agent's does not see its own commits as news.
  const reader = await journalOf(pathsOf(io));
  const guide: Guide = { followed: { reader }, sealer: real.world.sealer, io };
  try {
    await Promise.all(
      missing.map(async ({ name, engine }, index) => {
        io.err.write(heading(index + 1, missing.length, engine.label));
        postRequest({ directory: pathsOf(io).stateDir, clock: io.now }, "enrol", { name, again: false });
        agent.ring();
        await followLogin(guide, name, engine);
      }),
    );
  } finally {
    reader.close();
  }
}
