import { isIPv4 } from "node:net";
import { HttpFailure } from "./port.ts";

/** Whether a URL's hostname means this machine: `localhost`, 127.0.0.0/8, `[::1]`. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || (isIPv4(hostname) && hostname.startsWith("127."));
}

/** Checks where a request may go: https anywhere, http to this machine only, never with a password in the URL. */
export function allowedTarget(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new HttpFailure("not-allowed", "no", "(no host)", "the address is not a URL");
  const problem = problemOf(url);
  if (problem !== undefined) throw new HttpFailure("not-allowed", "no", url.host || "(no host)", problem);
  return url;
}

function problemOf(url: URL): string | undefined {
  if (url.username !== "" || url.password !== "") return "a user name or password in the URL is not accepted";
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return "only https is spoken";
  return isLoopback(url.hostname) ? undefined : "plain http is spoken to this machine only; use https";
}
