import { type Http, type HttpAnswer, HttpFailure, type HttpRequest } from "../http/port.ts";

/** Where requests go: the address, or for `unix:///run/vault.sock` the spelling that our transport knows. */
export function endpointOf(address: string): string {
  const socket = /^unix:\/\/(\/.*)$/.exec(address)?.[1];
  return socket === undefined ? address.replace(/\/+$/, "") : `http+unix://${encodeURIComponent(socket)}`;
}

type Outcome = { readonly answer: HttpAnswer } | { readonly failure: HttpFailure };

/**
 * One way to the servers of a cluster. Callers name the first address; a request goes to the one that worked last, and when
 * that fails to the next, each tried once. A standby is as good as the active node: it answers, or hands the request on.
 * A write that may have been acted on is not sent again; the next request goes elsewhere.
 */
export function overAddresses(http: Http, addresses: readonly string[]): Http {
  const endpoints = addresses.map(endpointOf);
  if (endpoints.length < 2) return http;
  const cluster = new Cluster(http, endpoints);
  return { send: (request) => cluster.send(request), close: () => http.close() };
}

class Cluster {
  readonly #http: Http;
  readonly #endpoints: readonly string[];
  #current = 0;

  constructor(http: Http, endpoints: readonly string[]) {
    this.#http = http;
    this.#endpoints = endpoints;
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const path = request.url.slice(this.#endpoints[0]?.length ?? 0);
    const outcomes: Outcome[] = [];
    let outcome = await this.#next(request, path, outcomes);
    while (hasFailed(outcome) && outcomes.length < this.#endpoints.length && mayRepeat(request, outcome)) {
      outcome = await this.#next(request, path, outcomes);
    }
    return settled(outcomes);
  }

  /** Of many requests that fail at one address, the first moves on. */
  async #next(request: HttpRequest, path: string, outcomes: Outcome[]): Promise<Outcome> {
    const used = this.#current;
    const outcome = await attempt(this.#http, { ...request, url: `${this.#endpoints[used]}${path}` });
    outcomes.push(outcome);
    if (hasFailed(outcome) && this.#current === used) this.#current = (used + 1) % this.#endpoints.length;
    return outcome;
  }
}

async function attempt(http: Http, request: HttpRequest): Promise<Outcome> {
  try {
    return { answer: await http.send(request) };
  } catch (failure) {
    if (failure instanceof HttpFailure) return { failure };
    throw failure;
  }
}

/** Sealed, without a leader, or on its way to the active node: another one may do. 429 is the cluster's word, not a node's. */
function hasFailed(outcome: Outcome): boolean {
  if ("failure" in outcome) return !["aborted", "not-allowed", "too-large"].includes(outcome.failure.reason);
  const { status } = outcome.answer;
  return status >= 500 || (status >= 300 && status < 400);
}

/** Reads always; a write where nothing can have come of it. */
function mayRepeat({ method }: HttpRequest, outcome: Outcome): boolean {
  if (method === "GET" || method === "LIST" || method === "HEAD") return true;
  if ("failure" in outcome) return outcome.failure.sent === "no";
  const { status, body } = outcome.answer;
  return status < 400 || status === 501 || /sealed|not active/i.test(body);
}

/** An answer says more than a connection that failed; but that a request may have been acted on counts more than either. */
function settled(outcomes: readonly Outcome[]): HttpAnswer {
  const end = outcomes.at(-1);
  if (end !== undefined && !hasFailed(end) && "answer" in end) return end.answer;
  const failures = outcomes.flatMap((outcome) => ("failure" in outcome ? [outcome.failure] : []));
  const doubt = failures.find(({ sent }) => sent === "maybe");
  const answered = outcomes.findLast((outcome) => "answer" in outcome);
  if (doubt === undefined && answered !== undefined) return answered.answer;
  const last = failures.at(-1);
  if (last === undefined || failures.length === 1) throw doubt ?? last;
  const hosts = [...new Set(failures.map(({ host }) => host))].join(", ");
  throw new HttpFailure(last.reason, doubt?.sent ?? "no", hosts, `none of them answers; the last: ${last.message}`);
}
