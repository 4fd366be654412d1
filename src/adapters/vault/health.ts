import { StoreFailure } from "../store-port.ts";
import type { VaultClient } from "./client.ts";
import { asDocument } from "./documents.ts";
import { fromAnswer } from "./failures.ts";

/**
 * Whether a login would be heard: nothing that may be used up is shown to a server that can't answer. Throws
 * {@link StoreFailure}. https://openbao.org/api-docs/system/health/
 */
export async function requireReady(client: VaultClient, signal?: AbortSignal): Promise<void> {
  const path = "sys/health?standbyok=true&perfstandbyok=true";
  const answer = await client.call({ method: "GET", path, token: false, signal });
  if (asDocument(answer.body)?.sealed === true) {
    throw new StoreFailure("store.sealed", "vault is sealed", {
      hint: "someone with the unseal keys has to unseal it",
    });
  }
  // A namespace may answer 404: it is there, all the same.
  if (answer.status >= 500 || answer.status === 429)
    throw fromAnswer(answer, { capability: "read", path: "sys/health" });
}
