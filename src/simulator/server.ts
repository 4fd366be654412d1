import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { administer, isAdmin } from "./admin.ts";
import { receive } from "./request.ts";
import { serve } from "./serve.ts";
import type { World } from "./world.ts";

/** The socket side of an instance. It can go away and come back at the same address. */
export interface Listener {
  readonly url: string;
  /** Nobody listens any more: connections are refused, open ones are gone. */
  down(): Promise<void>;
  up(): Promise<void>;
}

function administrate(world: World, request: Parameters<typeof administer>[1], response: ServerResponse): void {
  const answer = administer(world, request, response.socket?.remoteAddress ?? "");
  response.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length });
  response.end(answer.body);
}

function newServer(world: World): Server {
  // Idle connections stay: one that ends by itself would look like a fault that no test asked for.
  const server = createServer({ keepAliveTimeout: 0 }, async (message, response) => {
    response.on("error", () => {});
    const request = await receive(message);
    if (request === undefined) response.destroy();
    else if (isAdmin(request)) administrate(world, request, response);
    else await serve(world, request, response);
  });
  // Clients that reset or talk nonsense are part of the tests.
  server.on("clientError", (_, socket) => socket.destroy());
  return server;
}

async function listening(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

export async function listen(world: World, host: string, wanted: number): Promise<Listener> {
  let server: Server | undefined = newServer(world);
  const port = await listening(server, host, wanted);
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    async down() {
      const old = server;
      server = undefined;
      if (old === undefined) return;
      const closed = once(old, "close");
      old.close();
      old.closeAllConnections();
      await closed;
    },
    async up() {
      if (server !== undefined) return;
      server = newServer(world);
      await listening(server, host, port);
    },
  };
}
