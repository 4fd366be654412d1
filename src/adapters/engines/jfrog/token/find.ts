import { DotvaultError } from "../../../../errors.ts";
import { jsonObject } from "../body.ts";
import { isJwt } from "./parts.ts";

/** A token and where in the text it stands, as a line counted from 1. */
export interface FoundToken {
  readonly token: string;
  readonly line: number;
}

/** A JWT, or a reference token (`reftkn:…` in base64). */
const TOKEN = /eyJ[\w-]*\.[\w-]+\.[\w-]*|cmVmdGtu[\w+/=]{16,}/g;
/** More than that nobody wrote by hand, nor any tool of JFrog's. */
const LONGEST_TEXT = 1024 * 1024;

/**
 * The tokens in a text: a bare token, jf's configuration, an `.npmrc`, a netrc, whatever. Each once.
 *
 * @throws DotvaultError `token.encrypted`, `token.basic-auth`, `token.none`, `token.too-large`
 */
export function findTokens(text: string, place: string): FoundToken[] {
  if (text.length > LONGEST_TEXT)
    throw new DotvaultError("token.too-large", `${place} is larger than any file that holds a token`);
  const plain = exported(text.trim()) ?? text;
  const found = new Map<string, number>();
  for (const { 0: token, index } of plain.matchAll(TOKEN)) {
    const isToken = token.startsWith("cmVm") || isJwt(token);
    if (isToken && !found.has(token)) found.set(token, plain.slice(0, index).split("\n").length);
  }
  if (found.size === 0) throw noToken(plain, place);
  return [...found].map(([token, line]) => ({ token, line }));
}

/** `jf config export` prints one server as JSON in base64. */
function exported(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/=]+$/.test(text)) return undefined;
  const decoded = Buffer.from(text, "base64").toString("utf8");
  return jsonObject(decoded) === undefined ? undefined : decoded;
}

/** Why a file that should hold a token shows none. */
function noToken(text: string, place: string): DotvaultError {
  if (/"enc"\s*:\s*true/.test(text))
    return new DotvaultError("token.encrypted", `${place} is encrypted by jf with a key of its own`, {
      hint: "jf config export prints the server in clear, and inspect - reads that; or name the enrolment",
    });
  if (/^\s*(?:\/\/\S+:)?_auth\s*=/m.test(text) || /"_?auth"\s*:\s*"[A-Za-z0-9+/]{8,}=*"/.test(text))
    return new DotvaultError(
      "token.basic-auth",
      `${place} holds base64 of user and password (_auth), no access token`,
      {
        hint: "what stands behind the colon in it may be a token: inspect that alone, by way of -",
      },
    );
  return new DotvaultError("token.none", `there is no access token in ${place}`, {
    hint: "a token is a JWT (eyJ….….…) or a reference token (cmVmdGtu…)",
  });
}
