import { HttpFailure, type HttpFailureReason } from "./port.ts";

/** How far an exchange came. `sent` hangs on the phase alone, never on an error's name. */
export type Phase = "connecting" | "sent" | "answering";

const details: Record<HttpFailureReason, string> = {
  refused: "no connection",
  dns: "the name can't be resolved",
  tls: "no trusted TLS connection",
  "connect-timeout": "no connection in time",
  "not-allowed": "the request was not accepted",
  reset: "the connection broke",
  "headers-timeout": "no answer in time",
  "body-timeout": "the answer did not end in time",
  "too-large": "the answer is larger than allowed",
  truncated: "the answer broke off",
  protocol: "what came back is not HTTP",
  proxy: "the proxy refused the connection",
  aborted: "cancelled",
};

/** The failure for a reason and phase: nothing has left before the connection stands and the request is written. */
export function failure(reason: HttpFailureReason, phase: Phase, host: string, addition?: string): HttpFailure {
  const detail = details[reason] + (addition === undefined ? "" : ` (${addition})`);
  return new HttpFailure(reason, phase === "connecting" ? "no" : "maybe", host, detail);
}

/**
 * Names an error of undici or Node. Its own message is never used: it may hold a path, a header or a part of the answer.
 */
export function failureOf(error: unknown, phase: Phase, host: string): HttpFailure {
  const code = codeOf(error);
  const reason = parserReason(error) ?? reasonOf(code, phase);
  return failure(reason, phase, host, proxyStatus(error) ?? publicCode(code));
}

/** undici's parser errors carry no usable code, but a fixed name and llhttp's fixed texts. */
function parserReason(error: unknown): HttpFailureReason | undefined {
  if (!(error instanceof Error) || error.name !== "HTTPParserError") return undefined;
  return error.message.includes("EOF") ? "truncated" : "protocol";
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

const byCode: Readonly<Record<string, HttpFailureReason>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  ECONNREFUSED: "refused",
  ENOENT: "refused",
  EHOSTUNREACH: "refused",
  ENETUNREACH: "refused",
  EADDRNOTAVAIL: "refused",
  EACCES: "refused",
  EPERM: "refused",
  ETIMEDOUT: "connect-timeout",
  EPROTO: "tls",
  UND_ERR_CONNECT_TIMEOUT: "connect-timeout",
  UND_ERR_INVALID_ARG: "not-allowed",
  UND_ERR_HEADERS_OVERFLOW: "too-large",
  UND_ERR_PRX_CONN: "proxy",
  UND_ERR_PRX_TLS: "proxy",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "truncated",
};

function reasonOf(code: string, phase: Phase): HttpFailureReason {
  if (phase === "connecting" && code === "UND_ERR_ABORTED") return "proxy";
  if (phase === "connecting" && isTls(code)) return "tls";
  const known = byCode[code];
  if (known !== undefined && (phase === "connecting" || !connectOnly.has(known))) return known;
  return phase === "answering" ? "truncated" : "reset";
}

/** Reasons that are about making a connection; on a standing one the same code means that it broke. */
const connectOnly: ReadonlySet<HttpFailureReason> = new Set(["dns", "refused", "connect-timeout", "tls", "proxy"]);

function isTls(code: string): boolean {
  return /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL|CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE)/.test(
    code,
  );
}

function publicCode(code: string): string | undefined {
  return /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? code : undefined;
}

/** undici says a refused tunnel's status only in its message. */
function proxyStatus(error: unknown): string | undefined {
  const found = error instanceof Error ? /^Proxy response \((\d{3})\)/.exec(error.message) : null;
  return found?.[1];
}
