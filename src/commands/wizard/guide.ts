import { setTimeout as pause } from "node:timers/promises";
import { createDesktop, type Desktop } from "../../adapters/desktop/desktop.ts";
import type { Enrolment, Sealer } from "../../agent/ports.ts";
import type { Session } from "../../machines/enrolment/context.ts";
import { streamOf } from "../../machines/stream/names.ts";
import { hasFailed, isFinal } from "../../terminal/wizard/login.ts";
import {
  isOver,
  newWizard,
  type Wish,
  type Wizard,
  type WizardEvent,
  wizardStep,
} from "../../terminal/wizard/model.ts";
import { leftLine, PLACES } from "../../terminal/wizard/words.ts";
import { type Asking, LOOK_EVERY, sceneOf } from "../assembly/follow.ts";
import { EXIT, type Io } from "../cli/io.ts";
import { LiveScreen } from "./live-screen.ts";
import { sightOf } from "./sight.ts";
import { type View, viewFor } from "./view.ts";

/** What logins are followed with. */
export interface GuideDeps {
  /** The agent, whoever it is. */
  readonly agent: Asking;
  readonly sealer: Sealer;
  readonly io: Io;
  /** Shared with whoever else writes to it. */
  readonly screen?: LiveScreen;
}

/**
 * Follows logins, all at once, to their ends, and tells the person what to do. The journal is what it looks at: two terminals
 * may follow the same login, and whoever comes back finds it where it was.
 */
export class Guide {
  readonly screen: LiveScreen;
  readonly #deps: GuideDeps;
  readonly #desktop: Desktop;
  readonly #followed = new Map<string, Enrolment>();
  #wizard: Wizard;
  #view: View | undefined;
  /** What the journal said at the last look. */
  #seen = -1;

  constructor(deps: GuideDeps) {
    this.#deps = deps;
    this.#desktop = createDesktop(deps.io.platform, deps.io.env);
    this.screen = deps.screen ?? new LiveScreen(deps.io.err);
    this.#wizard = newWizard("each", PLACES[this.#desktop.place] ?? null);
  }

  /** Puts an enrolment on the screen, before its login is asked for. */
  add({ name, engine }: Enrolment): void {
    this.#step({ type: "missing", name, label: engine.label });
  }

  /** Its login was asked for: whatever the journal shows from here on came after that. */
  begun(enrolment: Enrolment): void {
    this.#followed.set(enrolment.name, enrolment);
    this.#seen = -1;
  }

  /**
   * Until all logins are over, the person leaves, or `signal` says so.
   *
   * @param beginning resolves when every login has been asked for; what it throws is thrown when the others are over
   * @returns the exit code
   */
  async follow(beginning: Promise<unknown>, signal?: AbortSignal): Promise<number> {
    let begins = true;
    const begun = beginning.finally(() => {
      begins = false;
    });
    begun.catch(() => {});
    const view = await viewFor(this.#deps.io, this.screen, (key) => this.#step({ type: "key", key }));
    this.#view = view;
    if (view.isLive) this.#wizard = { ...this.#wizard, opens: "chosen" };
    try {
      while (!signal?.aborted && !this.#wizard.quit && (begins || !isOver(this.#wizard))) {
        this.#look();
        view.show(this.#wizard);
        await pause(LOOK_EVERY, undefined, signal ? { signal } : {}).catch(() => undefined);
        await this.#deps.agent.tend?.();
      }
      view.show(this.#wizard);
    } finally {
      view.close();
    }
    if (this.#wizard.quit) return this.#left();
    if (signal?.aborted) return EXIT.healthy;
    await begun;
    return this.#wizard.logins.some(hasFailed) ? EXIT.personNeeded : EXIT.healthy;
  }

  /** The person has left: whoever is signing in still may, until the time is over. */
  #left(): number {
    const open = this.#wizard.logins.filter((login) => !isFinal(login));
    if (open.length > 0) this.#deps.io.err.write(leftLine(open.map(({ name }) => name)));
    return open.length > 0 || this.#wizard.logins.some(hasFailed) ? EXIT.personNeeded : EXIT.healthy;
  }

  #look(): void {
    const { reader } = this.#deps.agent;
    const version = reader.dataVersion();
    if (version === this.#seen) return;
    this.#seen = version;
    for (const [name, { engine }] of this.#followed) {
      const sight = sightOf(sceneOf(reader, name), engine, (session) => this.#open(name, session));
      this.#step({ type: "seen", name, sight });
    }
  }

  #open(name: string, { ref }: Session): string | undefined {
    const jwe = this.#deps.agent.reader.sealed(ref.id);
    if (jwe === undefined) return undefined;
    return this.#deps.sealer.open({ id: ref.id, kind: ref.kind, stream: streamOf(name) }, jwe).toString("utf8");
  }

  #step(event: WizardEvent): void {
    const { wizard, wishes } = wizardStep(this.#wizard, event);
    this.#wizard = wizard;
    // What a person reads comes before any program is started.
    if (wishes.length > 0) this.#view?.show(wizard);
    for (const wish of wishes) void this.#grant(wish);
  }

  /** Best effort: whatever fails here, the person has the link and the code on the screen. */
  async #grant({ type, name }: Wish): Promise<void> {
    const login = this.#wizard.logins.find((each) => each.name === name);
    if (type === "skip") await this.#deps.agent.ask("cancel", { name }).catch(() => undefined);
    if (type === "skip" || !login?.link) return;
    const { url, code } = login.link;
    const origin = this.#followed.get(name)?.engine.origin ?? url;
    if (type === "open" && (await this.#desktop.open(url, origin))) this.#step({ type: "opened", name });
    if (type === "copy" && ((await this.#desktop.copy(code)) || this.#view?.copy(code) === true)) {
      this.#step({ type: "copied", name });
    }
  }
}
