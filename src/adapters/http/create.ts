import { setImmediate as nextTurn } from "node:timers/promises";
import { parseHttpDate } from "./date.ts";
import { decodeBody } from "./decode.ts";
import { Dispatchers } from "./dispatchers.ts";
import { exchange, type Limits, type RawAnswer } from "./exchange.ts";
import { failure } from "./failures.ts";
import type { Http, HttpAnswer, HttpRequest } from "./port.ts";
import { allowedTarget, type Target } from "./target.ts";
import type { TlsFiles } from "./trust.ts";

export interface HttpOptions {
  /** Where `HTTPS_PROXY` and `NO_PROXY` are read; nothing is taken from the process by itself. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** PEM files: authorities to trust beside the system's, and our own certificate. */
  readonly tls?: TlsFiles;
  /** The name that the server's certificate must bear, and that it is asked for by (SNI). Default: the URL's. */
  readonly serverName?: string | undefined;
  /** Accept any certificate. Only ever from an explicit setting of the user. */
  readonly insecureSkipVerify?: boolean;
}

const defaults: Limits = { maxBytes: 1024 * 1024, connectMs: 5_000, headersMs: 15_000, bodyMs: 15_000 };

/**
 * The one way to the network, over undici (loaded with the first request). Keeps connections alive; sends each request at
 * most once; follows no redirect; logs nothing.
 */
export function createHttp(options: HttpOptions = {}): Http {
  const dispatchers = new Dispatchers({
    env: options.env ?? {},
    files: options.tls ?? {},
    serverName: options.serverName,
    insecureSkipVerify: options.insecureSkipVerify === true,
  });
  const inFlight = new Set<Promise<HttpAnswer>>();
  let closed = false;
  return {
    async send(request) {
      const target = allowedTarget(request.url);
      if (closed) throw failure("aborted", "connecting", target.host);
      const answer = sendOnce(dispatchers, target, request);
      inFlight.add(answer);
      try {
        return await answer;
      } finally {
        inFlight.delete(answer);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(inFlight);
      await dispatchers.destroy();
    },
  };
}

async function sendOnce(dispatchers: Dispatchers, target: Target, request: HttpRequest): Promise<HttpAnswer> {
  const limits = limitsOf(request);
  const { origin, path, host } = target;
  const dispatch = {
    origin,
    path,
    method: request.method,
    headers: { "accept-encoding": "identity", ...request.headers },
    body: request.body ?? null,
  };
  const raw = await exchange(dispatchers.for(target), dispatch, limits, host, request.signal);
  // undici frees the connection one turn after the answer's end; a caller that sends at once would open another one.
  await nextTurn();
  return toAnswer(raw, limits.maxBytes, host);
}

function limitsOf(request: HttpRequest): Limits {
  return { ...defaults, ...request.timeouts, maxBytes: request.maxBytes ?? defaults.maxBytes };
}

async function toAnswer(raw: RawAnswer, maxBytes: number, host: string): Promise<HttpAnswer> {
  const headers = flatten(raw.headers);
  const body = await decodeBody(raw.data, headers["content-encoding"], maxBytes);
  if ("failed" in body) throw failure(body.failed, "answering", host, body.why);
  const serverTime = parseHttpDate(headers.date);
  return { status: raw.status, headers, body: body.text, ...(serverTime === undefined ? {} : { serverTime }) };
}

function flatten(headers: RawAnswer["headers"]): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  return Object.fromEntries(pairs);
}
