import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ringDoorbell } from "../../src/commands/assembly/doorbell.ts";
import type { JournalReader, JsonObject, Recorded } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { postRequest } from "../../src/journal/request.ts";
import type { Snapshot } from "../../src/machines/enrolment/decide.ts";
import { type StateValue, stateName } from "../../src/machines/stream/state-name.ts";
import { type Simulator, type Switches, startSimulator } from "../../src/simulator/simulator.ts";
import { digest, type Home, makeHome } from "./home.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
/** A terminal around a program, which gets the signals and gives the exit code. */
const TERMINAL = fileURLToPath(new URL("terminal.py", import.meta.url));
const LOOK_EVERY = 20;
/** Only a hang takes so long. */
const PATIENCE = 90_000;

/** What lives as long as a test, or as a life of the long crash run. */
export interface Scope {
  after(end: () => unknown): void;
  readonly passed: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A child process of ours, ended by its own pid and with its test. */
export interface Child {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  readonly running: boolean;
  /** What it has said on stderr so far. */
  err(): string;
  out(): string;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<Ended>;
  /** SIGTERM. */
  stop(): Promise<Ended>;
}

/** A child on a terminal, with a person at it. */
export interface TerminalChild extends Child {
  press(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Any signal, by its number: SIGKILL is 9. */
  strike(signal: number): void;
}

/** A machine of one person: a home, and whatever runs in it. */
export interface Machine {
  readonly home: Home;
  /** Starts `dotvault run`. */
  run(...args: string[]): Child;
  /**
   * Starts it on a terminal of its own, 80 × 24; everything that it shows is in `out()`. Signals go to dotvault itself; at
   * the end `err()` says whether the terminal is usable.
   */
  onTerminal(...args: string[]): TerminalChild;
  /** Starts any other verb. */
  start(...args: string[]): Child;
  /** Runs a verb to its end. */
  verb(...args: string[]): Promise<Ended>;
  /** Runs a script of the tests in this home. */
  script(path: string, args?: readonly string[], options?: { readonly env?: Readonly<Record<string, string>> }): Child;
  /** Leaves a request in the inbox and rings, as a verb does. @returns its number */
  ask(verb: string, args: JsonObject): Promise<number>;
  /** Waits for a child's end. */
  end(child: Child): Promise<Ended>;
  /** Waits for a child's end, or until the journal tells that there is nothing to wait for. */
  endOr(
    child: Child,
    what: string,
    tells: (reader: JournalReader) => boolean | undefined,
    patience?: number,
  ): Promise<void>;
  /** Waits until the journal (or anything else) tells it. */
  until<T>(what: string, tells: (reader: JournalReader) => T | undefined | false, patience?: number): Promise<T>;
  /** Waits for a state, by the beginning of its name. */
  untilState(state: string, enrolment?: string): Promise<void>;
  events(...types: string[]): Recorded[];
  snapshot(enrolment?: string): Snapshot | undefined;
  /** Everything that children of this machine have written to stdout and stderr, with the files it lies in. */
  readonly outputs: readonly { readonly name: string; readonly path: string }[];
}

/** A machine on which dotvault is about to run with this configuration. */
export function makeMachine(t: Scope, config: string, env: Readonly<Record<string, string>> = {}): Machine {
  const home = makeHome(env);
  home.configure(config);
  const outputs: { name: string; path: string }[] = [];
  const children: Child[] = [];
  const terminals = new Set<Child>();
  t.after(async () => {
    // A terminal that is killed would leave its program behind.
    for (const child of children) if (child.running) await (terminals.has(child) ? child.stop() : child.kill());
    if (t.passed) home.remove();
  });
  const launch = (name: string, argv: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const child = launched(home, [process.execPath, ...argv], { ...home.env, ...more }, name, outputs);
    children.push(child);
    return child;
  };
  const onTerminal = (...args: string[]): TerminalChild => {
    const program = ["python3", TERMINAL, process.execPath, MAIN, ...args];
    const env = { ...home.env, TERM: "xterm-256color" };
    const child = launched(home, program, env, "terminal", outputs, "pipe");
    children.push(child);
    terminals.add(child);
    const tell = (command: object) => child.tell(`${JSON.stringify(command)}\n`);
    return {
      ...child,
      get running() {
        return child.running;
      },
      press: (keys) => tell({ keys }),
      resize: (columns, rows) => tell({ size: [columns, rows] }),
      strike: (signal) => tell({ signal }),
    };
  };
  const dotvault = (...args: string[]) => launch(args[0] ?? "none", [MAIN, ...args]);
  const within = (child: Child, what: string) =>
    untilTold(home, what, () => !child.running, children).then(() => child.ended);
  const until: Machine["until"] = (what, tells, patience) =>
    untilTold(home, what, () => looking(home, tells), children, patience);
  return {
    home,
    outputs,
    run: (...args) => dotvault("run", "--log-format", "json", "--log-level", "debug", ...args),
    onTerminal,
    start: dotvault,
    verb: (...args) => within(dotvault(...args), `dotvault ${args.join(" ")} ends`),
    end: (child) => within(child, `pid ${child.pid} ends`),
    async endOr(child, what, tells, patience) {
      await untilTold(home, what, () => !child.running || looking(home, tells), children, patience);
    },
    script: (path, args = [], { env: more = {} } = {}) => launch("script", [path, ...args], more),
    async ask(verb, args) {
      await until("a journal to ask", (reader) => reader.lastSeq() >= 0);
      const request = postRequest({ directory: home.where.stateDir, clock: Date.now }, verb, args);
      await ringDoorbell(home.where.socket);
      return request;
    },
    until,
    async untilState(state, enrolment = "jfrog") {
      await until(`${enrolment} is ${state}`, (reader) => stateOf(reader, enrolment)?.startsWith(state));
    },
    events: (...types) => looking(home, (reader) => eventsOf(reader, ...types)) ?? [],
    snapshot: (enrolment = "jfrog") => looking(home, (reader) => snapshotOf(reader, enrolment)),
  };
}

function launched(
  { directory, printed }: Home,
  [program = "", ...argv]: readonly string[],
  env: Readonly<Record<string, string>>,
  name: string,
  outputs: { name: string; path: string }[],
  input: "ignore" | "pipe" = "ignore",
): Child & { tell(text: string): void } {
  const base = join(printed, `${outputs.length}-${name}`);
  const paths = { out: `${base}.out`, err: `${base}.err` };
  outputs.push({ name: `${name}.out`, path: paths.out }, { name: `${name}.err`, path: paths.err });
  const stdio = [input, openSync(paths.out, "a", 0o600), openSync(paths.err, "a", 0o600)] as const;
  const child: ChildProcess = spawn(program, argv, { env, cwd: directory, stdio: [...stdio] });
  let running = true;
  const text = (path: string) => readFileSync(path, "utf8");
  const ended = once(child, "exit").then(([code, signal]) => {
    running = false;
    return { code, signal, out: text(paths.out), err: text(paths.err) } as Ended;
  });
  const send = (signal: NodeJS.Signals) => void child.kill(signal);
  child.stdin?.on("error", () => {});
  return {
    tell: (text) => void child.stdin?.write(text),
    pid: child.pid ?? 0,
    ended,
    get running() {
      return running;
    },
    err: () => text(paths.err),
    out: () => text(paths.out),
    signal: send,
    kill() {
      send("SIGKILL");
      return ended;
    },
    stop() {
      send("SIGTERM");
      return ended;
    },
  };
}

const born = new Set<string>();

/** One look into the journal; undefined while there is none, or while its first agent is still making it. */
export function looking<T>({ where }: Home, look: (reader: JournalReader) => T): T | undefined {
  const { journal, stateDir } = where;
  const isMade = existsSync(`${journal}-wal`) || !existsSync(join(stateDir, "holder.json"));
  if (!born.has(journal) && (!isMade || !existsSync(journal))) return undefined;
  born.add(journal);
  const reader = openReader({ directory: where.stateDir });
  try {
    return reader && look(reader);
  } finally {
    reader?.close();
  }
}

async function untilTold<T>(
  home: Home,
  what: string,
  tells: () => T | undefined | false,
  children: readonly Child[],
  patience = PATIENCE,
): Promise<T> {
  for (let waited = 0; waited < patience; waited += LOOK_EVERY) {
    const told = tells();
    if (told !== undefined && told !== false) return told;
    await pause(LOOK_EVERY);
  }
  throw new Error(`waited in vain: ${what}\n${story(home, children)}`);
}

/** What happened so far, for the reader of a red test. */
export function story(home: Home, children: readonly Child[]): string {
  const lines = looking(home, (reader) => [
    ...[...reader.events()].map(
      ({ seq, stream, event, state }) =>
        `  ${seq} ${stream} ${event.type} → ${stateName(state as unknown as StateValue)} ${brief(event)}`,
    ),
    ...reader.openIntents().map(({ stream, kind, attempt, phase, failure }) => {
      return `  open ${stream} ${kind} attempt ${attempt} ${phase} ${failure?.class ?? ""}`;
    }),
    ...reader.wakes().map(({ stream, name, at }) => `  wake ${stream} ${name} in ${at - Date.now()} ms`),
  ]);
  const said = children.map((child) => {
    const tail = child.err().split("\n").slice(-12).join("\n    ");
    return `  pid ${child.pid} ${child.running ? "runs" : "ended"}:\n    ${tail}`;
  });
  return [`home ${home.directory}`, ...(lines ?? ["  no journal"]), ...said].join("\n");
}

const SHOWN = ["intent", "class", "status", "verdict", "code", "name", "how", "message"];

function brief(event: Recorded["event"]): string {
  return SHOWN.flatMap((name) => (event[name] === undefined ? [] : [`${name}=${String(event[name])}`])).join(" ");
}

/** Events of these types (all: none named), of every stream, in order. */
export function eventsOf(reader: JournalReader, ...types: string[]): Recorded[] {
  return [...reader.events()].filter(({ event }) => types.length === 0 || types.includes(event.type));
}

export function snapshotOf(reader: JournalReader, enrolment = "jfrog"): Snapshot | undefined {
  return reader.head(`enrolment/${enrolment}`)?.snapshot as unknown as Snapshot | undefined;
}

export function stateOf(reader: JournalReader, enrolment = "jfrog"): string | undefined {
  const snapshot = snapshotOf(reader, enrolment);
  return snapshot && stateName(snapshot.value);
}

/** The access token in a rendered jf file; undefined while there is no file. */
export function tokenIn(home: Home, path = ".jfrog/jfrog-cli.conf.v6", index = 0): string | undefined {
  const file = join(home.directory, path);
  if (!existsSync(file)) return undefined;
  const { servers } = JSON.parse(readFileSync(file, "utf8")) as { servers: { accessToken: string }[] };
  return servers[index]?.accessToken;
}

/** The file holds the access token of the one pair that the platform counts as live. */
export function showsLivePair(home: Home, { ledger }: Simulator, path?: string): boolean {
  const token = tokenIn(home, path);
  const [live, ...more] = ledger.live();
  return token !== undefined && live !== undefined && more.length === 0 && live.accessDigest === digest(token);
}

/** A platform whose user signs in at once, and whose short tokens can be revoked and listed like long ones. */
export async function startPlatform(t: Scope, switches: Partial<Switches> = {}): Promise<Simulator> {
  const simulator = await startSimulator({
    switches: { autoApprove: "ada", storedFromSeconds: 0, revocableFromSeconds: 0, ...switches },
  });
  t.after(() => simulator.close());
  return simulator;
}

/** A running agent whose enrolment is stored, rendered, and clean at the service. */
export async function enrolled(machine: Machine, platform: Simulator, name = "jfrog"): Promise<Child> {
  const agent = machine.run();
  await machine.ask("enrol", { name });
  await untilSettled(machine, platform, name);
  return agent;
}

/** Active, nothing open but what waits for running programs, and the file holds the one live token. */
export async function untilSettled(machine: Machine, platform: Simulator, name = "jfrog"): Promise<void> {
  await machine.until(`${name} is settled`, (reader) => {
    const busy = reader
      .openIntents(`enrolment/${name}`)
      .some(({ kind, params }) => kind !== "revoke" || params.after === 0);
    return stateOf(reader, name) === "active.resting" && !busy && showsLivePair(machine.home, platform);
  });
}
