import { type Answer, accessError, empty, flatError, json, proxyPage } from "../answer.ts";
import { issue, issuedAnswer } from "../issue.ts";
import { fieldsOf } from "../request.ts";
import type { Route } from "../route.ts";
import { isSessionId, type LoginSession } from "../sessions.ts";
import { atLeast } from "../switches.ts";
import { serverNow, type World } from "../world.ts";

const BASE = "/access/api/v2/authentication/jfrog_client_login";
const WEB_LOGIN_SINCE = "7.64.0";

export const register: Route = {
  method: "POST",
  template: `${BASE}/request`,
  service: "access",
  kind: () => "register",
  handle(world, request) {
    if (!atLeast(world.switches.version, WEB_LOGIN_SINCE)) return accessError(404, "Not found");
    const session = fieldsOf(request)?.session;
    if (!isSessionId(session)) return accessError(400, "session must be a lower-case version 4 UUID");
    world.secret(session);
    const registered = world.sessions.register(session, serverNow(world));
    registered.approvedBy ??= world.switches.autoApprove;
    return json(200, {});
  },
};

/** Answers the token once; before and after that it says that there is none. */
export const poll: Route = {
  method: "GET",
  template: `${BASE}/token/<uuid>`,
  service: "access",
  kind: () => "poll",
  handle(world, request) {
    const { switches, sessions } = world;
    if (switches.pollBlocked !== null) return proxyPage(switches.pollBlocked);
    if (!atLeast(switches.version, WEB_LOGIN_SINCE)) return accessError(404, "Not found");
    const uuid = request.params.uuid ?? "";
    world.secret(uuid);
    const session = sessions.get(uuid);
    if (session === undefined || session.denied || session.collected || ended(world, session))
      return accessError(switches.collectedPoll, "No token for this session");
    if (session.approvedBy === null) return pending(world);
    session.collected = true;
    return bootstrap(world, session.approvedBy);
  },
};

const ended = (world: World, session: LoginSession): boolean =>
  serverNow(world) >= session.registeredAt + world.switches.sessionSeconds * 1000;

function pending(world: World): Answer {
  const message = "The user has not signed in yet";
  switch (world.switches.pendingBody) {
    case "access":
      return accessError(400, message);
    case "flat":
      return flatError(400, message);
    case "empty":
      return empty(400);
    case "html":
      return proxyPage(400, "Bad request");
  }
}

function bootstrap(world: World, user: string): Answer {
  const issued = issue(world, {
    user,
    by: "login",
    scope: "applied-permissions/user",
    audience: ["*@*"],
    seconds: world.switches.bootstrapSeconds,
    refreshable: true,
    reference: false,
  });
  return issuedAnswer(world, issued, world.switches.pollUsername ? { username: user } : {});
}
