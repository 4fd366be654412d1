import type { Answer, Service } from "./answer.ts";
import type { RequestKind } from "./calls.ts";
import type { SimRequest } from "./request.ts";
import type { World } from "./world.ts";

/** One endpoint. `handle` is synchronous: what it changes, it changes at once. It may throw a Refusal. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** `/access/api/v1/tokens/<id>`; a last `<path...>` takes the rest. */
  readonly template: string;
  /** Whose error shape it speaks. */
  readonly service: Service;
  kind(request: SimRequest): RequestKind;
  handle(world: World, request: SimRequest): Answer;
  /** Told when the request arrives, before any fault; what it returns is told the outcome. */
  arrive?(world: World, request: SimRequest): (outcome: "accepted" | "refused" | "unapplied") => void;
}

/** The placeholders of a path under a template; `undefined` when it is another's. */
export function match(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split("/");
  const given = path.split("/").map(decoded);
  const tail = /^<(\w+)\.\.\.>$/.exec(wanted.at(-1) ?? "")?.[1];
  const fixed = tail === undefined ? wanted : wanted.slice(0, -1);
  if (tail === undefined ? given.length !== fixed.length : given.length <= fixed.length) return undefined;
  const params = placeholders(fixed, given);
  return tail === undefined ? params : params && { ...params, [tail]: given.slice(fixed.length).join("/") };
}

function placeholders(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    const name = /^<(\w+)>$/.exec(part)?.[1];
    if (name === undefined ? part !== value : value === "") return undefined;
    if (name !== undefined) params[name] = value;
  }
  return params;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
