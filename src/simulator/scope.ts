import type { User } from "./users.ts";

/** One part of a token's scope. */
export type ScopePart =
  | { readonly kind: "user" | "admin" }
  | { readonly kind: "groups"; readonly names: readonly string[] }
  | { readonly kind: "roles"; readonly project: string; readonly names: readonly string[] }
  | { readonly kind: "artifact"; readonly path: string; readonly actions: string }
  | { readonly kind: "system"; readonly area: string; readonly actions: string };

const ACTIONS = /^(?:\*|[rwdamxs](?:,?[rwdamxs])*)$/;
const NAMES = /^(?:"[^"]+"|[^",\s]+)(?:,(?:"[^"]+"|[^",\s]+))*$/;

const names = (text: string): string[] | undefined =>
  NAMES.test(text) ? Array.from(text.matchAll(/"([^"]+)"|([^",]+)/g), (hit) => hit[1] ?? hit[2] ?? "") : undefined;

function withActions(kind: "artifact" | "system", subject: string, actions: string): ScopePart | undefined {
  if (!ACTIONS.test(actions) || subject === "") return undefined;
  return kind === "artifact" ? { kind, path: subject, actions } : { kind, area: subject, actions };
}

function parsePart(part: string): ScopePart | undefined {
  const permissions = /^applied-permissions\/(user|admin|groups|roles)(?::(.*))?$/.exec(part);
  if (permissions !== null) return parsePermissions(permissions[1] ?? "", permissions[2]);
  const artifact = /^artifact:([^:]+):([^:]+)$/.exec(part);
  if (artifact !== null) return withActions("artifact", artifact[1] ?? "", artifact[2] ?? "");
  const system = /^system:(metrics|livelogs|identities|permissions):([^:]+)$/.exec(part);
  return system === null ? undefined : withActions("system", system[1] ?? "", system[2] ?? "");
}

function parsePermissions(kind: string, rest: string | undefined): ScopePart | undefined {
  if (kind === "user" || kind === "admin") return rest === undefined ? { kind } : undefined;
  if (kind === "groups") {
    const groups = names(rest ?? "");
    return groups && { kind, names: groups };
  }
  const colon = (rest ?? "").indexOf(":");
  const roles = names((rest ?? "").slice(colon + 1));
  return colon > 0 && roles ? { kind: "roles", project: (rest ?? "").slice(0, colon), names: roles } : undefined;
}

/** The parts of a scope (jfrog-access-api §2); `undefined` when it is none. Spaces inside quotes belong to a name. */
export function parseScope(scope: string): readonly ScopePart[] | undefined {
  // A quote that is never closed would fall out of every word.
  if (scope.split('"').length % 2 === 0) return undefined;
  const parts = scope.match(/(?:"[^"]*"|[^\s"])+/g)?.map(parsePart);
  return parts?.every((part) => part !== undefined) ? parts : undefined;
}

/** Whether the user may ask for a token of that scope: others than admins only for less than what they are. */
export function maySeek(part: ScopePart, user: User): boolean {
  if (user.admin === true) return true;
  switch (part.kind) {
    case "user":
    case "artifact":
      return true;
    case "groups":
      return part.names.every((name) => user.groups?.includes(name));
    case "roles":
      return user.projects?.includes(part.project) ?? false;
    default:
      return false;
  }
}

/** Whether a token of that scope may read (`r`) or write (`w`) an artifact. */
export function opens(parts: readonly ScopePart[], action: "r" | "w", repo: string, path: string): boolean {
  return parts.some((part) => {
    if (part.kind === "system") return false;
    if (part.kind !== "artifact") return true;
    const [place = "", ...rest] = part.path.split("/");
    const below = rest.join("/").replace(/\*+$/, "");
    const inside = (place === "*" || place === repo) && (below === "" || path === below || path.startsWith(below));
    return inside && (part.actions === "*" || part.actions.includes(action));
  });
}
