import { type Answer, html } from "../answer.ts";
import { type LoginForm, loginPage, messagePage } from "../page.ts";
import { fieldsOf } from "../request.ts";
import type { Route } from "../route.ts";
import { codeOf, type LoginSession } from "../sessions.ts";
import { serverNow, type World } from "../world.ts";

// The address holds the session's secret: it must not travel on as a referrer, nor stay in a cache.
const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
};

function page(status: number, body: string): Answer {
  const answer = html(status, body);
  return { ...answer, headers: { ...answer.headers, ...HEADERS } };
}

type Refused = { readonly refused: Answer };

function waiting(world: World, uuid: string): LoginSession | Refused {
  const session = world.sessions.get(uuid);
  const over = session && serverNow(world) >= session.registeredAt + world.switches.sessionSeconds * 1000;
  if (session === undefined || session.denied || over)
    return { refused: page(404, messagePage("Login not found", "This login has ended. Start a new one.")) };
  if (session.approvedBy !== null)
    return { refused: page(200, messagePage("Already signed in", "You can close this page.")) };
  return session;
}

const form = (world: World, session: string, client: string): LoginForm => ({
  session,
  client: client.slice(0, 100) || "A client",
  users: [...world.users.values()],
});

export const showLogin: Route = {
  method: "GET",
  template: "/ui/login",
  service: "access",
  kind: () => "page",
  handle(world, request) {
    const uuid = request.query.get("jfClientSession") ?? "";
    const session = waiting(world, uuid);
    if ("refused" in session) return session.refused;
    return page(200, loginPage(form(world, uuid, request.query.get("jfClientName") ?? "")));
  },
};

export const confirmLogin: Route = {
  method: "POST",
  template: "/ui/login",
  service: "access",
  kind: () => "page",
  handle(world, request) {
    const fields = fieldsOf(request) ?? {};
    const uuid = String(fields.jfClientSession ?? "");
    const session = waiting(world, uuid);
    if ("refused" in session) return session.refused;
    const user = String(fields.user ?? "").trim();
    const problem = wrong(world, session, user, String(fields.code ?? ""));
    if (problem !== undefined) {
      const again = { ...form(world, uuid, String(fields.jfClientName ?? "")), user, problem };
      return page(400, loginPage(again));
    }
    session.approvedBy = user;
    return page(200, messagePage("Signed in", "You can close this page and go back to your terminal."));
  },
};

function wrong(world: World, session: LoginSession, user: string, code: string): string | undefined {
  if (!world.users.has(user)) return "There is no such user.";
  if (world.switches.suspendedUsers.includes(user)) return "This user's login is suspended.";
  return code.trim().toLowerCase() === codeOf(session.uuid) ? undefined : "That is not the code in your terminal.";
}
