import { type Parsed, quote } from "./problems.ts";

/** What the texts of a configuration must look like, beyond being text. All pure. */

/** `name` or `group/name`; no part begins with a dot (`.dotvault` holds the leases). */
export const enrolmentKeyPattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)?$";
const enrolmentKey = new RegExp(enrolmentKeyPattern);

/** Nothing that would act on a terminal or hide there: no control characters (C1 too), no marks of direction, no line breaks. */
export const ruleNamePattern = "^[^\\p{C}\\u2028\\u2029]+$";
const ruleName = new RegExp(ruleNamePattern, "u");

export function parseRuleName(text: string): Parsed<string> {
  if (ruleName.test(text)) return { ok: true, value: text };
  return {
    ok: false,
    what: `${quote(text)} is not a name for a rule`,
    hint: "leave out what can't be seen: control characters, marks of direction, line breaks",
  };
}

/** A name in the store below the user's prefix. Other tools may write there: any depth, but no way out. */
export function parseVaultKey(text: string): Parsed<string> {
  const parts = text.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || /\p{C}/u.test(part))) {
    return { ok: false, what: `${quote(text)} is not a name in the store`, hint: "say jfrog or group/name" };
  }
  return parts[0] === ".dotvault"
    ? { ok: false, what: `${quote(text)} is reserved for dotvault's own documents` }
    : { ok: true, value: text };
}

export function parseEnrolmentKey(text: string): Parsed<string> {
  if (enrolmentKey.test(text)) return { ok: true, value: text };
  return {
    ok: false,
    what: `${quote(text)} is not a name for an enrolment`,
    hint: "name or group/name, of letters, digits, . _ and -, no part beginning with a dot",
  };
}

/** A file's path that means the same wherever dotvault is started: absolute, or `~/…`. */
export function parseFilePath(text: string): Parsed<string> {
  if (/(\/|\/\.\.?)$/.test(text)) return { ok: false, what: `${quote(text)} names a directory, not a file` };
  return parseDirectoryPath(text);
}

/** The same for a directory; a slash at its end is as good as none. */
export function parseDirectoryPath(text: string): Parsed<string> {
  const shown = quote(text);
  if (text.includes("\0")) return { ok: false, what: `${shown} holds a NUL character` };
  if (text.startsWith("$")) return { ok: false, what: `${shown}: variables are not expanded`, hint: "say ~/…" };
  if (!/^(\/|~\/)/.test(text)) return { ok: false, what: `${shown} is a relative path`, hint: "begin with / or ~/" };
  return { ok: true, value: text };
}

/** A host's name or IP address as it stands in a certificate. */
export function parseServerName(text: string): Parsed<string> {
  if (/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$|^[0-9A-Fa-f:.]+$/.test(text)) return { ok: true, value: text };
  return { ok: false, what: `${quote(text)} is not a host's name`, hint: "say vault.example.com: no scheme, no port" };
}

/** Permission bits as chmod writes them, always readable and writable by the owner: `0600`, `640`. */
export function parseFileMode(text: string): Parsed<number> {
  const hint = "say 0600, or 0640 for a group that may read it";
  if (!/^0?[0-7]{3}$/.test(text)) return { ok: false, what: `${quote(text)} is not a file mode`, hint };
  const mode = Number.parseInt(text, 8);
  if ((mode & 0o600) !== 0o600) return { ok: false, what: `${quote(text)} locks out the owner`, hint };
  if ((mode & 0o002) !== 0) return { ok: false, what: `${quote(text)} lets everybody write the file`, hint };
  return { ok: true, value: mode };
}

/** Where Vault is: https, or http or a Unix socket on this machine; no password in it (it is not repeated in the message for that reason). */
export function parseVaultAddress(text: string): Parsed<string> {
  const hint = "say https://vault.example.com:8200, or leave vault out for the embedded store";
  if (text === "") return { ok: false, what: "the address is empty", hint };
  if (text.startsWith("unix:")) return parseSocketAddress(text);
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return { ok: false, what: "this is no http(s) address", hint };
  if (url.username !== "" || url.password !== "") return { ok: false, what: "an address holds no user or password" };
  if (url.search !== "" || url.hash !== "") return { ok: false, what: "an address holds no ? or #" };
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return { ok: false, what: "plain http is for this machine only", hint: `say https://${url.host}` };
  }
  return { ok: true, value: url.href.replace(/\/+$/, "") };
}

function parseSocketAddress(text: string): Parsed<string> {
  const absolute = /^unix:\/\/\/[^?#\p{C}]*[^/?#\p{C}]$/u.test(text);
  return absolute
    ? { ok: true, value: text }
    : { ok: false, what: "this is no socket", hint: "say unix:///run/vault.sock" };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** A mount's or prefix's path without slashes at its ends. */
export function parseVaultPath(text: string): Parsed<string> {
  const path = text.replace(/^\/+|\/+$/g, "");
  if (path !== "" && !path.split("/").some((part) => part === "" || /^\.\.?$/.test(part) || /[\p{C}?#]/u.test(part))) {
    return { ok: true, value: path };
  }
  return { ok: false, what: `${quote(text)} is not a path in Vault` };
}
