import { isCancellable, isFinal, type Login, newLogin, type Sight } from "./login.ts";

/** The wizard as a value: what is on its screen. */
export interface Wizard {
  readonly logins: readonly Login[];
  /** Name of the one that keys are about. */
  readonly chosen: string | null;
  /** Links that open by themselves: `chosen`: that of the login that keys are about; the others when a key says so. */
  readonly opens: "chosen" | "each";
  /** The person has left. */
  readonly quit: boolean;
  /** A word on where this is, for people who look for their browser. */
  readonly place: string | null;
}

export type WizardEvent =
  | { readonly type: "missing"; readonly name: string; readonly label: string }
  | { readonly type: "seen"; readonly name: string; readonly sight: Sight }
  | { readonly type: "opened" | "copied"; readonly name: string }
  | { readonly type: "key"; readonly key: string };

/** What is to be done in the world. */
export type Wish = { readonly type: "open" | "copy" | "skip"; readonly name: string };

export interface Stepped {
  readonly wizard: Wizard;
  readonly wishes: readonly Wish[];
}

export function newWizard(opens: Wizard["opens"], place: string | null = null): Wizard {
  return { logins: [], chosen: null, opens, quit: false, place };
}

/** Everything is over: nothing is left to follow. */
export function isOver({ logins, quit }: Wizard): boolean {
  return quit || logins.every(isFinal);
}

/** One event gives the next screen, and what is wanted of the world. Pure. */
export function wizardStep(wizard: Wizard, event: WizardEvent): Stepped {
  switch (event.type) {
    case "missing":
      return calm(withChosen({ ...wizard, logins: [...wizard.logins, newLogin(event.name, event.label)] }));
    case "seen":
      return seen(wizard, event.name, event.sight);
    case "opened":
      return calm(changed(wizard, event.name, { opened: true }));
    case "copied":
      return calm(changed(wizard, event.name, { copied: true }));
    case "key":
      return pressed(wizard, event.key);
  }
}

/** A skipped one stays so whatever the journal shows of it. */
function seen(wizard: Wizard, name: string, sight: Sight): Stepped {
  const before = wizard.logins.find((login) => login.name === name);
  if (!before || before.stage === "skipped") return calm(wizard);
  const isNew = sight.link !== null && sight.link.url !== before.link?.url;
  // The page is over, but what stands on the screen may still be read.
  const link = sight.link ?? (sight.stage === "ended" ? null : before.link);
  const fresh = isNew ? { opened: false, copied: false } : {};
  const after = withChosen(changed(wizard, name, { ...sight, link, ...fresh }));
  const opens = isNew && (wizard.opens === "each" || name === wizard.chosen);
  return { wizard: after, wishes: opens ? opening(name) : [] };
}

/** The page asks for the code, so it is at hand when the page is there. */
function opening(name: string): Wish[] {
  return [
    { type: "copy", name },
    { type: "open", name },
  ];
}

function pressed(wizard: Wizard, key: string): Stepped {
  const login = wizard.logins.find(({ name }) => name === wizard.chosen);
  if (key === "q") return calm({ ...wizard, quit: true });
  if (key === "up" || key === "down") return calm(moved(wizard, key === "up" ? -1 : 1));
  if (/^[1-9]$/.test(key)) return calm({ ...wizard, chosen: wizard.logins[Number(key) - 1]?.name ?? wizard.chosen });
  if (!login) return calm(wizard);
  const { name, link, stage } = login;
  if (key === "o" && link && stage === "waiting") return { wizard, wishes: opening(name) };
  if (key === "c" && link && stage === "waiting") return { wizard, wishes: [{ type: "copy", name }] };
  if (key === "s" && isCancellable(login)) {
    return {
      wizard: withChosen(changed(wizard, name, { stage: "skipped", link: null })),
      wishes: [{ type: "skip", name }],
    };
  }
  return calm(wizard);
}

/** Round and round. */
function moved(wizard: Wizard, by: -1 | 1): Wizard {
  const { logins, chosen } = wizard;
  const at = logins.findIndex(({ name }) => name === chosen);
  const next = logins[(at + by + logins.length) % logins.length];
  return { ...wizard, chosen: next?.name ?? chosen };
}

/** The keys are never about one that is over while another one is not. */
function withChosen(wizard: Wizard): Wizard {
  const { logins, chosen } = wizard;
  const now = logins.find(({ name }) => name === chosen);
  if (now && !isFinal(now)) return wizard;
  const open = logins.find((login) => !isFinal(login));
  return { ...wizard, chosen: open?.name ?? chosen };
}

function changed(wizard: Wizard, name: string, change: Partial<Login>): Wizard {
  return {
    ...wizard,
    logins: wizard.logins.map((login) => (login.name === name ? { ...login, ...change } : login)),
  };
}

function calm(wizard: Wizard): Stepped {
  return { wizard, wishes: [] };
}
