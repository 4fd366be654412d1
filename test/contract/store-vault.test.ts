import { after, before } from "node:test";
import { createHttp } from "../../src/adapters/http/create.ts";
import type { Http } from "../../src/adapters/http/port.ts";
import { createVaultStore } from "../../src/adapters/vault/store.ts";
import { mountKv, type OpenBao, startOpenBao } from "../support/openbao.ts";
import { secretStoreContract } from "./secret-store.ts";

/** Not there yet when a name filter leaves no test to wait for it. */
let bao: OpenBao;
const https: Http[] = [];

before(async () => {
  bao = await startOpenBao();
  await mountKv(bao, "kv");
  await mountKv(bao, "strict", { casRequired: true });
});

after(async () => {
  await Promise.all(https.map((http) => http.close()));
  await bao?.stop();
});

function another(kvMount: string) {
  const http = createHttp();
  https.push(http);
  const token = async () => bao.token;
  return createVaultStore({ address: bao.address, kvMount, userPrefix: "users/", user: "alice", token, http });
}

secretStoreContract("vault (OpenBao)", () => ({ another: () => another("kv"), keepsSpelling: false }));
secretStoreContract("vault, a mount that requires check-and-set", () => ({
  another: () => another("strict"),
  keepsSpelling: false,
}));
