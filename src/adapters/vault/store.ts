import type { Http } from "../http/port.ts";
import {
  type Document,
  type Found,
  nameSegments,
  type SecretStore,
  StoreConflict,
  StoreFailure,
  type Written,
} from "../store-port.ts";
import { createVaultClient, type VaultClient } from "./client.ts";
import { failureOf } from "./denial.ts";
import { asDocument, dataOf, versionFacts } from "./documents.ts";
import { type Asked, isAbsent, oddAnswer, serverTimeOf, serverWords } from "./failures.ts";
import { createLook } from "./look.ts";
import { type KvPath, type KvPaths, kvPaths } from "./paths.ts";
import type { Session } from "./session.ts";

export interface VaultStoreOptions {
  /** `https://vault.example.com:8200` */
  readonly address: string;
  readonly namespace?: string | undefined;
  /** Name of the KV version 2 mount, say `kv`. */
  readonly kvMount: string;
  /** Folder of all users, say `users/`. */
  readonly userPrefix: string;
  /** The operating system's name of the user. */
  readonly user: string;
  /** Asked before every request. */
  readonly token: () => Promise<string | undefined>;
  /** Whose tokens these are, when there may be another one after a dead one. */
  readonly session?: Pick<Session, "turn" | "died"> | undefined;
  /** Carries CA, proxy and timeouts. Not closed by the store. */
  readonly http: Http;
}

/**
 * Secrets in HashiCorp Vault or OpenBao, KV version 2, check-and-set on every write. It never retries, but for a request
 * that was refused because its token is dead, once, with the session's next one.
 */
export function createVaultStore(options: VaultStoreOptions): SecretStore {
  const client = createVaultClient(options);
  const paths = kvPaths(options.kvMount, options.userPrefix, options.user);
  const look = createLook(client, paths);
  const live = <T>(work: () => Promise<T>) => withLiveToken(options.session, work);
  return {
    kind: "vault",
    place: `${options.address.replace(/\/+$/, "")} (${paths.home})`,
    shared: true,
    read: (name, signal) => live(() => read(client, paths.of("data", nameSegments(name)), signal)),
    readShared: (path, signal) => live(() => read(client, paths.shared(path.split("/")), signal)),
    write: (name, fields, cas, signal) => live(() => write(client, paths, { name, fields, cas }, signal)),
    softDelete: (name, version, signal) => live(() => softDelete(client, paths, { name, version }, signal)),
    look: (names, signal) => live(() => look.at(names, signal)),
    lookGroups: look.groups,
    close: async () => {},
  };
}

/**
 * A dead token has had no effect: the same request may be made again. Neither has one that was denied; and when the session
 * went on to another token meanwhile, it was that one that was found to be alive.
 */
async function withLiveToken<T>(session: VaultStoreOptions["session"], work: () => Promise<T>): Promise<T> {
  const turn = Math.max(session?.turn ?? 0, 1);
  try {
    return await work();
  } catch (error) {
    if (session === undefined || !(error instanceof StoreFailure)) throw error;
    const dead = error.class === "store.token" || (error.class === "store.denied" && session.turn > turn);
    if (!dead || !session.died(turn)) throw error;
    return work();
  }
}

async function read(client: VaultClient, path: KvPath, signal?: AbortSignal): Promise<Found> {
  const asked: Asked = { capability: "read", path: path.policy };
  const answer = await client.call({ method: "GET", path: path.request, signal });
  if (isAbsent(answer)) return { state: "absent", version: 0, serverTime: serverTimeOf(answer, asked) };

  const { data, metadata } = dataOf(answer.body);
  const facts = versionFacts(metadata);
  if (answer.status === 404 && facts) {
    const { version, deletedAt } = facts;
    const serverTime = serverTimeOf(answer, asked);
    return { state: "absent", version, serverTime, ...(deletedAt !== undefined && { deletedAt }) };
  }
  if (answer.status !== 200) throw await failureOf(client, answer, asked, signal);
  const fields = asDocument(data);
  if (!facts || !fields) throw oddAnswer(answer, asked);
  const { version, createdAt } = facts;
  return { state: "present", version, createdAt, fields, serverTime: serverTimeOf(answer, asked) };
}

async function write(
  client: VaultClient,
  paths: KvPaths,
  { name, fields, cas }: { name: string; fields: Document; cas: number },
  signal?: AbortSignal,
): Promise<Written> {
  const path = paths.of("data", nameSegments(name));
  const asked: Asked = { capability: cas === 0 ? "create" : "update", path: path.policy };
  const json = { data: fields, options: { cas } };
  const answer = await client.call({ method: "POST", path: path.request, json, signal });
  if (answer.status === 400 && /check-and-set parameter did not match/i.test(serverWords(answer))) {
    throw new StoreConflict(name);
  }
  if (answer.status >= 300) throw await failureOf(client, answer, asked, signal);
  const facts = versionFacts(dataOf(answer.body));
  if (!facts) throw oddAnswer(answer, asked);
  return { version: facts.version, createdAt: facts.createdAt, serverTime: serverTimeOf(answer, asked) };
}

async function softDelete(
  client: VaultClient,
  paths: KvPaths,
  { name, version }: { name: string; version: number },
  signal?: AbortSignal,
): Promise<void> {
  const path = paths.of("delete", nameSegments(name));
  const asked: Asked = { capability: "update", path: path.policy };
  const json = { versions: [version] };
  const answer = await client.call({ method: "POST", path: path.request, json, signal });
  if (answer.status >= 300 && !isAbsent(answer)) throw await failureOf(client, answer, asked, signal);
}
