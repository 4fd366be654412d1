import { accessError, artifactoryError } from "../answer.ts";
import { match, type Route } from "../route.ts";
import { download, head, upload } from "./artifacts.ts";
import { poll, register } from "./login.ts";
import { exchange } from "./oidc.ts";
import { confirmLogin, showLogin } from "./page.ts";
import { createPairing, exchangePairing } from "./pairing.ts";
import { list, revoke, show } from "./rows.ts";
import { accessPing, artifactoryPing, rootCertificate, version } from "./system.ts";
import { createToken, createTokenV2 } from "./tokens.ts";

/** In the order in which they are tried: the artifact paths take whatever no other route of Artifactory has. */
const ROUTES: readonly Route[] = [
  register,
  poll,
  showLogin,
  confirmLogin,
  createToken,
  createTokenV2,
  list,
  show,
  revoke,
  exchange,
  rootCertificate,
  accessPing,
  artifactoryPing,
  version,
  createPairing,
  exchangePairing,
  upload,
  download,
  head,
];

const elsewhere = (service: Route["service"]): Route => ({
  method: "GET",
  template: service === "artifactory" ? "/artifactory/…" : "/…",
  service,
  kind: () => "other",
  handle: () => (service === "artifactory" ? artifactoryError(404, "Not Found") : accessError(404, "Not found")),
});

/** The route of a request and its path's placeholders. Unknown paths get a route that says so. */
export function route(
  method: string,
  path: string,
): { readonly route: Route; readonly params: Record<string, string> } {
  for (const candidate of ROUTES) {
    if (candidate.method !== method) continue;
    const params = match(candidate.template, path);
    if (params !== undefined) return { route: candidate, params };
  }
  return { route: elsewhere(path.startsWith("/artifactory/") ? "artifactory" : "access"), params: {} };
}
