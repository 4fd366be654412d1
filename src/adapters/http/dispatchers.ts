import { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { buildConnector, Dispatcher } from "undici";
import { failure } from "./failures.ts";
import { readProxy } from "./proxy.ts";
import { isLoopback } from "./target.ts";
import { TrustProblem, trustedContext } from "./trust.ts";
import { undiciDirect, undiciProxied } from "./undici.ts";

export interface Ways {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly caFile: string | undefined;
  readonly insecureSkipVerify: boolean;
}

/** Frees what an abandoned connection attempt holds; a request's own timer ends its waiting long before. */
const connectBackstopMs = 60_000;

/** HTTP/1.1 only: undici sends a request again by itself when an HTTP/2 session goes away, and we must know of each sending. */
const common = { allowH2: false, maxHeaderSize: 32_768, headersTimeout: 0, bodyTimeout: 0 } as const;

/** The connections: straight ones, and those through a proxy. Each part is made when it is first needed. */
export class Dispatchers {
  readonly #ways: Ways;
  readonly #sockets = new Set<Socket>();
  #context: SecureContext | undefined;
  #direct: Dispatcher | undefined;
  #proxied: Dispatcher | undefined;

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  /** @throws HttpFailure when the CA file or the proxy's setting can't be used */
  for(url: URL): Dispatcher {
    if (url.protocol === "https:") this.#context ??= this.#trust(url.host);
    if (isLoopback(url.hostname)) return this.#straight();
    this.#proxied ??= this.#throughProxy(url.host);
    return this.#proxied;
  }

  /** Ends every connection, also those that are still being made. */
  async destroy(): Promise<void> {
    const ended = [this.#direct, this.#proxied].map((dispatcher) => dispatcher?.destroy());
    for (const socket of this.#sockets) socket.destroy(new Error("closed"));
    await Promise.all(ended);
  }

  #trust(host: string): SecureContext {
    try {
      return trustedContext(this.#ways.caFile);
    } catch (error) {
      throw failure("tls", "connecting", host, error instanceof TrustProblem ? error.message : undefined);
    }
  }

  #straight(): Dispatcher {
    const { Agent } = undiciDirect();
    this.#direct ??= new Agent({ ...common, connect: this.#connector() });
    return this.#direct;
  }

  #throughProxy(host: string): Dispatcher {
    const proxy = readProxy(this.#ways.env);
    if (proxy === undefined) throw failure("proxy", "connecting", host, "HTTPS_PROXY is not an http or https URL");
    if (proxy.httpsProxy === "") return this.#straight();
    const { EnvHttpProxyAgent, Pool } = undiciProxied();
    return new EnvHttpProxyAgent({
      ...common,
      httpProxy: "",
      httpsProxy: proxy.httpsProxy,
      noProxy: proxy.noProxy,
      connect: this.#connector(),
      requestTls: this.#tls(this.#ways.insecureSkipVerify),
      proxyTls: this.#tls(false),
      clientFactory: (origin, options) => {
        const { connect } = options as { connect: buildConnector.connector };
        return new Pool(origin, { ...common, headersTimeout: connectBackstopMs, connect: this.#tracked(connect) });
      },
    });
  }

  /** The secure context is looked up for each connection, because plain http to this machine must not pay for it. */
  #connector(): buildConnector.connector {
    const { buildConnector: build } = undiciDirect();
    let secure: buildConnector.connector | undefined;
    const plain = build({ allowH2: false, timeout: connectBackstopMs });
    return this.#tracked((options, callback) => {
      if (options.protocol !== "https:") return plain(options, callback);
      secure ??= build({ allowH2: false, ...this.#tls(this.#ways.insecureSkipVerify) });
      return secure(options, callback);
    });
  }

  #tls(skipVerify: boolean): buildConnector.BuildOptions {
    const context = this.#context === undefined ? {} : { secureContext: this.#context };
    return { ...context, rejectUnauthorized: !skipVerify, timeout: connectBackstopMs };
  }

  #tracked(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) => {
      const socket: unknown = connect(options, callback);
      if (!(socket instanceof Socket)) return;
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    };
  }
}
