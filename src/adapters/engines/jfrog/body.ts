import type { HttpAnswer } from "../../http/port.ts";

/** Whether it is a web page: a proxy's, a gateway's, a login form's. */
export function isPage(answer: HttpAnswer): boolean {
  return /html/i.test(answer.headers["content-type"] ?? "") || /^\s*</.test(answer.body);
}

/** The body as a JSON object; undefined when it is none. */
export function jsonObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own member; nothing inherited. */
export function member(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * The words of JFrog's error body, or undefined when the body is not JFrog's. Three shapes: Access
 * `{"errors":[{"code","message"}]}`, Artifactory `{"errors":[{"status":401,"message"}]}` whose status must be the answer's,
 * and, of token revocation alone, the flat `{"code","message","detail"}`: many a gateway refuses in that shape. Nothing else
 * counts as the service's own word.
 */
export function jfrogError(answer: HttpAnswer, revoking = false): string | undefined {
  if (!/^(?:$|application\/(?:[\w.-]+\+)?json\b)/i.test(answer.headers["content-type"] ?? "")) return undefined;
  const body = jsonObject(answer.body);
  if (body === undefined) return undefined;
  const errors = member(body, "errors");
  if (errors === undefined) return revoking ? flatMessage(body) : undefined;
  if (!Array.isArray(errors) || errors.length === 0) return undefined;
  const messages = errors.map((error: unknown) => listedMessage(error, answer.status));
  return messages.includes(undefined) ? undefined : messages.slice(0, 3).join("; ");
}

/** Gateways have flat bodies, too, but say more in them. */
const flatNames: ReadonlySet<string> = new Set(["code", "message", "detail"]);

function flatMessage(body: Readonly<Record<string, unknown>>): string | undefined {
  const message = member(body, "message");
  const ours = typeof member(body, "code") === "string" && Object.keys(body).every((name) => flatNames.has(name));
  return ours && typeof message === "string" ? message : undefined;
}

function listedMessage(error: unknown, status: number): string | undefined {
  if (!isObject(error)) return undefined;
  const message = member(error, "message");
  const ours = typeof member(error, "code") === "string" || member(error, "status") === status;
  return ours && typeof message === "string" ? message : undefined;
}
