import { type Context, currentToken } from "./context.ts";
import type { SessionEvent } from "./events.ts";
import { died, gaveMore } from "./updates.ts";

type Args = { readonly context: Context; readonly event: SessionEvent };

/** Nobody has to be there for a login. */
function isAlone({ settings }: Context): boolean {
  return settings !== null && settings.method !== null && !settings.needsPerson;
}

/** What was refused is not presented again until something changes. */
function mayLogIn(context: Context): boolean {
  return isAlone(context) && context.refusal === null;
}

/** A login takes the place of a token that gets no more time; a person's own is let live to its end. */
export function logsInAgain(context: Context): boolean {
  return mayLogIn(context) && currentToken(context)?.source === "login";
}

export function canRenew(context: Context): boolean {
  return context.settings?.renews === true && currentToken(context)?.life?.renewable === true;
}

function idOf(event: SessionEvent): string | null {
  return "id" in event ? event.id : null;
}

function isCurrent({ context, event }: Args): boolean {
  return currentToken(context)?.id === idOf(event);
}

function leavesAnother(args: Args): boolean {
  const { context, event } = args;
  if (!isCurrent(args) || (event.type !== "TOKEN_DIED" && event.type !== "TOKEN_UNREADABLE")) return false;
  return currentToken({ ...context, ...died({ context, event }) }) !== null;
}

/** The questions that transitions ask. */
export const guards = {
  isAnother: ({ context: { settings }, event }: Args) =>
    event.type === "CONFIGURED" &&
    settings !== null &&
    (settings.identity !== event.settings.identity || settings.method !== event.settings.method),
  isAlone: ({ context }: Args) => isAlone(context),
  mayLogIn: ({ context }: Args) => mayLogIn(context),
  isRefused: ({ context }: Args) => context.refusal !== null,
  hasToken: ({ context }: Args) => currentToken(context) !== null,
  hasLogin: ({ context }: Args) => context.login !== null,
  hasEnded: ({ context }: Args) => context.ended !== null,
  isCurrent,
  isKnown: ({ context, event }: Args) => [context.brought?.id, context.login?.id].includes(idOf(event) ?? ""),
  leavesAnother,
  gaveMore: (args: Args) => args.event.type === "RENEWED" && isCurrent(args) && gaveMore(args.context, args.event),
  getsNoMoreButLogsIn: (args: Args) => isCurrent(args) && logsInAgain(args.context),
  isDueForRenewal: ({ context, event }: Args) => event.type === "WOKE" && event.name === "renew" && canRenew(context),
  isDueForLogin: ({ context, event }: Args) => event.type === "WOKE" && event.name === "renew" && logsInAgain(context),
  byPerson: ({ event }: Args) => "person" in event && event.person === true,
} as const;
