import { type Answer, accessError, empty, flatError, json } from "../answer.ts";
import { authenticate, type Principal } from "../authenticate.ts";
import type { Pair } from "../ledger.ts";
import type { SimRequest } from "../request.ts";
import type { Route } from "../route.ts";
import { atLeast } from "../switches.ts";
import { serverNow, type World } from "../world.ts";

const MISSING = "Token not found";

/** A token's row as the server shows it; times in seconds since the epoch. */
function row(world: World, pair: Pair): Record<string, unknown> {
  const id = `jfac@${world.authority.id}`;
  return {
    token_id: pair.tokenId,
    subject: `${id}/users/${pair.user}`,
    ...(pair.expiresAt === null ? {} : { expiry: pair.expiresAt / 1000 }),
    issued_at: pair.issuedAt / 1000,
    issuer: id,
    ...(pair.description === null ? {} : { description: pair.description }),
    refreshable: pair.refreshDigest !== null,
    scope: pair.scope,
  };
}

/** Rows go with the refresh or revocation of their token, and with its expiry. */
const hasRow = (pair: Pair, now: number): boolean =>
  pair.stored && pair.state === "live" && (pair.expiresAt === null || now < pair.expiresAt);

const own = (principal: Principal, pair: Pair): boolean => principal.admin || principal.user.name === pair.user;

function named(world: World, request: SimRequest, principal: Principal): Pair | undefined {
  const { id } = request.params;
  return id === "me" ? principal.pair : world.ledger.byId(id ?? "");
}

export const show: Route = {
  method: "GET",
  template: "/access/api/v1/tokens/<id>",
  service: "access",
  kind: () => "probe",
  handle(world, request) {
    const principal = authenticate(world, request, "access");
    const pair = named(world, request, principal);
    if (pair === undefined || !hasRow(pair, serverNow(world))) return accessError(404, MISSING);
    return own(principal, pair) ? json(200, row(world, pair)) : accessError(403, "Forbidden");
  },
};

export const list: Route = {
  method: "GET",
  template: "/access/api/v1/tokens",
  service: "access",
  kind: () => "list",
  handle(world, request) {
    const principal = authenticate(world, request, "access");
    const { query } = request;
    const now = serverNow(world);
    const pairs = world.ledger.pairs.filter(
      (pair) =>
        hasRow(pair, now) &&
        own(principal, pair) &&
        passes(query.get("description"), pair.description ?? "") &&
        passes(query.get("username"), pair.user) &&
        passes(query.get("token_id"), pair.tokenId),
    );
    return json(200, { tokens: pairs.map((pair) => row(world, pair)) });
  },
};

/** Whether a text passes a filter: the text itself, with `*` for anything. */
function passes(filter: string | null, value: string): boolean {
  if (filter === null) return true;
  const pattern = filter.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${pattern}$`, "s").test(value);
}

export const revoke: Route = {
  method: "DELETE",
  template: "/access/api/v1/tokens/<id>",
  service: "access",
  kind: () => "revoke",
  handle(world, request) {
    const principal = authenticate(world, request, "access");
    if (request.params.id === "me" && !atLeast(world.switches.version, "7.53.1")) return flatError(404, MISSING);
    return revoked(world, principal, named(world, request, principal));
  },
};

function revoked(world: World, principal: Principal, pair: Pair | undefined): Answer {
  const now = serverNow(world);
  if (pair === undefined || (pair.expiresAt !== null && pair.expiresAt <= now)) return flatError(404, MISSING);
  if (!own(principal, pair)) return flatError(403, "Forbidden");
  if (pair.accessDeadAt !== null && pair.accessDeadAt <= now) return empty(204);
  if (!pair.revocable) return flatError(400, "Token not revocable", notRevocable(world, pair));
  world.ledger.revoke(pair, world.clock(), now);
  return empty(200);
}

function notRevocable(world: World, pair: Pair): string {
  const threshold = world.switches.revocableFromSeconds * 1000;
  const times = `expirationTimeMillis: ${pair.expiresAt}, issuedAtMillis: ${pair.issuedAt}`;
  return `Token not revocable. Token ${times}, revocableExpiryThresholdMillis: ${threshold}`;
}
