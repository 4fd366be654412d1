import type { SecureContext } from "node:tls";
import type { buildConnector, Dispatcher } from "undici";
import { Connectors, connectBackstopMs, type TlsWish, tlsOptions } from "./connectors.ts";
import { failure } from "./failures.ts";
import { FreshContext } from "./fresh-context.ts";
import { TrustProblem } from "./pem.ts";
import { readProxy } from "./proxy.ts";
import { isLoopback, type Target } from "./target.ts";
import { type TlsFiles, trustedContext } from "./trust.ts";
import { undiciDirect, undiciProxied } from "./undici.ts";

export interface Ways {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: TlsFiles;
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
}

/** HTTP/1.1 only: undici sends a request again by itself when an HTTP/2 session goes away, and we must know of each sending. */
const common = { allowH2: false, maxHeaderSize: 32_768, headersTimeout: 0, bodyTimeout: 0 } as const;

/** The connections to one server in each way there is. Each part is made when it is first needed. */
export class Dispatchers {
  readonly #ways: Ways;
  readonly #connectors = new Connectors();
  readonly #trust: FreshContext;
  /** By Unix socket; "" is plain http. */
  readonly #plain = new Map<string, Dispatcher>();
  #secure: SecureWays | undefined;
  readonly #retired: Dispatcher[] = [];

  constructor(ways: Ways) {
    this.#ways = ways;
    this.#trust = new FreshContext(ways.files);
  }

  /** @throws HttpFailure when a certificate's file or the proxy's setting can't be used */
  for(target: Target): Dispatcher {
    if (!target.secure) return this.#plainTo(target.socketPath);
    const context = this.#contextFor(target.host);
    if (this.#secure?.context !== context) {
      this.#retire(this.#secure);
      this.#secure = new SecureWays(this.#ways, context, this.#connectors);
    }
    return this.#secure.for(target);
  }

  /** Ends every connection, also those that are still being made. */
  async destroy(): Promise<void> {
    const all = [...this.#plain.values(), ...(this.#secure?.made() ?? []), ...this.#retired];
    const ended = all.map((dispatcher) => dispatcher.destroy());
    this.#connectors.endAll();
    await Promise.all(ended);
  }

  #plainTo(socketPath: string | undefined): Dispatcher {
    const known = this.#plain.get(socketPath ?? "");
    if (known !== undefined) return known;
    const { Agent } = undiciDirect();
    const made = new Agent({ ...common, connect: this.#connectors.plain(socketPath) });
    this.#plain.set(socketPath ?? "", made);
    return made;
  }

  #contextFor(host: string): SecureContext {
    try {
      return this.#trust.now();
    } catch (error) {
      throw failure("tls", "connecting", host, error instanceof TrustProblem ? error.message : undefined);
    }
  }

  /** What is under way on the old certificate's connections comes to its end. */
  #retire(old: SecureWays | undefined): void {
    for (const dispatcher of old?.made() ?? []) {
      this.#retired.push(dispatcher);
      void dispatcher.close().then(
        () => this.#retired.splice(this.#retired.indexOf(dispatcher), 1),
        () => {},
      );
    }
  }
}

/** https, straight and through the proxy, with one state of the certificates. */
class SecureWays {
  readonly context: SecureContext;
  readonly #ways: Ways;
  readonly #connectors: Connectors;
  #direct: Dispatcher | undefined;
  #proxied: Dispatcher | undefined;

  constructor(ways: Ways, context: SecureContext, connectors: Connectors) {
    this.context = context;
    this.#ways = ways;
    this.#connectors = connectors;
  }

  for({ hostname, host }: Target): Dispatcher {
    if (isLoopback(hostname)) return this.#straight();
    this.#proxied ??= this.#throughProxy(host);
    return this.#proxied;
  }

  made(): Dispatcher[] {
    return [...new Set([this.#direct, this.#proxied])].filter((dispatcher) => dispatcher !== undefined);
  }

  get #wish(): TlsWish {
    const { serverName, insecureSkipVerify } = this.#ways;
    return { context: this.context, serverName, insecureSkipVerify };
  }

  #straight(): Dispatcher {
    const { Agent } = undiciDirect();
    this.#direct ??= new Agent({ ...common, connect: this.#connectors.secure(this.#wish) });
    return this.#direct;
  }

  /** The same authorities; our certificate is for the server alone. */
  #forProxy(): SecureContext {
    const { certFile, ...files } = this.#ways.files;
    return certFile === undefined ? this.context : trustedContext({ ...files, keyFile: undefined });
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
      connect: this.#connectors.secure(this.#wish),
      requestTls: tlsOptions(this.#wish),
      proxyTls: tlsOptions({ context: this.#forProxy(), serverName: undefined, insecureSkipVerify: false }),
      clientFactory: (origin, options) => {
        const { connect } = options as { connect: buildConnector.connector };
        const tracked = this.#connectors.tracked(connect);
        return new Pool(origin, { ...common, headersTimeout: connectBackstopMs, connect: tracked });
      },
    });
  }
}
