import { type Answer, accessError, Refusal } from "../answer.ts";
import { parseAudience } from "../audience.ts";
import { authenticate, type Principal } from "../authenticate.ts";
import { type IssueRequest, issue, issuedAnswer } from "../issue.ts";
import { decideLifetime } from "../lifetime.ts";
import { fieldsOf, type SimRequest } from "../request.ts";
import { maySeek, parseScope } from "../scope.ts";
import type { World } from "../world.ts";

export const bad = (message: string): Refusal => new Refusal(accessError(400, message));
const forbidden = (message: string): Refusal => new Refusal(accessError(403, message));

type Fields = Readonly<Record<string, unknown>>;

function text(fields: Fields, name: string, longest: number): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw bad(`${name} must be a string`);
  if (value.length > longest) throw bad(`${name} can't be longer than ${longest} characters`);
  return value;
}

/** A flag of a JSON or form body. */
export function flag(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (value === undefined || value === null) return false;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw bad(`${name} must be true or false`);
}

/** `expires_in`, seconds, of a JSON or form body; `undefined`: none was asked for. */
export function askedSeconds(fields: Fields): number | undefined {
  const value = fields.expires_in;
  if (value === undefined || value === null || value === "") return undefined;
  const seconds = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(seconds) || seconds < 0) throw bad("expires_in must be a number of seconds, 0 or more");
  return seconds;
}

function checkedScope(fields: Fields, principal: Principal): string {
  const scope = text(fields, "scope", 500) ?? "applied-permissions/user";
  const parts = parseScope(scope);
  if (parts === undefined) throw bad("scope is not a valid scope");
  if (!parts.every((part) => maySeek(part, principal.user))) throw forbidden("The scope is wider than the user's own");
  return scope;
}

function checkedUser(world: World, fields: Fields, principal: Principal): string {
  const name = text(fields, "username", 255) ?? principal.user.name;
  if (name !== name.toLowerCase()) throw bad("username must be lower case");
  if (name === principal.user.name) return name;
  if (!principal.admin) throw forbidden("Only an admin can create a token for another user");
  if (!world.users.has(name)) throw bad("username does not exist");
  return name;
}

function checkProject(fields: Fields, principal: Principal): void {
  const key = text(fields, "project_key", 32);
  if (key === undefined) return;
  if (!/^[a-z][a-z0-9-]{1,31}$/.test(key)) throw bad("project_key is not a project key");
  if (!principal.admin && !principal.user.projects?.includes(key)) throw forbidden("Not an admin of that project");
}

function checkedAudience(fields: Fields): readonly string[] {
  const audience = parseAudience(text(fields, "audience", 255) ?? "*@*");
  if (audience === undefined) throw bad("audience is not a valid audience");
  return audience;
}

function lifetime(world: World, asked: number | undefined, principal: Principal): number {
  const decided = decideLifetime(asked, principal.admin, world.switches);
  if ("refused" in decided) throw new Refusal(decided.refused);
  return decided.seconds;
}

function wanted(world: World, fields: Fields, principal: Principal): IssueRequest {
  const grant = text(fields, "grant_type", 255) ?? "client_credentials";
  if (grant !== "client_credentials") throw bad("grant_type must be client_credentials or refresh_token");
  checkProject(fields, principal);
  const asked = askedSeconds(fields);
  return {
    user: checkedUser(world, fields, principal),
    by: "mint",
    ...(principal.pair === undefined ? {} : { parent: principal.pair.tokenId }),
    scope: checkedScope(fields, principal),
    audience: checkedAudience(fields),
    seconds: lifetime(world, asked, principal),
    askedSeconds: asked,
    refreshable: flag(fields, "refreshable"),
    reference: flag(fields, "include_reference_token"),
    description: text(fields, "description", 1024),
    forceRevocable: flag(fields, "force_revocable"),
  };
}

/** `POST /tokens`: a new pair for the bearer, or for another user where an admin asks. */
export function mint(world: World, request: SimRequest, toOthers?: () => Answer): Answer {
  const principal = authenticate(world, request, "access");
  if (toOthers !== undefined && !principal.admin) return toOthers();
  const fields = fieldsOf(request);
  if (fields === undefined) throw bad("The body is neither a JSON object nor a form");
  return issuedAnswer(world, issue(world, wanted(world, fields, principal)));
}
