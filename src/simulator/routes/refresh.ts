import { type Answer, accessError, Refusal } from "../answer.ts";
import { isFor } from "../audience.ts";
import { audienceOf, verified } from "../authenticate.ts";
import { issue, issuedAnswer } from "../issue.ts";
import { digestOf, type Pair } from "../ledger.ts";
import { decideLifetime } from "../lifetime.ts";
import { fieldsOf, presentedToken, type SimRequest } from "../request.ts";
import { atLeast } from "../switches.ts";
import { serverNow, type World } from "../world.ts";
import { askedSeconds, bad, flag } from "./mint.ts";

const NOT_FOUND = "Token matching the provided refresh token was not found.";
const SPENT: Readonly<Record<number, string>> = { 401: "Invalid token", 403: "Forbidden" };

/** Writes the presentation into the ledger before anything can go wrong with the request. */
export function noteArrival(
  world: World,
  request: SimRequest,
): (outcome: "accepted" | "refused" | "unapplied") => void {
  const token = fieldsOf(request)?.refresh_token;
  if (typeof token !== "string" || token === "") return () => {};
  world.secret(token);
  const presentation = world.ledger.present(token, world.clock());
  return (outcome) => {
    presentation.outcome = outcome;
  };
}

function spent(world: World): Refusal {
  const status = world.switches.spentRefresh;
  return new Refusal(accessError(status, SPENT[status] ?? NOT_FOUND));
}

/** The bearer may be expired or spent (that is for the refresh token to say), but not forged, nor for others. */
function checkBearer(world: World, request: SimRequest): void {
  const token = presentedToken(request);
  if (token === undefined) {
    if (world.switches.refreshNeedsBearer) throw new Refusal(accessError(401, "Authentication is required"));
    return;
  }
  const audience =
    world.ledger.byReferenceToken(token)?.audience ?? audienceOf(verified(world, token, "access").claims);
  if (!isFor(audience, "jfac", world.authority.id)) throw new Refusal(accessError(401, "Invalid token, audience"));
}

function presentedPair(world: World, fields: Readonly<Record<string, unknown>>): Pair {
  const { refresh_token: refreshToken, access_token: accessToken } = fields;
  if (typeof refreshToken !== "string" || refreshToken === "") throw bad("refresh_token is required");
  if (typeof accessToken !== "string" || accessToken === "") throw bad("access_token is required");
  const pair = world.ledger.byRefreshToken(refreshToken);
  const digest = digestOf(accessToken);
  if (pair === undefined || pair.state !== "live") throw spent(world);
  if (digest !== pair.accessDigest && digest !== pair.referenceDigest) throw spent(world);
  return pair;
}

function checkGrace(world: World, pair: Pair): void {
  const grace = atLeast(world.switches.version, "7.59.5") ? world.switches.graceSeconds * 1000 : 0;
  if (pair.expiresAt !== null && serverNow(world) >= pair.expiresAt + grace)
    throw new Refusal(accessError(401, "Invalid token, expired"));
  if (!isFor(pair.audience, "jfac", world.authority.id)) throw new Refusal(accessError(401, "Invalid token, audience"));
}

function accessDeadAt(world: World): number | null {
  const way = world.switches.oldAccessToken;
  if (way === "lives") return null;
  return serverNow(world) + (way === "dies" ? 0 : way.lagMs);
}

/** `grant_type=refresh_token`: the old pair is spent, both tokens are new. */
export function refresh(world: World, request: SimRequest): Answer {
  checkBearer(world, request);
  const fields = fieldsOf(request) ?? {};
  const old = presentedPair(world, fields);
  checkGrace(world, old);
  const inherited = world.switches.refreshLifetime === "same" ? (old.askedSeconds ?? undefined) : undefined;
  const asked = askedSeconds(fields) ?? inherited;
  const lifetime = decideLifetime(asked, world.users.get(old.user)?.admin === true, world.switches);
  if ("refused" in lifetime) return lifetime.refused;
  const issued = issue(world, {
    user: old.user,
    by: "refresh",
    parent: old.tokenId,
    scope: old.scope,
    audience: old.audience,
    seconds: lifetime.seconds,
    askedSeconds: asked,
    refreshable: true,
    reference: flag(fields, "include_reference_token"),
    description: old.description ?? undefined,
    forceRevocable: old.forceRevocable,
  });
  world.ledger.spend(old, issued.pair.tokenId, world.clock(), accessDeadAt(world));
  return issuedAnswer(world, issued);
}
