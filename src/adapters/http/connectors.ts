import { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { buildConnector } from "undici";
import { undiciDirect } from "./undici.ts";

/** Frees what an abandoned connection attempt holds; a request's own timer ends its waiting long before. */
export const connectBackstopMs = 60_000;

export interface TlsWish {
  readonly context: SecureContext;
  /** The name that the certificate must bear, instead of the URL's. */
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
}

/** Makes connections, and remembers those that stand or are being made, so that all can be ended. */
export class Connectors {
  readonly #sockets = new Set<Socket>();

  plain(socketPath?: string): buildConnector.connector {
    const { buildConnector: build } = undiciDirect();
    return this.tracked(build({ allowH2: false, timeout: connectBackstopMs, ...(socketPath && { socketPath }) }));
  }

  secure(wish: TlsWish): buildConnector.connector {
    const connect = undiciDirect().buildConnector({ allowH2: false, ...tlsOptions(wish) });
    const { serverName: servername } = wish;
    return this.tracked((options, callback) => connect(servername ? { ...options, servername } : options, callback));
  }

  tracked(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) => {
      const socket: unknown = connect(options, callback);
      if (!(socket instanceof Socket)) return;
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    };
  }

  endAll(): void {
    for (const socket of this.#sockets) socket.destroy(new Error("closed"));
  }
}

export function tlsOptions({ context, serverName, insecureSkipVerify }: TlsWish): buildConnector.BuildOptions {
  return {
    secureContext: context,
    rejectUnauthorized: !insecureSkipVerify,
    timeout: connectBackstopMs,
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}
