import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Http } from "../../src/adapters/http/port.ts";
import { createVaultClient, type VaultClient } from "../../src/adapters/vault/client.ts";
import type { LoginMethod } from "../../src/adapters/vault/login/method.ts";
import { createVaultStore } from "../../src/adapters/vault/store.ts";
import type { Brought } from "../../src/adapters/vault/token.ts";
import { Actors } from "../../src/agent/actors.ts";
import { Loop } from "../../src/agent/loop.ts";
import type { World } from "../../src/agent/ports.ts";
import type { Reach } from "../../src/agent/vault-session/give-back.ts";
import { leftSessions } from "../../src/agent/vault-session/left.ts";
import { VaultSession } from "../../src/agent/vault-session/session.ts";
import { silentLog } from "../../src/commands/assembly/log-output.ts";
import { sealerOf } from "../../src/commands/assembly/sealer.ts";
import { openJournal } from "../../src/journal/journal.ts";
import type { Recorded } from "../../src/journal/port.ts";
import { stateName } from "../../src/machines/stream/state-name.ts";
import { digest } from "../../src/seal/digest.ts";
import { generateKey } from "../../src/seal/key.ts";
import { VirtualClock } from "./model/clock.ts";

/** What the session of a stage works with. */
export interface StageOptions {
  readonly client: VaultClient;
  readonly method?: LoginMethod | undefined;
  readonly brought?: (() => Promise<Brought | undefined>) | undefined;
  readonly renews?: boolean;
  readonly identity?: string;
  /** Null: without Vault from now on. */
  readonly host?: string | null;
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

/** A session with a real journal, sealed rows and the agent's own loop; only time is the test's. */
export class SessionStage {
  readonly directory = mkdtempSync(join(tmpdir(), "dotvault-session-"));
  readonly clock: VirtualClock;
  /** Addresses to which tokens were to be given back, one a try. */
  readonly reached: string[] = [];
  readonly #key = generateKey();
  #options: StageOptions;
  #running: Running;

  constructor(options: StageOptions) {
    this.clock = new VirtualClock(options.now ?? Date.now());
    this.#options = options;
    this.#running = this.#start();
  }

  get session(): VaultSession {
    return this.#running.session;
  }

  get journal() {
    return this.#running.world.journal;
  }

  get state(): string {
    return stateName(this.session.snapshot.value);
  }

  token(): Promise<string> {
    return this.session.token();
  }

  /** What happened to the session so far. */
  get events(): Recorded[] {
    return [...this.journal.events({ stream: this.session.stream })];
  }

  /** Of whichever server. */
  typesAt(host: string): string[] {
    return [...this.journal.events({ stream: `vault/${host}` })].map(({ event }) => event.type);
  }

  types(): string[] {
    return this.events.map(({ event }) => event.type);
  }

  /** All that is due is done. */
  async settle(): Promise<void> {
    this.#running.loop.ring();
    await this.#running.loop.settled();
  }

  /** Time goes on; what comes due on the way is done when it is due. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds;
    await this.settle();
    while (this.clock.next() <= end && this.clock.next() !== Number.POSITIVE_INFINITY) {
      this.clock.moveTo(this.clock.next());
      await this.settle();
    }
    this.clock.moveTo(end);
    await this.settle();
  }

  /** As a SIGKILL leaves it: what is in flight is never heard of again. */
  crash(): void {
    this.clock.forgetTimers();
    this.session.stop();
    this.#running.killed = true;
    this.#running.world.journal.close();
  }

  restart(options: Partial<StageOptions> = {}): void {
    this.#options = { ...this.#options, ...options };
    this.#running = this.#start();
  }

  async stop(): Promise<void> {
    if (!this.#running.killed) {
      await this.#running.loop.stop(0);
      this.session.stop();
      this.journal.close();
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  #start(): Running {
    const clock = this.clock;
    const { method, brought = async () => undefined, renews = true, identity = "", client } = this.#options;
    const host = this.#options.host === undefined ? "vault.test" : this.#options.host;
    const journal = openJournal({
      directory: this.directory,
      key: this.#key,
      clock: () => clock.now(),
      appVersion: "0",
    });
    const reached = this.reached;
    const reach: Reach = async ({ address }) => {
      reached.push(address);
      return { client, close: async () => {} };
    };
    const basis = { journal, sealer: sealerOf(this.#key), clock, random: () => 0.5, log: silentLog };
    const session = new VaultSession(basis, {
      host: host ?? "none",
      client,
      method,
      identity,
      renews,
      way: { address: `https://${host}`, moreAddresses: [], namespace: null, tls: { skipVerify: false } },
      reach,
      brought,
      watch: () => () => {},
      mark: (text) => digest(Buffer.from(text)),
    });
    const left = leftSessions(basis, reach, host === null ? undefined : session.stream);
    const world = { ...basis, ...(host !== null && { session }), left } as unknown as World;
    const loop = new Loop(world, new Actors(world), new Map());
    for (const each of left) each.start();
    if (host !== null) session.start({ ring: () => loop.ring(), onLive: () => {} });
    loop.start();
    return { session, loop, world, killed: false };
  }
}

interface Running {
  readonly session: VaultSession;
  readonly loop: Loop;
  readonly world: World;
  killed: boolean;
}

/** A stage before a real server, with a store at it; counts what is sent. */
export function storeStage(
  http: Http,
  options: Omit<StageOptions, "client" | "brought"> & {
    readonly address: string;
    readonly namespace?: string | undefined;
    readonly own?: () => string | undefined;
    readonly answered?: (path: string) => unknown;
  },
) {
  const { address, namespace, own, answered, ...rest } = options;
  const sent: string[] = [];
  const counted: Http = {
    ...http,
    send: async (request) => {
      const path = new URL(request.url).pathname.replace("/v1/", "");
      sent.push(path);
      const answer = await http.send(request);
      await answered?.(path);
      return answer;
    },
  };
  const client = createVaultClient({ address, namespace, http: counted, token: async () => undefined });
  const brought = async (): Promise<Brought | undefined> => {
    const token = own?.();
    return token === undefined ? undefined : { token, source: "file" };
  };
  const stage = new SessionStage({ ...rest, client, brought });
  const session = {
    token: () => stage.session.token(),
    get turn() {
      return stage.session.turn;
    },
    died: (turn: number) => stage.session.died(turn),
  };
  const kv = { kvMount: "kv", userPrefix: "users/", user: "alice" };
  const token = () => session.token();
  const store = createVaultStore({ address, namespace, ...kv, token, session, http: counted });
  const count = (part: string) => sent.filter((path) => path.includes(part)).length;
  return { stage, store, sent, logins: () => count("/login"), renewals: () => count("renew-self") };
}
