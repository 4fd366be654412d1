import { harmless } from "../style.ts";
import type { Event } from "./entry.ts";

/** What happened beside an enrolment: in its circle of trust, and to tokens that a person named. */
export const BESIDE_WORDS: Readonly<Record<string, (event: Event) => string>> = {
  CIRCLE_CONFIGURED: ({ platforms, trust }) => {
    const urls = Array.isArray(platforms) ? platforms.map(({ url }: { url: unknown }) => text(url)) : [];
    const told = urls.length > 0 ? `other platforms: ${urls.join(", ")}` : "no other platforms";
    return trust === true ? `${told}; trusted certificates are checked` : told;
  },
  TRIALS_BEGUN: () => "a new token is in use",
  PLATFORM_TRIED: ({ url, accepted, message }) =>
    accepted === true ? `${text(url)} accepts the token` : `${text(url)} does not accept the token: ${text(message)}`,
  TRIAL_FAILED: ({ url, message }) => `${text(url)} could not be asked: ${text(message)}`,
  VOUCHED: ({ name, source }) => `${text(name)} vouches for the token (${text(source)})`,
  REVOCATION_ASKED: ({ tokens }) =>
    `a person asked to revoke ${Array.isArray(tokens) ? tokens.map(text).join(", ") : "tokens"}`,
  TOKEN_REVOKED: ({ tokenId, how }) => `${text(tokenId)} ${how === "already" ? "was revoked already" : "revoked"}`,
  TOKEN_KEPT: ({ tokenId, message }) => `${text(tokenId)} not revoked: ${text(message)}`,
  NOT_VOUCHED: ({ message }) => `nobody vouches for the token: ${text(message)}; nothing is deleted`,
};

function text(value: unknown): string {
  return harmless(String(value));
}
