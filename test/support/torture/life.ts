import type { OpenIntent } from "../../../src/journal/port.ts";
import { type Child, looking, type Scope, story } from "../agent-process.ts";
import type { OpenBao } from "../openbao.ts";
import { between, oneOf, type Random } from "../random.ts";
import { aim, disarming, orderOf } from "./aim.ts";
import { examineAtRest, examineDead } from "./examine.ts";
import { copyJournal } from "./formats.ts";
import { writeAsOlder } from "./older.ts";
import { outcomeOf } from "./outcome.ts";
import { agree, diedAt, isSettled, rests, stateOfMachine } from "./rest.ts";
import { type Scene, sceneName, WISHES, type Wish } from "./scenes.ts";
import { MIGRATOR, type Stage, setStage } from "./stage.ts";
import type { Tally } from "./tally.ts";
import { makeTrouble } from "./trouble.ts";
import { drawForStart, drawWeapon, type Weapon, weaponName } from "./weapons.ts";

const VERBS: Partial<Record<Wish, string>> = { enrol: "enrol", "un-enrol": "revoke" };

/** Starts after a kill that are killed, too. */
const AGAIN = 0.25;
/** First starts on a new machine that are killed. */
const FIRST = 0.5;
/** No migration of so small a journal takes longer, milliseconds. */
const MIGRATION_MS = 12;

/** Two machines may have to wait for a lease's end, which is a minute of the store's clock. */
const GROUP_PATIENCE = 150_000;

export interface Fate {
  readonly scene: Scene;
  readonly random: Random;
  readonly tally: Tally;
  readonly bao?: OpenBao | undefined;
  /** What is wished for first, once it is enrolled; drawn after that. */
  readonly agenda?: readonly Wish[];
  /** See broken.ts. */
  readonly broken?: string;
}

/**
 * One machine that is killed until it has died so often. After every kill it is started again, comes to rest, and is
 * checked against the platform's own ledger.
 */
export async function live(scope: Scope, fate: Fate, deaths: number): Promise<void> {
  const { scene, random, tally, bao, broken, agenda = [] } = fate;
  const stage = await setStage(scope, scene, scene.store === "openbao" ? bao : undefined, broken);
  const life = new Life(stage, random, tally, agenda);
  await life.begin();
  while (life.deaths < deaths) await life.episode();
  await life.end();
}

class Life {
  deaths = 0;
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #agenda: Wish[];
  #started: Child | undefined;
  /** What the machine beside was last asked for. */
  #asked: number | undefined;

  constructor(stage: Stage, random: Random, tally: Tally, agenda: readonly Wish[]) {
    this.#agenda = [...agenda];
    this.#stage = stage;
    this.#random = random;
    this.#tally = tally;
  }

  /** The first start makes key and journal. */
  async begin(): Promise<void> {
    this.#tally.lives++;
    let died = true;
    while (died && this.#random() < FIRST) died = await this.#startArmed("first start");
    if (this.#started?.running !== true) this.#agent = this.#stage.start();
    this.#stage.beside?.machine.run();
    await this.#rest();
  }

  async end(): Promise<void> {
    await this.#agent.kill();
    const { history, beside, platform, revokedByOthers } = this.#stage;
    this.#tally.close(
      [...history, ...(beside?.history ?? [])].map(({ event }) => event),
      platform.ledger,
      revokedByOthers.length,
    );
  }

  get #agent(): Child {
    if (!this.#started) throw new Error("no agent was started");
    return this.#started;
  }

  set #agent(agent: Child) {
    this.#started = agent;
  }

  /** A wish, a kill in the middle of it, and the starts after that. */
  async episode(): Promise<void> {
    const stage = this.#stage;
    const before = stage.history.length;
    const isActive = stateOfMachine(stage)?.startsWith("active") === true;
    const wish: Wish = isActive ? (this.#agenda.shift() ?? oneOf(this.#random, WISHES)) : "enrol";
    if (wish === "new format") return this.#killMigrating(wish);
    const isStart = wish === "compact" || wish === "upgrade";
    const died = isStart ? await this.#killStarting(wish) : await this.#killDuring(wish);
    if (!died) this.#tally.missed++;
    else {
      if (wish === "takeover") await this.#isTakenOver();
      await this.#startAgain(wish);
    }
    await stage.storeUp();
    await this.#rest();
    await examineAtRest(stage);
    this.#tally.looks++;
    if (died) this.#tally.outcome(outcomeOf(stage.history.slice(before), stage.platform.ledger));
  }

  async #killDuring(wish: Wish): Promise<boolean> {
    const weapon = drawWeapon(this.#random, wish);
    const disarm = await aim(this.#stage, this.#agent, weapon);
    const lift = makeTrouble(this.#stage, this.#random, wish);
    const request = await this.#wish(wish);
    await this.#diesOrRests(request, weapon.kind === "point" && weapon.point === "journal.reschedule" ? 2 : 1);
    await disarm();
    lift();
    return this.#hasDied(wish, weapon, false);
  }

  /** Compaction and an upgrade happen when the agent starts. */
  async #killStarting(wish: Wish): Promise<boolean> {
    await this.#agent.stop();
    if (wish === "upgrade") writeAsOlder(this.#stage.machine.home);
    return this.#startArmed(wish);
  }

  /** A dotvault that is yet to come brings a copy of the journal to its formats. */
  async #killMigrating(wish: Wish): Promise<void> {
    const { machine } = this.#stage;
    await this.#agent.stop();
    const copy = copyJournal(machine.home);
    const ms = between(this.#random, 0, 10 * MIGRATION_MS) / 10;
    const migrator = machine.script(MIGRATOR, [copy.path, String(ms)]);
    const { signal } = await machine.end(migrator);
    if (signal === "SIGKILL") {
      this.#struck(migrator.pid, wish, "at a random moment");
      this.#tally.outcome("the journal is whole at one of the formats, and was brought to the newest");
    } else this.#tally.missed++;
    copy.check();
    copy.remove();
    this.#agent = this.#stage.start();
    await this.#rest();
  }

  async #startArmed(wish: Wish): Promise<boolean> {
    const weapon = drawForStart(this.#random, wish);
    this.#agent = this.#stage.start(weapon.kind === "point" ? orderOf(weapon) : undefined);
    // A point was given to it with its start.
    const disarm =
      weapon.kind === "point" ? disarming(this.#stage, this.#agent) : await aim(this.#stage, this.#agent, weapon);
    await this.#diesOrRests();
    await disarm();
    return this.#hasDied(wish, weapon, true);
  }

  /** It stays dead until the machine beside has waited for the end of its lease, and has taken it over. */
  async #isTakenOver(): Promise<void> {
    const { beside, machine } = this.#stage;
    if (!beside) throw new Error("nobody is there to take anything over");
    this.#asked = await beside.machine.ask("refresh", { name: "jfrog" });
    const isStill = () => looking(beside.machine.home, (reader) => isSettled(reader, this.#asked));
    await machine.until("the machine beside has taken over", isStill, GROUP_PATIENCE);
  }

  /** Now and then it is killed again while it takes up what was open. */
  async #startAgain(wish: Wish): Promise<void> {
    const stage = this.#stage;
    if (this.#random() < 0.5) await stage.storeUp();
    while (this.#random() < AGAIN) if (!(await this.#startArmed(wish))) return;
    this.#agent = stage.start();
  }

  #hasDied(wish: Wish, weapon: Weapon, starting: boolean): boolean {
    if (this.#agent.running) return false;
    const stage = this.#stage;
    this.#struck(this.#agent.pid, wish, weaponName(weapon, starting, diedAt(this.#agent)));
    stage.collect();
    examineDead(stage);
    this.#tally.looks++;
    return true;
  }

  #struck(pid: number, wish: Wish, weapon: string): void {
    this.deaths++;
    this.#tally.kills.push({ pid, wish, weapon, scene: sceneName(this.#stage.scene) });
  }

  async #wish(wish: Wish): Promise<number> {
    const { machine, beside, platform, revokedByOthers } = this.#stage;
    // At the same time, so that both want the lease.
    if (beside && VERBS[wish] === undefined && wish !== "takeover" && this.#random() < 0.5)
      this.#asked = await beside.machine.ask("refresh", { name: "jfrog" });
    if (wish === "refused") {
      const tokenId = machine.snapshot()?.context.current?.tokenId ?? "";
      platform.revoke(tokenId);
      revokedByOthers.push(tokenId);
    }
    return machine.ask(VERBS[wish] ?? "refresh", { name: "jfrog" });
  }

  /** With the store away, so many failures to reach it are all the rest there is. */
  async #diesOrRests(request?: number, failures = 1): Promise<void> {
    const [agent, stage] = [this.#agent, this.#stage];
    const isMissed = ({ failure, attempt }: OpenIntent) => failure?.class.startsWith("store.") && attempt >= failures;
    await stage.machine.endOr(
      agent,
      "it dies or rests",
      (reader) => reader.openIntents().some(isMissed) || rests(stage, agent, request),
      stage.beside && GROUP_PATIENCE,
    );
  }

  async #rest(): Promise<void> {
    const stage = this.#stage;
    const from = performance.now();
    const isAtRest = () => {
      if (!this.#agent.running) throw new Error(`it has ended:\n${story(stage.machine.home, [this.#agent])}`);
      return rests(stage, this.#agent, undefined) && agree(stage, this.#asked);
    };
    await stage.machine.until("it comes to rest", isAtRest, stage.beside && GROUP_PATIENCE);
    this.#tally.recoveries.push(performance.now() - from);
    stage.collect();
    stage.beside?.collect();
  }
}
