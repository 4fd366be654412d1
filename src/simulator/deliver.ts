import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { type Answer, accessError, artifactoryError, empty, flatError, proxyPage } from "./answer.ts";
import type { Call } from "./calls.ts";
import type { StallFault, StatusFault } from "./fault.ts";
import type { Drawn } from "./fault-plan.ts";

/** The answer that a status fault gives in place of the server's. */
export function faultAnswer(fault: StatusFault): Answer {
  const message = `Simulated ${fault.status}`;
  const shapes = {
    access: () => accessError(fault.status, message),
    artifactory: () => artifactoryError(fault.status, message),
    flat: () => flatError(fault.status, message),
    html: () => proxyPage(fault.status, message),
    empty: () => empty(fault.status),
  };
  const shaped = shapes[fault.body ?? "html"]();
  const headers = {
    ...shaped.headers,
    ...(fault.contentType === undefined ? {} : { "content-type": fault.contentType }),
    ...(fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) }),
    ...fault.headers,
  };
  return { status: fault.status, headers, body: fault.text === undefined ? shaped.body : Buffer.from(fault.text) };
}

/** Ends the connection with a RST, as a crashed server or a firewall does. */
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** One request's way out. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly call: Call;
  /** The `Date` header's text, now; `undefined`: there is none. */
  date(): string | undefined;
}

function start({ response, call, date }: Exchange, answer: Answer): void {
  const now = date();
  call.status = answer.status;
  response.sendDate = false;
  response.writeHead(answer.status, {
    ...(now === undefined ? {} : { date: now }),
    ...answer.headers,
    "content-length": answer.body.length,
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

const writable = (response: ServerResponse): boolean => response.socket?.writable === true && !response.destroyed;

/** Writes the answer whole; fulfilled when it has been handed over, or can't be any more. */
export function write(exchange: Exchange, answer: Answer): Promise<void> {
  if (!writable(exchange.response)) return Promise.resolve();
  start(exchange, answer);
  return end(exchange, exchange.response.req.method === "HEAD" ? Buffer.alloc(0) : answer.body);
}

function end({ response, call }: Exchange, rest: Buffer): Promise<void> {
  if (!writable(response)) return Promise.resolve();
  return new Promise((resolve) => {
    response.once("close", resolve);
    response.end(rest, () => {
      call.complete = true;
      resolve();
    });
  });
}

/** Sends the headers and the first half of the body. */
function half(exchange: Exchange, answer: Answer): Promise<void> {
  const { response } = exchange;
  if (!writable(response)) return Promise.resolve();
  start(exchange, answer);
  return new Promise((resolve) => {
    response.once("close", resolve);
    response.write(answer.body.subarray(0, middle(answer)), () => resolve());
  });
}

const middle = (answer: Answer): number => Math.floor(answer.body.length / 2);

function padded(answer: Answer, size: number, gzip: boolean): Answer {
  const body = Buffer.concat([answer.body, Buffer.alloc(Math.max(0, size - answer.body.length), " ")]);
  if (!gzip) return { ...answer, body };
  return { ...answer, headers: { ...answer.headers, "content-encoding": "gzip" }, body: gzipSync(body) };
}

/** Writes the server's answer under a fault that strikes after the request was applied. */
export async function writeUnder(
  effect: NonNullable<Drawn["effect"]>,
  exchange: Exchange,
  answer: Answer,
): Promise<void> {
  const { fault } = effect;
  if (fault.kind === "stall") return stall(effect, fault, exchange, answer);
  effect.strike();
  switch (fault.kind) {
    case "status":
      return write(exchange, faultAnswer(fault));
    case "reset":
      return reset(exchange.response);
    case "huge":
      return write(exchange, padded(answer, fault.bytes, fault.gzip === true));
    case "cut":
      if (fault.where === "json") return write(exchange, { ...answer, body: answer.body.subarray(0, middle(answer)) });
      await half(exchange, answer);
      exchange.response.socket?.destroySoon();
  }
}

/** Strikes once the client has what it gets for now, so that a test knows where it stands. */
async function stall(
  effect: NonNullable<Drawn["effect"]>,
  fault: StallFault,
  exchange: Exchange,
  answer: Answer,
): Promise<void> {
  if (fault.part === "body") await half(exchange, answer);
  const going = fault.ms === undefined ? effect.wait() : pause(fault.ms);
  effect.strike();
  await going;
  if (fault.part === "headers") await write(exchange, answer);
  else await end(exchange, answer.body.subarray(middle(answer)));
}
