/** One HTTP exchange. Redirects are never followed: a 3xx is an answer; the answer is text of a bounded size. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "LIST" | "HEAD";
  /** Absolute URL. `http:` is accepted for loopback hosts only. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Largest accepted answer, bytes after decompression. Default 1 MiB. */
  readonly maxBytes?: number;
  /**
   * Milliseconds, each for a whole phase: until the connection stands (name, TCP, proxy, TLS), from there to the answer's
   * headers, from there to its last byte. Defaults: connect 5000, headers 15000, body 15000.
   */
  readonly timeouts?: { readonly connectMs?: number; readonly headersMs?: number; readonly bodyMs?: number };
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The server's clock: its `Date` header in milliseconds since the epoch (RFC 9110 §6.6.1), when there was one. */
  readonly serverTime?: number;
}

/**
 * Why no answer arrived. `truncated`: it began and did not end (or can't be unpacked); `protocol`: what came is not HTTP;
 * `proxy`: the proxy refused the way, or its setting can't be used; `not-allowed`: we don't send such a request.
 */
export type HttpFailureReason =
  | "refused"
  | "dns"
  | "tls"
  | "connect-timeout"
  | "not-allowed"
  | "reset"
  | "headers-timeout"
  | "body-timeout"
  | "too-large"
  | "truncated"
  | "protocol"
  | "proxy"
  | "aborted";

/**
 * No usable answer. `sent` is the fact that recovery turns on: `"no"` = not one byte of the request can have reached the
 * server (a retry is free), `"maybe"` = the server may have acted on it. The message holds host and reason, never a
 * header, a body, or a path (a path may hold a session id).
 */
export class HttpFailure extends Error {
  readonly sent: "no" | "maybe";
  readonly reason: HttpFailureReason;
  readonly host: string;

  constructor(reason: HttpFailureReason, sent: "no" | "maybe", host: string, detail: string) {
    super(`${host}: ${detail}`);
    this.name = "HttpFailure";
    this.reason = reason;
    this.sent = sent;
    this.host = host;
  }
}

/** The one way to the network. Throws {@link HttpFailure} when no usable answer arrived; any status is an answer. */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes idle connections, so that the process can end. */
  close(): Promise<void>;
}
