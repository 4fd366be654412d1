import type { ServerResponse } from "node:http";
import { type Answer, accessError, Refusal } from "./answer.ts";
import { claimedUser, refuseSuspended } from "./authenticate.ts";
import { type Exchange, faultAnswer, reset, write, writeUnder } from "./deliver.ts";
import type { Drawn } from "./fault-plan.ts";
import { fieldsOf, presentedToken, type SimRequest } from "./request.ts";
import type { Route } from "./route.ts";
import { route } from "./routes/index.ts";
import { serverNow, type World } from "./world.ts";

/** Who a request says it is from: its token's user, its login's, or its refresh token's. */
function whose(world: World, request: SimRequest): string | null {
  const token = presentedToken(request);
  if (token !== undefined) return claimedUser(world, token);
  const { uuid } = request.params;
  if (uuid !== undefined) return world.sessions.get(uuid)?.approvedBy ?? null;
  const refreshToken = fieldsOf(request)?.refresh_token;
  return typeof refreshToken === "string" ? (world.ledger.byRefreshToken(refreshToken)?.user ?? null) : null;
}

function apply(world: World, found: Route, request: SimRequest, user: string | null): Answer {
  try {
    refuseSuspended(world, user, found.service);
    return found.handle(world, request);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    return accessError(500, `Simulator: ${error instanceof Error ? error.message : "unknown error"}`);
  }
}

/**
 * One request from its arrival to its end. Without a fault nothing is awaited between "arrived" and "applied", so who
 * waits for an arrival finds the request applied.
 */
export async function serve(world: World, received: SimRequest, response: ServerResponse): Promise<void> {
  const { route: found, params } = route(received.method, received.path);
  const request = { ...received, params };
  const token = presentedToken(request);
  if (token !== undefined) world.secret(token);
  const user = whose(world, request);
  const kind = found.kind(request);
  const call = world.calls.arrive({
    at: world.clock(),
    kind,
    method: request.method,
    route: found.template,
    user,
  });
  const settle = found.arrive?.(world, request) ?? (() => {});
  const drawn = world.faults.draw(kind, user);
  call.faults.push(...drawn.names);
  const exchange = { response, call, date: () => dateHeader(world) };
  const held = drawn.hold("before");
  if (held !== undefined) await held;
  const taken = takenBefore(drawn, exchange);
  if (taken === undefined) {
    const answer = apply(world, found, request, user);
    settle(answer.status < 300 ? "accepted" : "refused");
    world.calls.enter(call, "applied");
    await respond(world, drawn, exchange, answer);
  } else {
    settle("unapplied");
    await taken;
  }
  world.calls.enter(call, "ended");
}

function dateHeader(world: World): string | undefined {
  if (!world.switches.dateHeader) return undefined;
  return new Date(serverNow(world) + world.switches.dateSkewMs).toUTCString();
}

/** A fault that takes the request before the server can act on it; `undefined` when there is none. */
function takenBefore({ effect }: Drawn, exchange: Exchange): Promise<void> | undefined {
  if (effect === undefined) return undefined;
  const { fault } = effect;
  if ((fault.kind !== "status" && fault.kind !== "reset") || fault.when === "after") return undefined;
  effect.strike();
  if (fault.kind === "status") return write(exchange, faultAnswer(fault));
  reset(exchange.response);
  return Promise.resolve();
}

async function respond(world: World, drawn: Drawn, exchange: Exchange, answer: Answer): Promise<void> {
  const held = drawn.hold("after");
  if (held !== undefined) await held;
  const { effect } = drawn;
  if (effect === undefined) await write(exchange, answer);
  else await writeUnder(effect, exchange, answer);
  const pair = answer.tokenId === undefined ? undefined : world.ledger.byId(answer.tokenId);
  const itsOwn = effect === undefined || effect.fault.kind === "stall";
  if (pair !== undefined && itsOwn && exchange.call.complete) pair.answered = true;
}
