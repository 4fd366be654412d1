import { wrap } from "../layout.ts";
import { harmless, type Style } from "../style.ts";
import { count, countdown } from "../times.ts";
import { cut, pad, rowsOf, widthOf } from "../width.ts";
import { hasFailed, isFinal, type Login, type Stage } from "./login.ts";
import type { Wizard } from "./model.ts";
import { acquired, ending } from "./words.ts";

export interface ScreenLayout {
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}

const GLYPHS: { readonly [S in Stage]: readonly [glyph: string, colour: keyof Style] } = {
  looking: ["…", "dim"],
  registering: ["…", "yellow"],
  waiting: ["○", "yellow"],
  minting: ["…", "yellow"],
  storing: ["…", "yellow"],
  done: ["✓", "green"],
  ended: ["✗", "red"],
  skipped: ["-", "dim"],
};

const WORDS: { readonly [S in Stage]: string } = {
  looking: "asking how it stands",
  registering: "registering the login",
  waiting: "sign in",
  minting: "signed in; a token of our own is being issued",
  storing: "storing the credential",
  done: "done",
  ended: "ended",
  skipped: "skipped",
};

/** Names hold at most a third of the line. */
const LONGEST_NAME = 24;
/** Columns of the mark before a name. */
const MARK = 4;
/** With less room than this beside the names, words stand below them. */
const READABLE = 36;
const KEYS = ["o open", "c copy the code", "s skip", "q quit, the logins stay"];

/**
 * The wizard on a terminal: a row or more for each login, its link in full (so that it can be clicked and copied), the keys
 * below. Where the terminal is too low only the chosen one shows its link, and then only those around it are shown at all.
 */
export function screenLines(wizard: Wizard, layout: ScreenLayout, now: number): string[] {
  for (const { above, below } of frames(wizard, layout)) {
    const room = layout.rows - 1 - heightOf([...above, ...below], layout);
    const all = blocks(wizard, layout, now, () => true);
    const shown = heightOf(all.flat(), layout) <= room ? all : fitting(wizard, layout, now, room);
    const lines = [...above, ...shown.flat(), ...below];
    if (heightOf(lines, layout) < layout.rows) return lines;
  }
  return clipped([...bareLogin(wizard, layout), ...title(wizard, layout)], layout);
}

/** What stands around the logins; less and less of it, for terminals that are too low. */
function frames(wizard: Wizard, layout: ScreenLayout): { above: string[]; below: string[] }[] {
  const above = title({ ...wizard, place: null }, layout);
  const below = footer(wizard, layout);
  return [
    { above: title(wizard, layout), below },
    { above, below },
    { above, below: [] },
  ];
}

/** What nobody can do without, for the lowest of terminals: the code and the link. */
function bareLogin({ logins, chosen }: Wizard, { columns }: ScreenLayout): string[] {
  const login = logins.find(({ name }) => name === chosen);
  return login?.link ? [cut(`code ${login.link.code} · ${login.name}`, columns), login.link.url] : [];
}

/** What has scrolled away can't be drawn again: the end goes. */
function clipped(lines: readonly string[], layout: ScreenLayout): string[] {
  for (let last = lines.length; last > 0; last--) {
    const fitting = lines.slice(0, last);
    if (heightOf(fitting, layout) < layout.rows) return fitting;
  }
  return [];
}

function blocks(wizard: Wizard, layout: ScreenLayout, now: number, links: (login: Login) => boolean): string[][] {
  const longest = Math.max(...wizard.logins.map(({ name }) => widthOf(name)));
  const names = Math.min(LONGEST_NAME, Math.floor(layout.columns / 3), longest);
  return wizard.logins.map((login) => {
    const isChosen = login.name === wizard.chosen && !isFinal(login);
    const row = rowLines(login, { ...layout, names, now, isChosen });
    return login.link && login.stage === "waiting" && links(login) ? [...row, `    ${login.link.url}`] : row;
  });
}

/** Only the chosen one's link; and of the others as many as there is room for, the nearest first. */
function fitting(wizard: Wizard, layout: ScreenLayout, now: number, room: number): string[][] {
  const all = blocks(wizard, layout, now, ({ name }) => name === wizard.chosen);
  const at = Math.max(
    0,
    wizard.logins.findIndex(({ name }) => name === wizard.chosen),
  );
  let [from, to] = [at, at + 1];
  const fits = (first: number, last: number) => heightOf(all.slice(first, last).flat(), layout) < room;
  for (;;) {
    if (to < all.length && fits(from, to + 1)) to += 1;
    else if (from > 0 && fits(from - 1, to)) from -= 1;
    else break;
  }
  const left = all.length - (to - from);
  return left === 0 ? all : [...all.slice(from, to), [layout.style.dim(`  … ${left} more (↑ ↓)`)]];
}

interface RowLayout extends ScreenLayout {
  readonly names: number;
  readonly now: number;
  readonly isChosen: boolean;
}

function rowLines(login: Login, { columns, names, style, now, isChosen }: RowLayout): string[] {
  const [glyph, colour] = GLYPHS[login.stage];
  const mark = `${isChosen ? "›" : " "} ${style[colour](glyph)}`;
  const indent = MARK + names + 2;
  const beside = columns - indent >= READABLE;
  const lines = wrap(partsOf(login, now), columns - (beside ? indent : MARK), " · ");
  if (!beside) {
    const name = style.bold(cut(login.name, columns - MARK));
    return [`${mark} ${name}`, ...lines.map((line) => " ".repeat(MARK) + line)];
  }
  const [first = "", ...rest] = lines;
  return [
    `${mark} ${style.bold(pad(cut(login.name, names), names))}  ${first}`,
    ...rest.map((line) => " ".repeat(indent) + line),
  ];
}

function partsOf(login: Login, now: number): string[] {
  const { stage, link, until, trouble, opened, copied, label } = login;
  if (stage === "done") return [acquired(login)];
  if (stage === "ended") {
    const { message, hint } = ending(login);
    return hint === null ? [message] : [message, hint];
  }
  const failing = trouble ? [`${harmless(trouble.message)}; trying again`] : [];
  if (stage !== "waiting" || !link) return [WORDS[stage], ...failing];
  const left = until === null ? [] : [`${countdown(until - now)} left`];
  const did = [...(opened ? ["opened"] : []), ...(copied ? ["code copied"] : [])];
  return [`sign in to ${label}`, `code ${link.code}`, ...left, ...did, ...failing];
}

function title({ logins, place }: Wizard, { columns, style }: ScreenLayout): string[] {
  const needy = logins.filter(({ stage }) => NEEDY.includes(stage)).length;
  const busy = logins.filter((login) => !isFinal(login)).length - needy;
  const needs = needy > 0 ? [`${count(needy, "enrolment needs", "enrolments need")} you`] : [];
  const told = busy > 0 ? [...needs, `${busy} under way`] : needs;
  const hint = needy > 0 && place !== null ? [place] : [];
  const parts = told.length > 0 ? [...told, ...hint] : [closing(logins.filter(hasFailed).length)];
  return wrap(parts, columns, " · ").map((line) => style.bold(line));
}

const NEEDY: readonly Stage[] = ["looking", "registering", "waiting"];

function closing(failed: number): string {
  return failed === 0 ? "all are enrolled" : `${count(failed, "enrolment is", "enrolments are")} still missing`;
}

function footer(wizard: Wizard, { columns, style }: ScreenLayout): string[] {
  if (wizard.quit || wizard.logins.every(isFinal)) return [];
  const keys = wizard.logins.length > 1 ? [...KEYS, "↑ ↓ choose"] : KEYS;
  return wrap(keys, columns, " · ").map(style.dim);
}

function heightOf(lines: readonly string[], { columns }: ScreenLayout): number {
  return lines.reduce((sum, line) => sum + rowsOf(line, columns), 0);
}
