import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";

/** A page for the person whose browser came back. */
export interface Page {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

/** Listens on this machine alone: 127.0.0.1 and, where there is one, ::1, at the same port. */
export interface Loopback {
  readonly port: number;
  close(): Promise<void>;
}

const HOSTS = ["127.0.0.1", "::1"] as const;
/** Ports tried one after another before any free one is taken. */
const NEXT = 20;
/** A browser sends its request at once; who drips is cut off. Milliseconds. */
const REQUEST_MS = 10_000;
/** A browser opens a handful. */
const MOST_CONNECTIONS = 32;

/**
 * Waits for a browser on `port`, or on the next one that is free on every address (0: any). `answer` is asked for each GET
 * that names this machine as its host; every other request is turned away. Closing lets answers that are due be sent.
 */
export async function listenOnLoopback(
  port: number,
  answer: (url: URL) => Promise<Page>,
  requestMs = REQUEST_MS,
): Promise<Loopback> {
  const serving = new Set<Promise<void>>();
  const take: Take = (request, response, own) => {
    const served = serve(request, response, own, answer).finally(() => serving.delete(served));
    serving.add(served);
  };
  for (let tries = 0; ; tries++) {
    const wanted = port === 0 || tries > NEXT || port + tries > 65_535 ? 0 : port + tries;
    const servers = await listening(wanted, requestMs, take);
    if (servers === undefined) continue;
    const close = () => Promise.all(serving).then(() => closeAll(servers));
    return { port: portOf(servers[0]), close };
  }
}

type Take = (request: IncomingMessage, response: ServerResponse, port: number) => void;

/** Undefined: somebody else has the port, on one of the addresses at least, and could catch what is meant for us. */
async function listening(port: number, requestMs: number, take: Take): Promise<readonly Server[] | undefined> {
  const servers: Server[] = [];
  for (const host of HOSTS) {
    const server = createServer(limits(requestMs));
    server.maxConnections = MOST_CONNECTIONS;
    server.on("request", (request, response) => take(request, response, portOf(servers[0])));
    const trouble = await bound(server, servers.length === 0 ? port : portOf(servers[0]), host);
    if (trouble === undefined) servers.push(server);
    else if (trouble === "EADDRINUSE") return void (await closeAll(servers));
    else if (!isIPv6(host)) throw new Error(`127.0.0.1 can't be listened on (${trouble})`);
  }
  return servers;
}

/** Node looks for requests that are late every 30 s, unless told otherwise. */
function limits(requestMs: number) {
  const connectionsCheckingInterval = Math.min(1_000, requestMs);
  return { requestTimeout: requestMs, headersTimeout: requestMs, connectionsCheckingInterval, maxHeaderSize: 16_384 };
}

/** Undefined when it listens, else the system's code. */
async function bound(server: Server, port: number, host: string): Promise<string | undefined> {
  try {
    server.listen({ port, host, exclusive: true, ipv6Only: true });
    await once(server, "listening");
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "?";
  }
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  const closed = servers.map((server) => once(server, "close"));
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  await Promise.all(closed);
}

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo | undefined)?.port ?? 0;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  answer: (url: URL) => Promise<Page>,
): Promise<void> {
  request.resume();
  const page = (await pageFor(request, port, answer).catch(() => broken)) ?? stranger;
  await new Promise<void>((sent) => {
    response.once("finish", sent).once("close", sent);
    show(response, page);
  });
}

/** The host is looked at because a page on the network may have its name resolve to this machine. */
async function pageFor(
  { method, url = "", headers }: IncomingMessage,
  port: number,
  answer: (url: URL) => Promise<Page>,
): Promise<Page | undefined> {
  const own = ["localhost", "127.0.0.1", "[::1]"].map((host) => `${host}:${port}`);
  const parsed = URL.parse(url, `http://localhost:${port}`);
  if (method !== "GET" || parsed === null || !own.includes(headers.host?.toLowerCase() ?? "")) return undefined;
  return answer(parsed);
}

const stranger: Page = { status: 400, title: "Not here", text: "Nothing is served at this address." };
const broken: Page = { status: 500, title: "Something went wrong", text: "Look at the terminal." };

function show(response: ServerResponse, { status, title, text }: Page): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    connection: "close",
  });
  response.end(html(title, text));
}

function html(title: string, text: string): string {
  const style =
    "font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:18vh auto;padding:0 1em;color-scheme:light dark";
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escaped(title)} · dotvault</title>`,
    `<body style="${style}"><h1>${escaped(title)}</h1><p>${escaped(text)}</p></body></html>\n`,
  ].join("");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
