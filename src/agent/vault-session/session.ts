import type { Session } from "../../adapters/vault/session.ts";
import type { Brought } from "../../adapters/vault/token.ts";
import { DotvaultError } from "../../errors.ts";
import type { InboxRow, OpenIntent } from "../../journal/port.ts";
import { VAULT } from "../../machines/stream/names.ts";
import { currentToken, type Token } from "../../machines/vault-session/context.ts";
import type { SessionSnapshot } from "../../machines/vault-session/decide.ts";
import type { SessionEvent } from "../../machines/vault-session/events.ts";
import type { About } from "../../machines/vault-session/intents.ts";
import type { StepOptions } from "../actors.ts";
import { carryOut, type Surroundings } from "../carry-out.ts";
import { isDiskTrouble } from "../durably.ts";
import type { Stream } from "../ports.ts";
import type { WithoutTime } from "../task.ts";
import { SessionActors } from "./actors.ts";
import { noToken } from "./failure.ts";
import { performSession } from "./performers.ts";
import { settingsOf, type VaultPort } from "./port.ts";
import { takeLogin } from "./requests.ts";
import { takeUp } from "./under-way.ts";

/** Work that comes sooner after a failed login is told of that one. Milliseconds. */
const SOON = 5_000;

export type SessionHappening = WithoutTime<SessionEvent>;

/**
 * The session with a server, as its store sees it: a token at any time, or the reason why there is none. What happens to it
 * is decided by its machine and journaled like everything else; the loop performs what that asks for.
 */
export class VaultSession implements Session, Stream {
  readonly stream: string;
  turn = 0;
  readonly port: VaultPort;
  readonly #world: Surroundings;
  readonly #actors: SessionActors;
  #ring = () => {};
  #onLive = () => {};
  #endWatch = () => {};
  #runs = false;
  #waiters: (() => void)[] = [];
  /** Bytes in use, so that they are not opened for each request. */
  #opened: { readonly id: string; readonly token: string } | undefined;
  #given: string | undefined;

  constructor(world: Surroundings, port: VaultPort) {
    this.#world = world;
    this.port = port;
    this.stream = VAULT + port.host;
    this.#actors = new SessionActors(world);
  }

  get snapshot(): SessionSnapshot {
    return this.#actors.snapshot(this.stream);
  }

  /** Takes up what the journal says was under way. `ring`: something is due. `onLive`: work that waits may go on. */
  start({ ring, onLive }: { readonly ring: () => void; readonly onLive: () => void }): void {
    this.#ring = ring;
    this.#onLive = onLive;
    this.#runs = true;
    takeUp(this.#world, this.#actors, this.stream);
    this.#configure();
    this.#endWatch = this.port.watch(() => void this.#notice().catch(() => undefined));
  }

  /** Nobody performs anything any more: who waits is told. */
  stop(): void {
    this.#runs = false;
    this.#endWatch();
    this.#changed();
  }

  async token(): Promise<string> {
    const unjournaled = await this.#notice();
    if (unjournaled !== undefined) return unjournaled;
    for (;;) {
      const token = await this.#usable();
      if (token !== undefined) return token;
      this.step({ type: "TOKEN_NEEDED" });
      const login = this.#loginUnderWay();
      if (!this.#isWorthWaiting(login)) throw noToken(this.snapshot, login);
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  died(turn: number): boolean {
    if (turn !== this.turn) return true;
    if (this.#given === undefined) return false;
    this.step({ type: "TOKEN_DIED", id: this.#given });
    return true;
  }

  wake(name: string): void {
    this.step({ type: "WOKE", name });
  }

  async perform(intent: OpenIntent, signal: AbortSignal): Promise<void> {
    const { port } = this;
    const world = this.#world;
    const before = currentToken(this.snapshot.context);
    const tokenOf = (about: About) => this.#bytesOf(about);
    try {
      await carryOut({
        world,
        actors: this.#actors,
        intent,
        signal,
        attempt: (sealing) => performSession({ port, world, intent, sealing, signal, tokenOf }),
        bounds: () => this.#lifeLeft(),
      });
    } finally {
      this.#after(before);
    }
  }

  /** A request of a person: `login`, or what came of one in another process. */
  take(request: InboxRow): void {
    takeLogin(this, this.#world.journal, request);
    // A person who asks does not want to wait for the backoff.
    for (const { id, attempt, phase, failure } of this.#world.journal.openIntents(this.stream)) {
      this.#world.journal.reschedule(id, { dueAt: this.#world.clock.now(), attempt, phase, failure });
    }
  }

  step(event: SessionHappening, options: StepOptions = {}): void {
    const before = currentToken(this.snapshot.context);
    if (this.#actors.step(this.stream, event, options)) this.#after(before);
  }

  #lifeLeft(): { readonly lifeLeft?: number } {
    const expiresAt = currentToken(this.snapshot.context)?.life?.expiresAt ?? null;
    return expiresAt === null ? {} : { lifeLeft: expiresAt - this.#world.clock.now() };
  }

  #after(before: Token | null): void {
    const now = currentToken(this.snapshot.context);
    if (now?.id !== this.#opened?.id) this.#opened = undefined;
    if (now !== null && now.id !== before?.id) this.#goOn();
    this.#changed();
    // Not in this turn: it may be the loop's own.
    queueMicrotask(() => this.#ring());
  }

  /** Whatever waits for the store may go on. */
  #goOn(): void {
    const { journal, clock } = this.#world;
    for (const { id, stream, attempt, phase, failure } of journal.openIntents()) {
      if (stream === this.stream || !failure?.class.startsWith("store.")) continue;
      journal.reschedule(id, { dueAt: clock.now(), attempt, phase, failure });
    }
    this.#onLive();
  }

  #changed(): void {
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiting) resolve();
  }

  #configure(): void {
    const settings = settingsOf(this.port);
    const known = this.snapshot.context.settings;
    if (JSON.stringify(known) !== JSON.stringify(settings)) this.step({ type: "CONFIGURED", settings });
  }

  /**
   * Tells the machine what a person has brought, or has changed.
   *
   * @returns a token that the journal can't take note of now: it serves all the same
   */
  async #notice(): Promise<string | undefined> {
    const brought = await this.port.brought();
    const id = brought && this.port.mark(brought.token);
    const { context } = this.snapshot;
    try {
      if (brought && id !== undefined && id !== context.brought?.id) {
        this.#opened = { id, token: brought.token };
        this.step({ type: "TOKEN_BROUGHT", source: brought.source, id });
      } else if (!brought && context.brought !== null) this.step({ type: "TOKEN_GONE" });
      await this.#noticeCredentials();
    } catch (error) {
      if (!isDiskTrouble(error) || !brought || id === context.dead) throw error;
      return brought.token;
    }
    return undefined;
  }

  async #noticeCredentials(): Promise<void> {
    const { refusal } = this.snapshot.context;
    const { method } = this.port;
    if (refusal === null || method === undefined || method.needsPerson) return;
    if (this.port.mark(await method.fingerprint()) !== refusal.mark) this.step({ type: "CREDENTIALS_CHANGED" });
  }

  async #usable(): Promise<string | undefined> {
    const current = currentToken(this.snapshot.context);
    if (current === null) return undefined;
    const token = await this.#bytesOf(current);
    // It may have been replaced while it was read.
    if (currentToken(this.snapshot.context)?.id !== current.id) return this.#usable();
    if (token === undefined) return undefined;
    this.#opened = { id: current.id, token };
    if (current.id !== this.#given) this.turn++;
    this.#given = current.id;
    return token;
  }

  async #bytesOf({ id, ref }: About): Promise<string | undefined> {
    if (this.#opened?.id === id) return this.#opened.token;
    if (ref !== null) return this.#unsealed(id, ref);
    const brought: Brought | undefined = await this.port.brought();
    return brought && this.port.mark(brought.token) === id ? brought.token : undefined;
  }

  #unsealed(id: string, ref: NonNullable<About["ref"]>): string | undefined {
    const { journal, sealer } = this.#world;
    const jwe = journal.sealed(ref.id);
    try {
      if (jwe !== undefined)
        return sealer.open({ id: ref.id, kind: ref.kind, stream: this.stream }, jwe).toString("utf8");
    } catch (error) {
      if (!(error instanceof DotvaultError)) throw error;
    }
    this.step({ type: "TOKEN_UNREADABLE", id });
    return undefined;
  }

  #loginUnderWay(): OpenIntent | undefined {
    return this.#world.journal.openIntents(this.stream).find(({ kind }) => kind === "login");
  }

  /** A login that failed a moment ago is not tried again for each that asks. */
  #isWorthWaiting(login: OpenIntent | undefined): boolean {
    if (!this.#runs || login === undefined) return false;
    const { id, attempt, phase, failure } = login;
    const now = this.#world.clock.now();
    if (failure === null) return true;
    if (now - failure.at < SOON || failure.class === "store.throttled") return false;
    this.#world.journal.reschedule(id, { dueAt: now, attempt, phase, failure });
    this.#ring();
    return true;
  }
}
