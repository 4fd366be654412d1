import { accessError, Refusal } from "../answer.ts";
import { issue, issuedAnswer } from "../issue.ts";
import { type Decoded, decodeJwt, signedBy } from "../jwt.ts";
import { decideLifetime } from "../lifetime.ts";
import type { IdentityProvider } from "../options.ts";
import { fieldsOf } from "../request.ts";
import type { Route } from "../route.ts";
import { serverNow, type World } from "../world.ts";
import { bad } from "./mint.ts";

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";

/** An ID token of a connected provider for an access token (RFC 8693); there is no refresh token. */
export const exchange: Route = {
  method: "POST",
  template: "/access/api/v1/oidc/token",
  service: "access",
  kind: () => "oidc",
  handle(world, request) {
    const fields = fieldsOf(request) ?? {};
    if (fields.grant_type !== EXCHANGE) return accessError(400, `grant_type must be ${EXCHANGE}`);
    if (fields.subject_token_type !== ID_TOKEN) return accessError(400, `subject_token_type must be ${ID_TOKEN}`);
    const provider = world.providers.find(({ name }) => name === fields.provider_name);
    if (provider === undefined) return accessError(404, "OIDC provider not found");
    const user = userOf(world, provider, fields.subject_token);
    const issued = issue(world, {
      user,
      by: "oidc",
      scope: "applied-permissions/user",
      audience: ["*@*"],
      seconds: seconds(world, provider),
      refreshable: false,
      reference: false,
    });
    return issuedAnswer(world, issued, {
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      username: user,
    });
  },
};

function seconds(world: World, provider: IdentityProvider): number {
  const decided = decideLifetime(provider.seconds ?? 3600, false, { ...world.switches, overMaximum: "clamp" });
  if ("refused" in decided) throw new Refusal(decided.refused);
  return decided.seconds;
}

function userOf(world: World, provider: IdentityProvider, token: unknown): string {
  if (typeof token !== "string") throw bad("subject_token is required");
  world.secret(token);
  const jwt = decodeJwt(token);
  const why = jwt === undefined ? "parse" : fault(world, provider, jwt);
  if (jwt === undefined || why !== undefined) throw new Refusal(accessError(401, `Invalid token, ${why}`));
  const user = String(jwt.claims[provider.userClaim ?? "sub"]);
  if (!world.users.has(user)) throw new Refusal(accessError(403, "No identity mapping matches the token"));
  return user;
}

/** What is wrong with an ID token (OpenID Connect Core §3.1.3.7); `undefined`: nothing. */
function fault(world: World, provider: IdentityProvider, jwt: Decoded): string | undefined {
  const { iss, aud, exp } = jwt.claims;
  if (!signedBy(jwt, provider.publicKey) || iss !== provider.issuer) return "signature";
  if (typeof exp !== "number" || exp * 1000 <= serverNow(world)) return "expired";
  if (provider.audience !== undefined && ![aud].flat().includes(provider.audience)) return "audience";
  return undefined;
}
