import { type Answer, json } from "./answer.ts";
import { signJwt } from "./jwt.ts";
import { digestOf, type Origin, type Pair } from "./ledger.ts";
import { referenceToken, uuid } from "./random.ts";
import { atLeast, type Switches } from "./switches.ts";
import { serverNow, type World } from "./world.ts";

export interface IssueRequest {
  readonly user: string;
  readonly by: Origin;
  readonly parent?: string;
  readonly scope: string;
  readonly audience: readonly string[];
  /** Seconds; 0: never expires. */
  readonly seconds: number;
  readonly askedSeconds?: number | undefined;
  readonly refreshable: boolean;
  readonly reference: boolean;
  readonly description?: string | undefined;
  readonly forceRevocable?: boolean;
}

/** The tokens in clear, as an answer carries them. */
export interface Issued {
  readonly pair: Pair;
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly referenceToken: string | null;
}

/** Issues a pair, writes it into the ledger, and remembers its secrets. */
export function issue(world: World, request: IssueRequest): Issued {
  const { random, switches } = world;
  const issuedAt = Math.floor(serverNow(world) / 1000) * 1000;
  const expiresAt = request.seconds === 0 ? null : issuedAt + request.seconds * 1000;
  const facts = {
    tokenId: uuid(random),
    user: request.user,
    by: request.by,
    parent: request.parent ?? null,
    description: request.description ?? null,
    scope: request.scope,
    audience: request.audience,
    issuedAt,
    expiresAt,
    askedSeconds: request.askedSeconds ?? null,
    ...keeping(request, switches),
  };
  const accessToken = signAccessToken(world, facts);
  const refreshToken = request.refreshable && switches.refreshable ? uuid(random) : null;
  const reference = givesReference(world, request.reference) ? referenceToken((expiresAt ?? 0) / 1000, random) : null;
  for (const secret of [accessToken, refreshToken, reference]) if (secret !== null) world.secret(secret);
  const pair: Pair = {
    ...facts,
    accessDigest: digestOf(accessToken),
    refreshDigest: refreshToken === null ? null : digestOf(refreshToken),
    referenceDigest: reference === null ? null : digestOf(reference),
    state: "live",
    spentAt: null,
    successor: null,
    revokedAt: null,
    accessDeadAt: null,
    answered: false,
    presentations: [],
  };
  world.ledger.add(pair);
  return { pair, accessToken, refreshToken, referenceToken: reference };
}

/** Whether the server keeps a row of the token, and whether it can be revoked: a matter of its lifetime. */
function keeping(request: IssueRequest, switches: Switches): Pick<Pair, "stored" | "revocable" | "forceRevocable"> {
  const forceRevocable = request.forceRevocable === true && atLeast(switches.version, "7.50.3");
  const lasts = (threshold: number) => forceRevocable || request.seconds === 0 || request.seconds >= threshold;
  const revocable = lasts(switches.revocableFromSeconds);
  return { forceRevocable, revocable, stored: revocable || lasts(switches.storedFromSeconds) };
}

type Facts = Pick<Pair, "tokenId" | "user" | "scope" | "audience" | "issuedAt" | "expiresAt" | "revocable">;

function signAccessToken({ authority, switches }: World, facts: Facts): string {
  const issuer = `jfac@${authority.id}`;
  const claims = {
    ext: JSON.stringify({ revocable: String(facts.revocable) }),
    sub: `${issuer}/users/${facts.user}`,
    scp: facts.scope,
    aud: audienceClaim(facts.audience, switches.audienceForm),
    iss: issuer,
    ...(facts.expiresAt === null ? {} : { exp: facts.expiresAt / 1000 }),
    iat: facts.issuedAt / 1000,
    jti: facts.tokenId,
  };
  return signJwt(claims, authority.kid, authority.privateKey);
}

function audienceClaim(audience: readonly string[], form: "auto" | "array" | "string"): string | readonly string[] {
  if (form === "string") return audience.join(" ");
  return form === "auto" && audience.length === 1 ? (audience[0] ?? "") : audience;
}

function givesReference({ switches }: World, asked: boolean): boolean {
  if (switches.referenceTokens === "always" || switches.referenceTokens === "opaque") return true;
  return asked && switches.referenceTokens === "on-request" && atLeast(switches.version, "7.38.4");
}

/** The 200 of a mint, a refresh and a login; `extra` fields go last. */
export function issuedAnswer(world: World, issued: Issued, extra: Readonly<Record<string, unknown>> = {}): Answer {
  const { pair, refreshToken, referenceToken: reference } = issued;
  const opaque = world.switches.referenceTokens === "opaque" && reference !== null;
  const lifetime = pair.expiresAt === null ? undefined : (pair.expiresAt - pair.issuedAt) / 1000;
  const fields = {
    token_id: pair.tokenId,
    access_token: opaque ? reference : issued.accessToken,
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    ...(reference === null || opaque ? {} : { reference_token: reference }),
    ...expiresIn(lifetime, world.switches.expiresInForm),
    scope: pair.scope,
    token_type: "Bearer",
    ...extra,
  };
  return { ...json(200, fields), tokenId: pair.tokenId };
}

function expiresIn(
  seconds: number | undefined,
  form: "number" | "string" | "absent",
): { expires_in?: number | string } {
  if (seconds === undefined || form === "absent") return {};
  return { expires_in: form === "number" ? seconds : String(seconds) };
}
