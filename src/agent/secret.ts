import { hash } from "node:crypto";
import type { Engine, Fields, PairFacts } from "../adapters/engines/port.ts";
import type { Document, Found } from "../adapters/store-port.ts";
import type { Facts } from "../machines/enrolment/context.ts";
import type { StoreFacts } from "../machines/enrolment/events.ts";
import type { World } from "./ports.ts";

/**
 * What the machine learns of a stored document: facts, never bytes.
 *
 * @param skew the issuer's clock minus ours, as last seen: a store that nobody shares has no clock but ours, and must not
 * overrule it
 */
export function storeFacts(world: World, engine: Engine, found: Found, skew: number): StoreFacts {
  const facts = found.state === "present" ? engine.describe(found.fields) : null;
  return {
    found: facts && plain(facts),
    version: found.version,
    createdAt: found.state === "present" ? found.createdAt : (found.deletedAt ?? 0),
    serverTime: world.store.shared ? found.serverTime : found.serverTime + skew,
    spread: spreadOf(world.machine.id, facts?.tokenId ?? facts?.digest ?? ""),
  };
}

/** Facts as JSON: no key with an undefined value. */
export function plain(facts: PairFacts): Facts {
  return JSON.parse(JSON.stringify(facts)) as Facts;
}

/** In [0, 1), the same for the same machine and token: spreads a fleet's rotations over a twentieth of the lifetime. */
export function spreadOf(machineId: string, tokenId: string): number {
  return Number.parseInt(hash("sha256", `${machineId} ${tokenId}`, "hex").slice(0, 8), 16) / 2 ** 32;
}

/** The engine's own fields of a document, as text. */
export function ownFields(engine: Engine, document: Document): Fields {
  const own: Record<string, string> = {};
  for (const name of engine.ownedFields) {
    const value = Object.hasOwn(document, name) ? document[name] : undefined;
    if (typeof value === "string") own[name] = value;
  }
  return own;
}

/** A document with our fields in place of its old ones; everything else in it stays. */
export function mergeFields(engine: Engine, document: Document, fields: Fields): Document {
  const foreign = Object.entries(document).filter(([name]) => !engine.ownedFields.includes(name));
  return Object.fromEntries([...foreign, ...Object.entries(fields)]);
}
