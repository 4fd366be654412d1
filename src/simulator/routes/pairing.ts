import { accessError, json, Refusal } from "../answer.ts";
import { authenticate, verified } from "../authenticate.ts";
import { issue } from "../issue.ts";
import { signJwt } from "../jwt.ts";
import { uuid } from "../random.ts";
import { presentedToken } from "../request.ts";
import type { Route } from "../route.ts";
import { serverNow, type World } from "../world.ts";

const LIFETIME_SECONDS = 300;
const SCOPE = "internal:service-trust/pairing/";

/** Ties JFrog services to each other: a token of one use case, for one use, good for five minutes. */
export const createPairing: Route = {
  method: "POST",
  template: "/<service>/api/v1/service_trust/pairing/<useCase...>",
  service: "access",
  kind: () => "pairing",
  handle(world, request) {
    const { user, admin } = authenticate(world, request, "access");
    if (!admin) return accessError(403, "Forbidden");
    const { service = "", useCase = "" } = request.params;
    const subject = `jfac@${world.authority.id}`;
    const exchange = `${world.url}/${service}/api/v1/service_trust/exchange`;
    const iat = Math.floor(serverNow(world) / 1000);
    const claims = {
      ext: JSON.stringify({ base_url: world.url, exchange_url: exchange, revocable: "true" }),
      sub: `${subject}/users/${user.name}`,
      scp: `${SCOPE}${useCase}:x`,
      aud: subject,
      iss: subject,
      exp: iat + LIFETIME_SECONDS,
      iat,
      jti: uuid(world.random),
    };
    const token = signJwt(claims, world.authority.kid, world.authority.privateKey);
    world.secret(token);
    return json(200, { pairing_token: token });
  },
};

/** The other service's side: the pairing token, once, for a token that lasts. */
export const exchangePairing: Route = {
  method: "POST",
  template: "/<service>/api/v1/service_trust/exchange",
  service: "access",
  kind: () => "pairing",
  handle(world, request) {
    const user = spendPairing(world, presentedToken(request) ?? "");
    const issued = issue(world, {
      user,
      by: "mint",
      scope: "applied-permissions/admin",
      audience: ["*@*"],
      seconds: 0,
      refreshable: false,
      reference: false,
    });
    return { ...json(200, { access_token: issued.accessToken }), tokenId: issued.pair.tokenId };
  },
};

function spendPairing(world: World, token: string): string {
  const { header, claims } = verified(world, token, "access");
  const refuse = (why: string) => new Refusal(accessError(401, `Invalid token, ${why}`));
  if (header.kid !== world.authority.kid || !String(claims.scp).startsWith(SCOPE)) throw refuse("audience");
  if (Number(claims.exp) * 1000 <= serverNow(world)) throw refuse("expired");
  const id = String(claims.jti);
  if (world.usedPairings.has(id)) throw refuse("revoked");
  world.usedPairings.add(id);
  return String(claims.sub).split("/users/")[1] ?? "";
}
