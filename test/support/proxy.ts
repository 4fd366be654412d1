import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Scope } from "./agent-process.ts";

/**
 * What becomes of a connection: `pass`; `cut` = broken off at once; `hole` = taken, and nothing ever comes back;
 * `deaf` = the request passes, and the answer is broken off (half-closed); a number = every packet that many ms later.
 */
export type Weather = "pass" | "cut" | "hole" | "deaf" | number;

/** A TCP proxy on loopback: one machine's way to a server. */
export interface TcpProxy {
  readonly address: string;
  /** Holds for open connections, too: those that pass now are broken off. */
  turn(weather: Weather): void;
}

/** @param target asked for every connection, so that it can follow a cluster's leader */
export async function startProxy(t: Pick<Scope, "after">, target: () => string): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let weather: Weather = "pass";
  const server = createServer((near) => {
    keep(sockets, near);
    if (weather === "cut") near.destroy();
    if (weather === "hole") near.resume();
    if (weather === "cut" || weather === "hole") return;
    const { hostname, port } = new URL(target());
    const far = connect(Number(port), hostname);
    keep(sockets, far);
    join(near, far, weather);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const breakOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  t.after(async () => {
    server.close();
    breakOff();
    await once(server, "close");
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    turn(next) {
      weather = next;
      breakOff();
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
}

function join(near: Socket, far: Socket, weather: Weather): void {
  near.on("close", () => far.destroy());
  far.on("close", () => near.destroy());
  if (typeof weather === "number") {
    later(near, far, weather);
    later(far, near, weather);
    return;
  }
  near.pipe(far);
  if (weather === "deaf") far.once("data", () => near.destroy());
  else far.pipe(near);
}

function later(from: Socket, to: Socket, delay: number): void {
  from.on("data", (bytes) => setTimeout(() => to.destroyed || to.write(bytes), delay));
}

/** An HTTP proxy that tunnels every CONNECT to one port of this machine, whatever name was asked for. */
export async function startTunnel(
  t: Pick<Scope, "after">,
  port: number,
): Promise<{ address: string; asked: string[] }> {
  const [sockets, asked] = [new Set<Socket>(), [] as string[]];
  const server = createHttpServer();
  server.on("connect", ({ url = "" }, near: Socket) => {
    asked.push(url);
    const far = connect(port, "127.0.0.1", () => {
      near.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      near.pipe(far).pipe(near);
    });
    for (const socket of [near, far]) keep(sockets, socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
