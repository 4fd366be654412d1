import type { EmbeddedStore } from "../adapters/embedded/store.ts";
import { type Document, type SecretStore, StoreConflict } from "../adapters/store-port.ts";

/** What became of one secret. `differs`: the other store holds another one by that name, and both stay. */
export type Moved = { readonly name: string; readonly outcome: "moved" | "was-there" | "differs" };

/**
 * Moves secrets from this machine's store to another: each is copied, read back, compared, and only then removed for good
 * where it was.
 * Killed anywhere, it is repeated: what was copied is found equal and removed. Throws StoreFailure; what came before it
 * is told through `onMoved`.
 */
export async function moveSecrets(
  from: EmbeddedStore,
  to: SecretStore,
  names: readonly string[],
  onMoved: (moved: Moved) => void,
): Promise<void> {
  for (const name of names) {
    const outcome = await moveOne(from, to, name);
    if (outcome !== undefined) onMoved({ name, outcome });
  }
}

async function moveOne(from: EmbeddedStore, to: SecretStore, name: string): Promise<Moved["outcome"] | undefined> {
  const own = await from.read(name);
  if (own.state === "absent") return undefined;
  const there = await to.read(name);
  if (there.state === "absent") await copy(to, name, own.fields, there.version);
  const copied = await to.read(name);
  if (copied.state === "absent" || !same(copied.fields, own.fields)) return "differs";
  await from.purge(name, own.version);
  return there.state === "absent" ? "moved" : "was-there";
}

/** Somebody who writes in between keeps what he wrote: it is compared like any other. */
async function copy(to: SecretStore, name: string, fields: Document, cas: number): Promise<void> {
  try {
    await to.write(name, fields, cas);
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
  }
}

/** Equal to a program that reads them: the order of the fields does not count. */
function same(one: Document, other: Document): boolean {
  const sorted = (document: Document) =>
    JSON.stringify(Object.entries(document).sort(([a], [b]) => Number(a > b) - Number(a < b)));
  return sorted(one) === sorted(other);
}
