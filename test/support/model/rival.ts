import type { Fields } from "../../../src/adapters/engines/port.ts";
import { judgeLease, type Lease, parseLease } from "../../../src/machines/lease.ts";
import type { ModelJfrog } from "./jfrog.ts";
import type { ModelStore } from "./store.ts";

/** Another machine of the same user, and whoever else can write to the store. Each act is over at once. */
export class Rival {
  readonly #store: ModelStore;
  readonly #jfrog: ModelJfrog;
  readonly #name: string;
  #late: { readonly fields: Fields; readonly cas: number } | null = null;

  constructor(store: ModelStore, jfrog: ModelJfrog, name: string) {
    this.#store = store;
    this.#jfrog = jfrog;
    this.#name = name;
  }

  /** Takes the lease if it may. */
  claim(): boolean {
    return this.#lease({ phase: "claimed", digest: null });
  }

  /** A whole rotation. */
  rotate(): void {
    if (!this.present()) return;
    this.bring();
    this.#lease({ phase: "released", digest: null });
  }

  /** Presents the stored pair and goes away with the answer. */
  present(): boolean {
    const found = this.#store.readNow(this.#name);
    if (found.state === "absent" || !this.claim()) return false;
    const pair = found.fields as Fields;
    this.#lease({ phase: "presented", digest: this.#jfrog.describe(pair).digest });
    const result = this.#jfrog.refresh(pair, "rival");
    if (result.kind === "issued") this.#late = { fields: result.fields, cas: found.version };
    return result.kind === "issued";
  }

  /** Comes back with what it has, if nobody has written since. */
  bring(): void {
    const late = this.#late;
    this.#late = null;
    const { version } = this.#store.readNow(this.#name);
    if (late && version === late.cas) this.#store.writeNow(this.#name, late.fields, version);
  }

  /** Its person signs in there. */
  enrol(): void {
    this.#write(this.#jfrog.issue("rival", "rival"));
  }

  /** Somebody deletes the secret by hand. */
  delete(): void {
    this.#store.deleteNow(this.#name, this.#store.readNow(this.#name).version);
  }

  /** Somebody puts an old version back. */
  restore(back: number): void {
    const versions = this.#store.versions(this.#name);
    const old = versions[versions.length - 1 - (back % Math.max(1, versions.length))];
    if (old) this.#write(old.fields as Fields);
  }

  /** Somebody edits a field that is not ours. */
  edit(): void {
    const found = this.#store.readNow(this.#name);
    if (found.state === "present") this.#write({ ...(found.fields as Fields), note: `edited after ${found.version}` });
  }

  #write(fields: Fields): void {
    this.#store.writeNow(this.#name, fields, this.#store.readNow(this.#name).version);
  }

  #lease(content: Pick<Lease, "phase" | "digest">): boolean {
    const name = `.dotvault/${this.#name}`;
    const found = this.#store.readNow(name);
    const before = found.state === "present" ? parseLease(found.fields) : null;
    const writtenAt = found.state === "present" ? found.createdAt : 0;
    const verdict = judgeLease(before, "rival", found.serverTime, writtenAt);
    if (verdict.kind === "held") return false;
    const lease: Lease = { holder: "rival", machine: "rival", doubt: verdict.doubt, ...content };
    this.#store.writeNow(name, { ...lease }, found.version);
    return true;
  }
}
