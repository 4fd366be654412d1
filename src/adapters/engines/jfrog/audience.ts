import type { Fault } from "./scope.ts";

/**
 * The audience of a JFrog access token: `<service>@<id>` separated by spaces, `*` for any service or any instance
 * (https://jfrog.com/help/r/jfrog-rest-apis/create-token).
 */
export interface AudiencePart {
  /** `jfrt`, `jfac`, …, or `*`. */
  readonly service: string;
  /** A service's id, or `*`. */
  readonly id: string;
}

/** The services that JFrog's pages name. A platform may have others. */
export const SERVICES = ["jfrt", "jfxr", "jfpip", "jfds", "jfmc", "jfac", "jfevt", "jfmd", "jfcon"] as const;

/** All parts that can be read, and all that is wrong with the others. */
export function readAudience(text: string): {
  readonly parts: readonly (AudiencePart & { readonly at: number })[];
  readonly faults: readonly Fault[];
} {
  const words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({ word, at: index, part: readPart(word) }));
  const faults = words.flatMap(({ part, word, at }) => (part ? [] : [faultOf(word, at)]));
  return { parts: words.flatMap(({ part, at }) => (part ? [{ ...part, at }] : [])), faults };
}

/** In one spelling, for comparison; undefined for what is no audience. */
export function canonicalAudience(text: string): string | undefined {
  const { parts, faults } = readAudience(text);
  if (faults.length > 0 || parts.length === 0) return undefined;
  return [...new Set(parts.map(({ service, id }) => `${service}@${id}`))].sort().join(" ");
}

/** Whether a token for it may come to Access: to be refreshed, and to be revoked. */
export function reachesAccess(parts: readonly AudiencePart[]): boolean {
  return parts.some(({ service }) => service === "*" || service === "jfac");
}

function readPart(word: string): AudiencePart | undefined {
  const [, service, id] = /^(\*|jf[a-z]+)@(\*|[\w.-]+)$/.exec(word) ?? [];
  return service === undefined || id === undefined ? undefined : { service, id };
}

function faultOf(word: string, start: number): Fault {
  const hint = "say jfrt@*, jfac@* or *@*, or a service's id in place of the second *";
  const sign = word.indexOf("@");
  if (sign === -1) return { at: start, what: "an audience is a service, @ and an id", hint };
  const isServiceOdd = !/^(?:\*|jf[a-z]+)$/.test(word.slice(0, sign));
  if (isServiceOdd)
    return { at: start, what: `a service is * or a name like ${SERVICES.slice(0, 2).join(", ")}`, hint };
  return { at: start + sign + 1, what: "an id is * or letters, digits, . _ and -", hint };
}
