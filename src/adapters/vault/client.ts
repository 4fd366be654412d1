import { type Http, HttpFailure, type HttpRequest } from "../http/port.ts";
import { parseSpelled, StoreFailure } from "../store-port.ts";
import { endpointOf } from "./addresses.ts";
import type { VaultAnswer } from "./answer.ts";
import { Consistency } from "./consistency.ts";
import { fromHttpFailure } from "./failures.ts";
import { withoutPresented } from "./presented.ts";

export interface VaultRequest {
  readonly method: "GET" | "POST" | "LIST";
  /** Below `/v1/`, already URL-encoded. */
  readonly path: string;
  readonly json?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Largest accepted answer, bytes. */
  readonly maxBytes?: number;
  /** As the transport's: a request may be answered only when a person has done something. */
  readonly timeouts?: HttpRequest["timeouts"];
  /** Instead of the client's; false: none is sent, as for a login. */
  readonly token?: string | false;
}

export interface VaultClientOptions {
  /** Scheme, host, port and perhaps a path, or a socket: `https://vault.example.com:8200`, `unix:///run/vault.sock`. */
  readonly address: string;
  readonly namespace?: string | undefined;
  /** Asked before every request, so that a replaced token is picked up. */
  readonly token: () => Promise<string | undefined>;
  readonly http: Http;
}

/** Throws {@link StoreFailure} when no answer arrived or there is no token to ask with. */
export interface VaultClient {
  call(request: VaultRequest): Promise<VaultAnswer>;
}

/** The few members of node-vault that we use; the rest of its type describes its own transport. */
interface NodeVaultClient {
  token: string | undefined;
  namespace: string | undefined;
  pathPrefix: string;
  handleVaultResponse: (answer: VaultAnswer) => VaultAnswer;
  request(options: VaultRequest): Promise<VaultAnswer>;
}

/** node-vault over our transport: what it would take from the environment is set explicitly, what it would hide is kept. */
export function createVaultClient(options: VaultClientOptions): VaultClient {
  let loaded: Promise<NodeVaultClient> | undefined;
  return {
    async call({ token: given, ...request }) {
      loaded ??= load(options);
      const [client, token] = await Promise.all([loaded, given ?? options.token()]);
      client.token = token === false ? undefined : usable(token);
      // request() takes the token before it first yields, so that concurrent calls can't mix theirs.
      return client.request({ ...request, path: `/${request.path}` });
    },
  };
}

async function load(options: VaultClientOptions): Promise<NodeVaultClient> {
  const { default: nodeVault } = await import("node-vault");
  const consistency = new Consistency();
  const client = nodeVault({
    endpoint: endpointOf(options.address),
    "request-promise": { defaults: () => (sent: SentByNodeVault) => transport(options.http, sent, consistency) },
    // Its default prints request bodies when DEBUG is set.
    debug: () => {},
  }) as unknown as NodeVaultClient;
  client.token = undefined;
  client.namespace = options.namespace;
  client.pathPrefix = "";
  client.handleVaultResponse = (answer) => answer;
  return client;
}

interface SentByNodeVault extends VaultRequest {
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function transport(http: Http, sent: SentByNodeVault, consistency: Consistency): Promise<VaultAnswer> {
  const index = consistency.headers();
  const content = sent.json === undefined ? undefined : JSON.stringify(sent.json);
  try {
    const answer = await http.send({
      method: sent.method,
      url: sent.uri,
      // X-Vault-Request: a Vault Agent or Proxy in between may insist on it.
      headers: {
        ...sent.headers,
        "x-vault-request": "true",
        ...index,
        ...(content && { "content-type": "application/json" }),
      },
      ...(content !== undefined && { body: content }),
      ...(sent.signal && { signal: sent.signal }),
      ...(sent.maxBytes !== undefined && { maxBytes: sent.maxBytes }),
      ...(sent.timeouts && { timeouts: sent.timeouts }),
    });
    const { status, headers, serverTime } = answer;
    const { json, uri, headers: own } = sent;
    const presented = { json, uri, token: own["X-Vault-Token"] };
    const body = parsed(status >= 400 ? withoutPresented(answer.body, presented) : answer.body);
    consistency.learn({ status, headers, body }, index);
    return { status, headers, body, serverTime };
  } catch (error) {
    throw error instanceof HttpFailure ? fromHttpFailure(error) : error;
  }
}

function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return parseSpelled(text);
  } catch {
    return text;
  }
}

function usable(token: string | undefined): string {
  if (token === undefined) {
    throw new StoreFailure("store.no-token", "no Vault token", {
      hint: "put one into ~/.dotvault-token (mode 0600) or DOTVAULT_TOKEN",
    });
  }
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new StoreFailure("store.token", "the Vault token holds characters that no token has", {
    hint: "check ~/.dotvault-token or DOTVAULT_TOKEN: one line, nothing else",
  });
}
