import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Scope } from "./agent-process.ts";

/** A way to a server on which single answers can be held back: the server has acted, and nobody hears of it. */
export interface Gate {
  readonly address: string;
  /** Requests that reached the server, by path. */
  readonly sent: readonly string[];
  /** Tokens that the server gave. */
  readonly tokens: ReadonlySet<string>;
  /** From now on answers to this path are held back. Resolves when the server has answered one. */
  hold(path: RegExp): Promise<void>;
  /** Answers pass again; those that were held are lost. */
  open(): void;
}

export async function startGate(t: Pick<Scope, "after">, target: () => string): Promise<Gate> {
  const sent: string[] = [];
  const tokens = new Set<string>();
  let held: { readonly path: RegExp; readonly struck: () => void } | undefined;
  const lost: ServerResponse[] = [];
  const server = createServer((request, response) => {
    void pass(request, target()).then(
      (answer) => {
        const path = (request.url ?? "").replace("/v1/", "");
        sent.push(path);
        const given = /"client_token":"([^"]+)"/.exec(answer.body.toString("utf8"))?.[1];
        if (given !== undefined) tokens.add(given);
        if (held?.path.test(path)) {
          lost.push(response);
          held.struck();
        } else response.writeHead(answer.status, answer.headers).end(answer.body);
      },
      () => response.destroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    tokens,
    hold(path) {
      const struck = Promise.withResolvers<void>();
      held = { path, struck: struck.resolve };
      return struck.promise;
    },
    open() {
      held = undefined;
      for (const response of lost.splice(0)) response.destroy();
    },
  };
}

async function pass(request: IncomingMessage, target: string) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
  const method = request.method ?? "GET";
  const body = chunks.length === 0 || method === "GET" ? {} : { body: Buffer.concat(chunks) };
  const answer = await fetch(`${target}${request.url}`, {
    method,
    headers: headers as Record<string, string>,
    ...body,
  });
  const own = Object.fromEntries([...answer.headers].filter(([name]) => !/^(content-|transfer|connection)/.test(name)));
  return { status: answer.status, headers: own, body: Buffer.from(await answer.arrayBuffer()) };
}
