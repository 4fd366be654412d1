import { inLanes } from "../../lanes.ts";
import { nameSegments, type Seen, StoreFailure } from "../store-port.ts";
import type { VaultAnswer } from "./answer.ts";
import type { VaultClient, VaultRequest } from "./client.ts";
import { failureOf } from "./denial.ts";
import { asDocument, dataOf, newestSeen, seen, versionFacts } from "./documents.ts";
import { type Asked, fromAnswer, isAbsent, oddAnswer, serverTimeOf } from "./failures.ts";
import type { KvEndpoint, KvPaths } from "./paths.ts";

export interface Look {
  at(names: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, Seen>>;
  /** The names by what one request shows together, the way that is thought to work here. */
  groups(names: readonly string[]): readonly (readonly string[])[];
}

/** One way to see versions: calls `show` for every name that it finds. Throws {@link NotOffered}. */
type Way = (names: readonly string[], show: Show, ask: Ask) => Promise<void>;
type Show = (name: string, seen: Seen) => void;
/** Undefined when there is nothing. */
type Ask = (
  endpoint: KvEndpoint,
  segments: readonly string[],
  request: Pick<VaultRequest, "method" | "maxBytes">,
) => Promise<Told | undefined>;

interface Told {
  readonly answer: VaultAnswer;
  readonly asked: Asked;
}

/** This server, or this token's policy, does not offer the way; a dearer one may do. */
class NotOffered extends Error {
  /** What to say when no other way does. */
  readonly failure: () => StoreFailure | Promise<StoreFailure>;
  constructor(failure: () => StoreFailure | Promise<StoreFailure>) {
    super("not offered");
    this.failure = failure;
  }
}

const LANES = 4;
/** A listing holds all of a folder's documents with all their versions: a thousand with ten versions each are about 2 MB. */
const LISTING_BYTES = 8 * 1024 * 1024;

/**
 * The cheapest way to see versions that works here: one listing for all names of a folder (OpenBao), the metadata of each
 * name, or at last the documents themselves, which any policy allows that dotvault can work with. What worked is
 * remembered as long as the process lives.
 */
export function createLook(client: VaultClient, paths: KvPaths): Look {
  let ways: readonly Way[] = [byListing, byMetadata, byDocument];
  const at: Look["at"] = async (names, signal) => {
    names.forEach(nameSegments);
    const ask = asker(client, paths, signal);
    let refusal: NotOffered | undefined;
    for (const way of names.length === 0 ? [] : ways) {
      const shown = new Map<string, Seen>();
      try {
        await way(names, (name, what) => shown.set(name, what), ask);
        ways = ways.slice(ways.indexOf(way));
        return shown;
      } catch (error) {
        if (!(error instanceof NotOffered)) throw error;
        refusal = error;
      }
    }
    if (refusal) throw await refusal.failure();
    return new Map();
  };
  const groups: Look["groups"] = (names) =>
    ways[0] === byListing ? [...byFolder(names).values()] : names.map((name) => [name]);
  return { at, groups };
}

function byFolder(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(names, (name) => name.slice(0, name.lastIndexOf("/") + 1));
}

const byListing: Way = async (names, show, ask) => {
  await inLanes(LANES, [...byFolder(names)], async ([folder, members]) => {
    const segments = folder.split("/").slice(0, -1);
    const told = await ask("detailed-metadata", segments, { method: "LIST", maxBytes: LISTING_BYTES });
    if (!told) return;
    const entries = asDocument(dataOf(told.answer.body).key_info);
    if (!entries) throw new NotOffered(() => oddAnswer(told.answer, told.asked));
    for (const name of members) {
      const leaf = name.slice(folder.length);
      if (Object.hasOwn(entries, leaf)) showNewest(name, entries[leaf], told, show);
    }
  });
};

const byMetadata: Way = async (names, show, ask) => {
  await inLanes(LANES, names, async (name) => {
    const told = await ask("metadata", nameSegments(name), { method: "GET" });
    if (told) showNewest(name, dataOf(told.answer.body), told, show);
  });
};

const byDocument: Way = async (names, show, ask) => {
  await inLanes(LANES, names, async (name) => {
    const told = await ask("data", nameSegments(name), { method: "GET" });
    if (!told) return;
    const facts = versionFacts(dataOf(told.answer.body).metadata);
    if (!facts) throw oddAnswer(told.answer, told.asked);
    show(name, seen(facts, serverTimeOf(told.answer, told.asked)));
  });
};

function showNewest(name: string, entry: unknown, { answer, asked }: Told, show: Show): void {
  const newest = newestSeen(entry, serverTimeOf(answer, asked));
  if (newest === undefined) throw oddAnswer(answer, asked);
  if (newest !== "none") show(name, newest);
}

function asker(client: VaultClient, paths: KvPaths, signal?: AbortSignal): Ask {
  return async (endpoint, segments, request) => {
    const path = paths.of(endpoint, segments);
    const asked: Asked = { capability: request.method === "LIST" ? "list" : "read", path: path.policy };
    const answer = await client.call({ ...request, path: path.request, signal }).catch(elsewhereOrThrow);
    if (isAbsent(answer)) return undefined;
    const deletedDocument = answer.status === 404 && versionFacts(dataOf(answer.body).metadata) !== undefined;
    if (answer.status === 200 || deletedDocument) return { answer, asked };
    if (answer.status === 403) throw new NotOffered(() => failureOf(client, answer, asked, signal));
    return elsewhereOrThrow(fromAnswer(answer, asked));
  };
}

/** What the other ways would meet alike is thrown as it is. */
function elsewhereOrThrow(error: unknown): never {
  const elsewhere =
    error instanceof StoreFailure && ["store.refused", "store.no-mount", "store.odd-answer"].includes(error.class);
  throw elsewhere ? new NotOffered(() => error) : error;
}
