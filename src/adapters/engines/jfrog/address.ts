import { isLoopback } from "../../http/target.ts";

/** What an address looks like, for editors. */
export const ADDRESS = /^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^\s/?#@]+\/?$/u;

/**
 * Scheme and host of a platform's address, or what is wrong with it.
 *
 * @param name the setting, for the message
 */
export function readAddress(value: unknown, name: string): { readonly origin: string } | { readonly problem: string } {
  const url = typeof value === "string" ? URL.parse(value) : null;
  const problem = url === null ? `${name} is not an address` : problemOf(url, name);
  return url === null || problem !== undefined ? { problem: problem ?? "" } : { origin: url.origin };
}

function problemOf(url: URL, name: string): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return `${name} must begin with https://`;
  if (url.username !== "" || url.password !== "") return `${name} must not hold a user name or password`;
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    return `${name} must be scheme and host only, no path`;
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    return `${name} must be https (http is for this machine only)`;
  return undefined;
}
