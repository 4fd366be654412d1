import { createHash } from "node:crypto";
import { type Answer, artifactoryError, bytes, json } from "../answer.ts";
import { authenticate } from "../authenticate.ts";
import type { SimRequest } from "../request.ts";
import type { Route } from "../route.ts";
import { opens } from "../scope.ts";
import { serverNow, type World } from "../world.ts";

const TEMPLATE = "/artifactory/<repo>/<path...>";

interface Place {
  readonly repo: string;
  readonly path: string;
  readonly user: string;
  readonly allowed: boolean;
}

function place(world: World, request: SimRequest, action: "r" | "w"): Place {
  const principal = authenticate(world, request, "artifactory");
  const { repo = "", path = "" } = request.params;
  return { repo, path, user: principal.user.name, allowed: opens(principal.scope, action, repo, path) };
}

const digest = (algorithm: string, content: Buffer): string => createHash(algorithm).update(content).digest("hex");

export const upload: Route = {
  method: "PUT",
  template: TEMPLATE,
  service: "artifactory",
  kind: () => "upload",
  handle(world, request) {
    const { repo, path, user, allowed } = place(world, request, "w");
    if (!allowed) return artifactoryError(403, "Not enough permissions to deploy");
    const now = serverNow(world);
    const type = request.headers["content-type"] ?? "application/octet-stream";
    world.artifacts.set(`${repo}/${path}`, { content: request.body, type, createdBy: user, createdAt: now });
    return json(201, {
      repo,
      path: `/${path}`,
      created: new Date(now).toISOString(),
      createdBy: user,
      downloadUri: `${world.url}/artifactory/${repo}/${path}`,
      mimeType: type,
      size: String(request.body.length),
      checksums: { sha1: digest("sha1", request.body), sha256: digest("sha256", request.body) },
      uri: `${world.url}/artifactory/${repo}/${path}`,
    });
  },
};

function fetched(world: World, request: SimRequest): Answer {
  const { repo, path, allowed } = place(world, request, "r");
  if (!allowed) return artifactoryError(403, "Not enough permissions to read");
  const artifact = world.artifacts.get(`${repo}/${path}`);
  if (artifact === undefined) return artifactoryError(404, "File not found.");
  const answer = bytes(200, artifact.type, artifact.content);
  return { ...answer, headers: { ...answer.headers, "x-checksum-sha256": digest("sha256", artifact.content) } };
}

export const download: Route = {
  method: "GET",
  template: TEMPLATE,
  service: "artifactory",
  kind: () => "download",
  handle: fetched,
};

export const head: Route = { ...download, method: "HEAD" };
