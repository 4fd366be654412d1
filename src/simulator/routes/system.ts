import { json, text } from "../answer.ts";
import { authenticate } from "../authenticate.ts";
import { presentedToken } from "../request.ts";
import type { Route } from "../route.ts";

const ping = (template: string, service: "access" | "artifactory"): Route => ({
  method: "GET",
  template,
  service,
  kind: () => "ping",
  handle: () => text(200, "OK"),
});

export const accessPing = ping("/access/api/v1/system/ping", "access");
export const artifactoryPing = ping("/artifactory/api/system/ping", "artifactory");

export const version: Route = {
  method: "GET",
  template: "/artifactory/api/system/version",
  service: "artifactory",
  kind: () => "version",
  handle(world, request) {
    // Who is allowed in without a token is not let in with a wrong one.
    if (world.switches.versionNeedsToken || presentedToken(request) !== undefined)
      authenticate(world, request, "artifactory");
    const revision = world.switches.version.replaceAll(".", "").padEnd(8, "0");
    return json(200, { version: world.switches.version, revision, addons: [], license: "simulator" });
  },
};

/** The root certificate: base64 of its DER, no armour. */
export const rootCertificate: Route = {
  method: "GET",
  template: "/access/api/v1/cert/root",
  service: "access",
  kind: () => "root",
  handle: (world) => text(200, world.authority.certificate.toString("base64")),
};
