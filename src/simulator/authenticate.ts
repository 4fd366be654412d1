import { accessError, artifactoryError, Refusal, refusal, type Service } from "./answer.ts";
import { isFor } from "./audience.ts";
import { type Decoded, decodeJwt, signedBy } from "./jwt.ts";
import { accessLives, type Pair } from "./ledger.ts";
import { presentedToken, type SimRequest } from "./request.ts";
import { parseScope, type ScopePart } from "./scope.ts";
import type { User } from "./users.ts";
import { serverNow, type World } from "./world.ts";

/** Whose token a request carries. */
export interface Principal {
  readonly user: User;
  readonly scope: readonly ScopePart[];
  readonly admin: boolean;
  /** Our own pair behind the token; `undefined` for one of another member of the circle of trust. */
  readonly pair: Pair | undefined;
}

const SERVICE_TYPE = { access: "jfac", artifactory: "jfrt" } as const;
const REFERENCE = /^cmVmdGtu[\w+/=-]{56}$/;

/** The user that a token is of, as far as it says so itself (nothing is verified). */
export function claimedUser(world: World, token: string | undefined): string | null {
  if (token === undefined) return null;
  const pair = world.ledger.byReferenceToken(token);
  return pair?.user ?? userOf(decodeJwt(token)?.claims.sub);
}

function userOf(subject: unknown): string | null {
  const found = typeof subject === "string" ? /^[^/]+\/users\/(.+)$/.exec(subject) : null;
  return found?.[1] ?? null;
}

/**
 * Who sent the request, for a route of that service.
 * @throws Refusal 401 in the service's shape
 */
export function authenticate(world: World, request: SimRequest, service: Service): Principal {
  const token = presentedToken(request);
  if (token === undefined) throw refusal(service, 401, "Authentication is required");
  const presented = REFERENCE.test(token)
    ? byReference(world, token, service)
    : byJwt(world, verified(world, token, service), service);
  const principal = principalOf(world, service, presented);
  world.expiredInARow.delete(principal.user.name);
  return principal;
}

/**
 * The token's claims, once its signature stands: signed by this instance or by one that it trusts.
 * @throws Refusal 401
 */
export function verified(world: World, token: string, service: Service): Decoded {
  const jwt = decodeJwt(token);
  if (jwt === undefined) throw refusal(service, 401, "Invalid token, parse");
  const { authority } = world;
  const kid = String(jwt.header.kid);
  const key = kid === authority.kid ? authority.publicKey : authority.trusted.get(kid);
  if (key === undefined || !signedBy(jwt, key)) throw refusal(service, 401, "Invalid token, signature");
  return jwt;
}

/** What a token says, wherever it was looked up. */
interface Presented {
  readonly user: string | null;
  readonly scope: string;
  readonly audience: readonly string[];
  /** Milliseconds; `null`: never. */
  readonly expiresAt: number | null;
  readonly pair: Pair | undefined;
  /** Of another member of the circle of trust, and revocable: this instance's database does not know it. */
  readonly unknownRevocable?: boolean;
}

function byReference(world: World, token: string, service: Service): Presented {
  const pair = world.ledger.byReferenceToken(token);
  if (pair === undefined) throw refusal(service, 401, "Invalid token, parse");
  return { user: pair.user, scope: pair.scope, audience: pair.audience, expiresAt: pair.expiresAt, pair };
}

function byJwt(world: World, { header, claims }: Decoded, service: Service): Presented {
  const own = header.kid === world.authority.kid;
  const pair = own ? world.ledger.byId(String(claims.jti)) : undefined;
  // Our own signature on something the ledger does not know: a pairing token, good for pairing alone.
  if (own && pair === undefined) throw refusal(service, 401, "Invalid token, audience");
  return {
    user: userOf(claims.sub),
    scope: String(claims.scp),
    audience: audienceOf(claims),
    expiresAt: typeof claims.exp === "number" ? claims.exp * 1000 : null,
    pair,
    unknownRevocable: !own && isRevocable(claims) && !world.switches.foreignRevocable,
  };
}

function isRevocable({ ext }: Decoded["claims"]): boolean {
  return typeof ext === "string" && /"revocable"\s*:\s*"?true/.test(ext);
}

/** The `aud` claim in any of its forms. */
export function audienceOf(claims: Decoded["claims"]): readonly string[] {
  return [claims.aud].flat().flatMap((part) => String(part).split(" "));
}

function principalOf(world: World, service: Service, presented: Presented): Principal {
  const { pair, expiresAt } = presented;
  const now = serverNow(world);
  if (expiresAt !== null && expiresAt <= now) {
    countExpired(world, presented.user);
    throw refusal(service, 401, "Invalid token, expired");
  }
  if (presented.unknownRevocable || (pair !== undefined && !accessLives(pair, now)))
    throw refusal(service, 401, "Invalid token, revoked");
  if (!isFor(presented.audience, SERVICE_TYPE[service], world.authority.id))
    throw refusal(service, 401, "Invalid token, audience");
  const scope = parseScope(presented.scope) ?? [];
  const user = knownUser(world, presented.user, scope);
  if (user === undefined) throw refusal(service, 401, "Bad credentials");
  const admin = user.admin === true && scope.some((part) => part.kind === "admin" || part.kind === "user");
  return { user, scope, admin, pair };
}

/** Across a circle of trust a token works where its user exists, or a group that it names does. */
function knownUser(world: World, name: string | null, scope: readonly ScopePart[]): User | undefined {
  const user = name === null ? undefined : world.users.get(name);
  if (user !== undefined || name === null) return user;
  const groups = new Set([...world.users.values()].flatMap((one) => one.groups ?? []));
  const shared = scope.flatMap((part) => (part.kind === "groups" ? part.names : [])).filter((one) => groups.has(one));
  return shared.length > 0 ? { name, groups: shared } : undefined;
}

function countExpired(world: World, user: string | null): void {
  if (user === null || world.switches.lockAfter === null) return;
  const count = (world.expiredInARow.get(user) ?? 0) + 1;
  world.expiredInARow.set(user, count);
  if (count >= world.switches.lockAfter && !world.switches.suspendedUsers.includes(user))
    world.switches.suspendedUsers = [...world.switches.suspendedUsers, user];
}

const SUSPENDED = "This request is blocked due to recurrent login failures, please try again later";

/** @throws Refusal 403 in the service's shape, for a user whose login is suspended */
export function refuseSuspended(world: World, user: string | null, service: Service): void {
  if (user === null || !world.switches.suspendedUsers.includes(user)) return;
  throw new Refusal(service === "access" ? accessError(403, SUSPENDED) : artifactoryError(403, SUSPENDED));
}
