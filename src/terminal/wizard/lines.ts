import type { Login, Stage } from "./login.ts";
import type { Wizard } from "./model.ts";
import {
  doneLines,
  endedLines,
  heading,
  loginLines,
  mintingLine,
  openedLine,
  storingLine,
  troubleLine,
  waitingLine,
} from "./words.ts";

/** The wizard in a pipe: what is new on its screen, as plain lines below a heading that says which enrolment they are about. */
export class PlainLines {
  #before: Wizard | undefined;
  #about: string | undefined;

  /** What to print for the screen as it is now. */
  next(wizard: Wizard, now: number): string {
    const text = wizard.logins.map((login, index) => this.#block(wizard, login, index, now)).join("");
    this.#before = wizard;
    return text;
  }

  #block({ logins }: Wizard, login: Login, index: number, now: number): string {
    const before = this.#before?.logins.find(({ name }) => name === login.name);
    const news = newsOf(before, login, now).join("");
    if (news === "") return "";
    const isHeaded = this.#about === login.name;
    this.#about = login.name;
    return isHeaded ? news : heading(index + 1, logins.length, login.label) + news;
  }
}

function newsOf(before: Login | undefined, login: Login, now: number): string[] {
  const { stage, trouble } = login;
  const lines = linkLines(before, login, now);
  if (trouble && trouble.class !== before?.trouble?.class) lines.push(troubleLine(trouble.message));
  if (stage !== before?.stage) lines.push(STAGES[stage]?.(login) ?? "");
  return lines;
}

const STAGES: { readonly [S in Stage]?: (login: Login) => string } = {
  minting: () => mintingLine,
  storing: () => storingLine,
  done: doneLines,
  ended: endedLines,
};

function linkLines(before: Login | undefined, { link, opened, stage, until }: Login, now: number): string[] {
  if (!link) return [];
  const lines: string[] = [];
  if (link.url !== before?.link?.url) lines.push(loginLines(link));
  if (opened && !before?.opened) lines.push(openedLine(link.url));
  if (stage === "waiting" && before?.stage !== "waiting") lines.push(waitingLine((until ?? now) - now));
  return lines;
}
