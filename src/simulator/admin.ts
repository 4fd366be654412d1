import { DotvaultError } from "../errors.ts";
import { type Answer, accessError, html, json } from "./answer.ts";
import { distrust, trust } from "./authority.ts";
import { checkedFault } from "./fault.ts";
import { approveLogin, denyLogin, revokePair } from "./operate.ts";
import { fieldsOf, type SimRequest } from "./request.ts";
import { checkedSwitches, defaultSwitches } from "./switches.ts";
import type { World } from "./world.ts";

type Fields = Readonly<Record<string, unknown>>;
type Verb = (world: World, fields: Fields) => unknown;

const text = (fields: Fields, name: string): string | undefined =>
  typeof fields[name] === "string" ? fields[name] : undefined;

function needed(fields: Fields, name: string): string {
  const value = text(fields, name);
  if (value === undefined) throw new DotvaultError("simulator.request", `${name} is needed`);
  return value;
}

const faultRow = ({ id, fault, hits }: { id: number; fault: unknown; hits: number }) => ({ id, fault, hits });

/** The admin verbs: each answers JSON without secrets. */
const VERBS: Readonly<Record<string, Verb>> = {
  "GET switches": (world) => world.switches,
  "PATCH switches": (world, fields) => Object.assign(world.switches, checkedSwitches(fields)),
  "PUT switches": (world, fields) => Object.assign(world.switches, defaultSwitches(), checkedSwitches(fields)),
  "GET ledger": (world) => world.ledger,
  "GET calls": (world) => world.calls.all,
  "GET users": (world) => [...world.users.values()],
  "POST approve": (world, fields) => approveLogin(world, text(fields, "session"), text(fields, "user")),
  "POST deny": (world, fields) => denyLogin(world, text(fields, "session")),
  "POST revoke": (world, fields) => revokePair(world, needed(fields, "tokenId")),
  "POST trust": (world, fields) => trust(world.authority, needed(fields, "certificate")),
  "POST distrust": (world, fields) => distrust(world.authority, needed(fields, "certificate")),
  "GET faults": (world) => world.faults.list().map(faultRow),
  "POST faults": (world, fields) => faultRow(world.faults.inject(checkedFault(fields))),
  "DELETE faults": (world) => world.faults.clear(),
  "POST release": (world, fields) => {
    for (const fault of world.faults.list()) if (fields.id === undefined || fault.id === fields.id) fault.release();
  },
};

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)(?::\d+)?$/;

/** Whether a request is from this machine, and not by a page in its browser that another site has served. */
export function fromHere(request: Pick<SimRequest, "headers">, address: string, url: string): boolean {
  const { host = "", origin } = request.headers;
  return LOOPBACK.test(address) && LOOPBACK_HOST.test(host) && (origin === undefined || origin === url);
}

export const isAdmin = (request: SimRequest): boolean => request.path.startsWith("/simulator/");

/** `/simulator/<noun>`: what a test or a person changes while an instance runs in another process. Loopback only. */
export function administer(world: World, request: SimRequest, address: string): Answer {
  if (!fromHere(request, address, world.url)) return accessError(403, "Only from this machine");
  const verb = VERBS[`${request.method} ${request.path.slice("/simulator/".length)}`];
  if (verb === undefined) return html(404, "no such verb\n");
  const fields = fieldsOf(request);
  if (fields === undefined) return accessError(400, "The body is not a JSON object");
  try {
    return json(200, verb(world, fields) ?? {});
  } catch (error) {
    return accessError(400, error instanceof DotvaultError ? error.message : "That could not be done");
  }
}
