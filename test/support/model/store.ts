import {
  type Document,
  type Found,
  type SecretStore,
  type Seen,
  StoreConflict,
  StoreFailure,
  type Written,
} from "../../../src/adapters/store-port.ts";
import type { Wire } from "./wire.ts";

interface Version {
  readonly fields: Document;
  readonly createdAt: number;
  deletedAt?: number;
}

/** KVv2's rules in memory: versions, check-and-set, soft deletion. Other machines use the `*Now` methods. */
export class ModelStore implements SecretStore {
  readonly kind = "vault";
  readonly place = "model";
  readonly shared = true;
  readonly #documents = new Map<string, Version[]>();
  readonly #wire: Wire;
  readonly #clock: () => number;
  readonly #onDelete: (name: string, version: number) => void;

  constructor(wire: Wire, clock: () => number, onDelete: (name: string, version: number) => void) {
    this.#wire = wire;
    this.#clock = clock;
    this.#onDelete = onDelete;
  }

  read(name: string): Promise<Found> {
    return this.#wire.call(`store.read ${name}`, () => this.readNow(name), fail);
  }
  write(name: string, fields: Document, cas: number): Promise<Written> {
    return this.#wire.call(`store.write ${name}`, () => this.writeNow(name, fields, cas), fail);
  }
  softDelete(name: string, version: number): Promise<void> {
    const effect = () => {
      if (this.readNow(name).version === version) this.#onDelete(name, version);
      this.deleteNow(name, version);
    };
    return this.#wire.call(`store.delete ${name}`, effect, fail);
  }
  look(names: readonly string[]): Promise<ReadonlyMap<string, Seen>> {
    const effect = () => new Map(names.flatMap((name) => this.#seen(name)));
    return this.#wire.call("store.look", effect, fail);
  }
  lookGroups(names: readonly string[]): readonly (readonly string[])[] {
    return [names];
  }
  async close(): Promise<void> {}

  readNow(name: string): Found {
    const versions = this.versions(name);
    const newest = versions.at(-1);
    const serverTime = this.#clock();
    if (!newest) return { state: "absent", version: 0, serverTime };
    const { fields, createdAt, deletedAt } = newest;
    const version = versions.length;
    if (deletedAt !== undefined) return { state: "absent", version, deletedAt, serverTime };
    return { state: "present", version, createdAt, fields, serverTime };
  }

  writeNow(name: string, fields: Document, cas: number): Written {
    const versions = this.#documents.get(name) ?? [];
    if (versions.length !== cas) throw new StoreConflict(name);
    const createdAt = this.#clock();
    this.#documents.set(name, [...versions, { fields: JSON.parse(JSON.stringify(fields)), createdAt }]);
    return { version: cas + 1, createdAt, serverTime: createdAt };
  }

  deleteNow(name: string, version: number): void {
    const found = this.versions(name)[version - 1];
    if (found) found.deletedAt ??= this.#clock();
  }

  versions(name: string): readonly Version[] {
    return this.#documents.get(name) ?? [];
  }

  #seen(name: string): [string, Seen][] {
    const versions = this.versions(name);
    const newest = versions.at(-1);
    if (!newest) return [];
    const { createdAt, deletedAt } = newest;
    return [[name, { version: versions.length, createdAt, deleted: deletedAt !== undefined }]];
  }
}

function fail(sent: "no" | "maybe"): never {
  throw new StoreFailure("store.unreachable", "the model's store is away", { sent });
}
