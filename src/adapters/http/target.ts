import { isIPv4 } from "node:net";
import { HttpFailure } from "./port.ts";

/** Where a request goes, in the parts that a connection needs. */
export interface Target {
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  /** For a person: host and port, or the socket's path. */
  readonly host: string;
  /** As a URL spells it: an IPv6 address in brackets. */
  readonly hostname: string;
  readonly secure: boolean;
  /** A Unix domain socket instead of a host. */
  readonly socketPath?: string;
}

/** Whether a URL's hostname means this machine: `localhost`, 127.0.0.0/8, `[::1]`. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || (isIPv4(hostname) && hostname.startsWith("127."));
}

/**
 * Checks where a request may go: https anywhere, http to this machine only, never with a password in the URL. A Unix socket
 * is spelled as in other HTTP clients: `http+unix://%2Frun%2Fvault.sock/v1/…`.
 */
export function allowedTarget(text: string): Target {
  const url = URL.parse(text);
  if (url === null) throw new HttpFailure("not-allowed", "no", "(no host)", "the address is not a URL");
  const path = url.pathname + url.search;
  if (url.protocol === "http+unix:") return { ...socketTarget(decodeURIComponent(url.hostname)), path };
  const problem = problemOf(url);
  if (problem !== undefined) throw new HttpFailure("not-allowed", "no", url.host || "(no host)", problem);
  const { origin, host, hostname } = url;
  return { origin, path, host, hostname, secure: url.protocol === "https:" };
}

function socketTarget(socketPath: string): Omit<Target, "path"> {
  if (!socketPath.startsWith("/"))
    throw new HttpFailure("not-allowed", "no", socketPath, "a socket's path is absolute");
  return { origin: "http://localhost", host: socketPath, hostname: "localhost", secure: false, socketPath };
}

function problemOf(url: URL): string | undefined {
  if (url.username !== "" || url.password !== "") return "a user name or password in the URL is not accepted";
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return "only https is spoken";
  return isLoopback(url.hostname) ? undefined : "plain http is spoken to this machine only; use https";
}
