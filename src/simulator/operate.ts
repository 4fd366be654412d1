import { DotvaultError } from "../errors.ts";
import { type Issued, issue } from "./issue.ts";
import { serverNow, type World } from "./world.ts";

/** What happens at an instance without a client: users sign in, administrators act. */

/**
 * The user signs in and confirms the code. Without a session: the newest login that waits; without a user: the first
 * who is no administrator.
 * @throws DotvaultError `simulator.session`, `simulator.user`
 */
export function approveLogin(world: World, session?: string, user?: string): void {
  const name = user ?? [...world.users.values()].find((one) => one.admin !== true)?.name;
  if (name === undefined || !world.users.has(name)) throw new DotvaultError("simulator.user", "no such user");
  world.sessions.waiting(session).approvedBy = name;
}

/** The user refuses: the login never yields a token. */
export function denyLogin(world: World, session?: string): void {
  world.sessions.waiting(session).denied = true;
}

/** An administrator revokes a pair; that it is too short to be revoked does not matter here. */
export function revokePair(world: World, tokenId: string): void {
  const pair = world.ledger.byId(tokenId);
  if (pair === undefined) throw new DotvaultError("simulator.token", "no such token");
  world.ledger.revoke(pair, world.clock(), serverNow(world));
}

export interface SeedRequest {
  readonly user: string;
  /** Seconds; 0: never expires. Default: the server's. */
  readonly seconds?: number;
  readonly scope?: string;
  readonly audience?: readonly string[];
  readonly refreshable?: boolean;
  readonly reference?: boolean;
  readonly description?: string;
}

/** A pair from an administrator's hand, with no request behind it. */
export function seedPair(world: World, request: SeedRequest): Issued {
  return issue(world, {
    user: request.user,
    by: "seed",
    scope: request.scope ?? "applied-permissions/user",
    audience: request.audience ?? ["*@*"],
    seconds: request.seconds ?? world.switches.defaultSeconds,
    askedSeconds: request.seconds,
    refreshable: request.refreshable ?? false,
    reference: request.reference ?? false,
    description: request.description,
  });
}
