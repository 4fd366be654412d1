import type { IncomingMessage } from "node:http";

/** One request, received whole. */
export interface SimRequest {
  readonly method: string;
  /** Decoded per segment by the router; this is the raw path. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The path's placeholders. */
  readonly params: Readonly<Record<string, string>>;
}

/** Larger bodies are not read: nothing of JFrog Access is near it. */
const LARGEST_BODY = 64 * 1024 * 1024;

export async function receive(message: IncomingMessage): Promise<SimRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of message) {
      size += (chunk as Buffer).length;
      if (size > LARGEST_BODY) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined;
  }
  const url = new URL(`http://simulator${message.url?.startsWith("/") ? message.url : "/"}`);
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  return {
    method: message.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks),
    params: {},
  };
}

/** The fields of a JSON object or form body; `undefined` when the body is neither. */
export function fieldsOf(request: SimRequest): Readonly<Record<string, unknown>> | undefined {
  const text = request.body.toString("utf8");
  if (request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded"))
    return Object.fromEntries(new URLSearchParams(text));
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The token of a request: `Bearer`, or the password of `Basic` (as package managers send it). */
export function presentedToken(request: SimRequest): string | undefined {
  const [scheme, value] = (request.headers.authorization ?? "").split(/\s+/, 2);
  if (value === undefined || value === "") return undefined;
  if (scheme?.toLowerCase() === "bearer") return value;
  if (scheme?.toLowerCase() !== "basic") return undefined;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.includes(":") ? pair.slice(pair.indexOf(":") + 1) : undefined;
}
