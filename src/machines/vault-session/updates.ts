import { type Context, currentToken, emptyContext, type Token } from "./context.ts";
import type { EventOf, SessionEvent } from "./events.ts";

/** What an event changes in the context; pure, one function a fact. */
export type Update<E> = (args: { readonly context: Context; readonly event: E }) => Partial<Context>;

/** How long a person has for a login, milliseconds. */
export const PERSON_LIFE = 5 * 60_000;
/** A renewal that adds less gives no more time. At its greatest age (`explicit_max_ttl`) a token is renewed, but gets no older. */
const NO_MORE = 1000;

export const configured: Update<EventOf<"CONFIGURED">> = ({ event }) => ({ settings: event.settings });

/** Another identity: nothing of the old one is presented any more. */
export const begunAnew: Update<EventOf<"CONFIGURED">> = ({ event }) => ({ ...emptyContext, settings: event.settings });

export const forgotten: Update<EventOf<"LEFT">> = () => emptyContext;

export const brought: Update<EventOf<"TOKEN_BROUGHT">> = ({ event }) => ({
  brought: {
    ...{ id: event.id, source: event.source, ref: null, life: null },
    ...{ who: null, since: event.at, renewedAt: null },
  },
  // Whatever it was: a person has put it there anew.
  dead: null,
  ended: null,
  personUntil: null,
});

export const withdrawn: Update<SessionEvent> = () => ({ brought: null });

export const loggedIn: Update<EventOf<"LOGGED_IN">> = ({ event }) => ({
  login: {
    ...{ id: event.token.id, source: "login", ref: event.token, life: event.life },
    ...{ who: event.who, since: event.at, renewedAt: null },
  },
  refusal: null,
  lost: null,
  ended: null,
  personUntil: null,
});

export const kept: Update<EventOf<"LOGIN_KEPT">> = ({ event }) => ({ kept: event.kept });

export const refused: Update<EventOf<"LOGIN_REFUSED">> = ({ event }) => ({
  refusal: {
    ...{ mark: event.mark, message: event.message, hint: event.hint },
    ...{ since: event.at, person: event.person },
  },
  lost: null,
  personUntil: null,
});

export const lost: Update<EventOf<"ANSWER_LOST">> = ({ context, event }) => ({
  lost: { since: context.lost?.since ?? event.at, count: (context.lost?.count ?? 0) + 1 },
});

export const personBegan: Update<SessionEvent> = ({ event }) => ({ personUntil: event.at + PERSON_LIFE });
export const personLeft: Update<SessionEvent> = () => ({ personUntil: null });

/** The server knows it no more; a brought one lies where the person put it, and is not presented again. */
export const died: Update<EventOf<"TOKEN_DIED"> | EventOf<"TOKEN_UNREADABLE">> = ({ context, event }) => {
  const { brought: own, login } = context;
  const ended = { source: own?.id === event.id ? own.source : "login", at: event.at } as const;
  return {
    dead: own?.id === event.id ? event.id : context.dead,
    login: login?.id === event.id ? null : login,
    ended: currentToken(context)?.id === event.id ? ended : context.ended,
  };
};

export const renewed: Update<EventOf<"RENEWED">> = ({ context, event }) =>
  changed(context, event.id, (token) => ({ ...token, life: event.life, renewedAt: event.at }));

/** From here on it is seen to as one that can't be renewed. */
export const unrenewable: Update<EventOf<"NOT_RENEWED"> | EventOf<"RENEWED">> = ({ context, event }) =>
  changed(context, event.id, (token) => ({ ...token, life: token.life && { ...token.life, renewable: false } }));

export const lookedUp: Update<EventOf<"LOOKED_UP">> = ({ context, event }) =>
  changed(context, event.id, (token) => ({ ...token, life: event.life, who: event.who ?? token.who }));

function changed(context: Context, id: string, change: (token: Token) => Token): Partial<Context> {
  const { brought: own, login } = context;
  if (own?.id === id) return { brought: change(own) };
  return login?.id === id ? { login: change(login) } : {};
}

/** Whether a renewal gave more time. */
export function gaveMore(context: Context, event: EventOf<"RENEWED">): boolean {
  const before = currentToken(context)?.life?.expiresAt;
  const { expiresAt } = event.life;
  return expiresAt === null || before === null || before === undefined || expiresAt > before + NO_MORE;
}
