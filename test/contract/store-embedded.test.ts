import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { createEmbeddedStore } from "../../src/adapters/embedded/store.ts";
import type { SecretStore } from "../../src/adapters/store-port.ts";
import { generateKey } from "../../src/seal/key.ts";
import { secretStoreContract } from "./secret-store.ts";

const directory = mkdtempSync(join(tmpdir(), "dotvault-embedded-"));
const key = generateKey();
const stores: SecretStore[] = [];
let now = 1_764_000_000_000;

after(async () => {
  await Promise.all(stores.map((store) => store.close()));
  rmSync(directory, { recursive: true });
});

secretStoreContract("embedded", () => ({
  another: () => {
    const store = createEmbeddedStore({ path: join(directory, "store", "secrets.db"), key, clock: () => now++ });
    stores.push(store);
    return store;
  },
  keepsSpelling: true,
}));
